import Autodiff
import Autoencoders
import Checkpoints
import Images
import Kernels
import TensorCore
import Testing
import TestSupport
import Training
import TrainingRuns

/// Whole training gives the same weights and statistics on any number of threads, on every instruction set of this
/// machine, and through any stops.
@Suite(.serialized) struct TrainingBitsTests {
    /// What is left after some steps without a store.
    static func remains(
        _ kind: AutoencoderKind, _ folder: PictureFolder, steps: Int, threads: Int, _ set: InstructionSet,
        _ change: (inout AutoencoderOptions) -> Void = { _ in }
    ) throws -> String {
        let context = ComputeContext(threads: threads, instructionSet: set)
        let pictures = try prepared(folder, in: context), plan = try smallPlan(pictures, kind, steps: steps, change)
        let task = AutoencoderTask(plan, pictures: pictures, in: context)
        var optimizer = plan.optimizer.makeOptimizer(), last = Double.nan
        for step in 0..<steps {
            let found = try task.gradients(step: step)
            optimizer.update(
                task.parameters, along: found.tensors, rate: Float(plan.learningRateSchedule.rate(at: step)),
                scale: found.clip.scale, in: context)
            task.advance()
            last = found.loss
        }
        #expect(last.isFinite)
        let loss = try task.validationLoss { false }
        var buffers = task.companions[.buffer] ?? NamedTensors()
        // The components are fitted before, and compared with them.
        #expect(buffers.names.contains { $0.hasPrefix("baseline.") })
        for parameter in task.parameters { buffers[parameter.name] = parameter.value }
        return "\(weightsSHA256(of: buffers)) \(loss)"
    }

    @Test(arguments: everyKind) func threadsAndInstructionSets(_ kind: AutoencoderKind) throws {
        let folder = try PictureFolder(spots: 60, width: 11, height: 14)
        let change: (inout AutoencoderOptions) -> Void = {
            $0.augmentation = Augmentation(shift: 2, flipsHorizontally: true, brightness: 0.1)
            // More than one block of lanes, the second one not full.
            $0.batch = 21
        }
        let best = InstructionSet.available[0]
        let expected = try Self.remains(kind, folder, steps: 50, threads: 1, best, change)
        for threads in [2, 3] {
            let other = try Self.remains(kind, folder, steps: 50, threads: threads, best, change)
            #expect(other == expected, "\(threads) threads")
        }
        for set in InstructionSet.available.dropFirst() where set != .portable {
            #expect(try Self.remains(kind, folder, steps: 50, threads: 1, set, change) == expected, "\(set.rawValue)")
        }
        let short = try Self.remains(kind, folder, steps: 3, threads: 1, best, change)
        #expect(short != expected)
        #expect(try Self.remains(kind, folder, steps: 3, threads: 2, .portable, change) == short, "portable")
    }

    @Test func theBookOnThreads() throws {
        let folder = try PictureFolder(spots: 30, width: 9, height: 7)
        let hashes = try [1, 2, 3].map { threads in
            try Self.remains(.plain, folder, steps: 20, threads: threads, InstructionSet.available[0]) {
                ($0.architecture, $0.channels, $0.hidden) = (.book, nil, nil)
            }
        }
        #expect(Set(hashes).count == 1)
    }

    static let stops: [[Int]] = [[20], [7, 16, 23], [1, 2, 39]]

    @Test(arguments: everyKind) func stoppedRunsLeaveTheSame(_ kind: AutoencoderKind) throws {
        let folder = try PictureFolder(spots: 50), store = try folder.store()
        let pictures = try prepared(folder, in: ComputeContext(threads: 1))
        let plan = try smallPlan(pictures, kind) {
            $0.augmentation = Augmentation(shift: 1, flipsHorizontally: true)
        }
        let whole = try RunRemains(train(plan, on: pictures, in: store).run.id, in: store)
        #expect(whole.step == 40)
        #expect(whole.metrics.filter { $0.hasPrefix("validation_loss") }.count == 40 / plan.evaluateEvery)
        for stops in Self.stops {
            let run = try train(plan, on: pictures, in: store, stops: stops).run
            #expect(try RunRemains(run.id, in: store) == whole, "stopped at \(stops)")
        }
        let run = try train(plan, on: pictures, in: store, inValidation: 16).run
        #expect(try RunRemains(run.id, in: store) == whole, "stopped in a validation")
    }

    /// A plateau lowers the rate and patience ends a run that no longer gets better; both must repeat.
    @Test func schedulesThatLookAtLosses() throws {
        let folder = try PictureFolder(spots: 50), store = try folder.store()
        let pictures = try prepared(folder, in: ComputeContext(threads: 1))
        let plan = try smallPlan(pictures, .variational(freeNats: 0), steps: 200) {
            ($0.schedule, $0.learningRate, $0.evaluateEvery) = (.plateau, 0.5, 2)
            ($0.optimizer, $0.patience) = (.adam, .evaluations(6))
        }
        let (run, result, _) = try train(plan, on: pictures, in: store), whole = try RunRemains(run.id, in: store)
        #expect(result.endedEarly && result.steps < 200 && result.bestStep < result.steps)
        let fraction = try #require(whole.state.firstMatch(of: /"fraction":([0-9.e-]+)/)?.1)
        #expect(try #require(Double(fraction)) < 1, "\(whole.state)")
        // The last of these between an evaluation that was no better and the one that ends the run.
        for stops in [[9], [result.bestStep + 1, result.steps - 1]] {
            let again = try train(plan, on: pictures, in: store, stops: stops).run
            #expect(try RunRemains(again.id, in: store) == whole, "stopped at \(stops)")
        }
    }

    /// A warm-up toward a rate that single precision cannot hold: the run goes back, with half of it, until it does.
    @Test func goingBackRepeats() throws {
        let folder = try PictureFolder(spots: 50), store = try folder.store()
        let pictures = try prepared(folder, in: ComputeContext(threads: 1))
        var plan = try smallPlan(pictures, steps: 14) {
            ($0.optimizer, $0.weightDecay) = (.sgd, 0)
            ($0.warmUp, $0.schedule, $0.evaluateEvery) = (9, .constant, 3)
        }
        // As options these are refused; plans of older stores may have them.
        (plan.learningRate, plan.clipNorm) = (1e39, 1e-38)
        let run = try train(plan, on: pictures, in: store).run, whole = try RunRemains(run.id, in: store)
        #expect(try store.events(of: run.id).contains { $0.kind == "rolled_back" })
        for stops in [[5], [2, 7], [4, 6, 10]] {
            let again = try train(plan, on: pictures, in: store, stops: stops).run
            #expect(try RunRemains(again.id, in: store) == whole, "stopped at \(stops)")
        }
    }

    /// Pictures that do not fit into memory are read again in every pass, ahead on other threads.
    @Test func picturesReadAgainMakeTheSameRun() throws {
        let folder = try PictureFolder(spots: 50), store = try folder.store(), context = ComputeContext(threads: 1)
        var loading = LoadingOptions()
        loading.memory = 0
        let kept = try prepared(folder, in: context), read = try prepared(folder, in: context) { $0.loading = loading }
        #expect(kept.training is CachedPictures && read.training is StreamedPictures)
        #expect(kept.memory == 50 * 144 && read.memory == 0)
        let plan = try smallPlan(kept)
        let whole = try RunRemains(train(plan, on: kept, in: store).run.id, in: store)
        for stops in [[], [16, 27]] {
            let run = try train(plan, on: read, in: store, stops: stops, loading: loading).run
            #expect(try RunRemains(run.id, in: store) == whole, "stopped at \(stops)")
        }
    }

    /// That one of those cannot be read is found out when it is its turn: batches are smaller then.
    @Test func unreadablePicturesAmongThem() throws {
        let folder = try PictureFolder(spots: 40), store = try folder.store(), context = ComputeContext(threads: 1)
        let bytes = try PNG.encode(PictureFolder.spot(9, width: 12, height: 12, channels: 1))
        for number in 0..<3 { try folder.write(Array(bytes.dropLast(30)), to: "0005-\(number).png") }
        var loading = LoadingOptions()
        loading.memory = 0
        let pictures = try prepared(folder, in: context) { $0.loading = loading }
        #expect(pictures.record.trainingCount + pictures.record.validationCount == 43)
        let plan = try smallPlan(pictures)
        let whole = try RunRemains(train(plan, on: pictures, in: store, loading: loading).run.id, in: store)
        let run = try train(plan, on: pictures, in: store, stops: [13, 30], loading: loading).run
        #expect(try RunRemains(run.id, in: store) == whole)
    }
}
