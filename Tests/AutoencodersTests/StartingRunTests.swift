import Autodiff
import Autoencoders
import Checkpoints
import Images
import TensorCore
import TestSupport
import Testing
import Training
import TrainingRuns

/// Runs that begin with the weights of another one.
@Suite struct StartingRunTests {
    private static func start(_ kind: AutoencoderKind) -> AutoencoderStart {
        AutoencoderStart(
            configuration: AutoencoderConfiguration(
                format: PictureFormat(width: 9, height: 7, channels: 1), code: 5, channels: [3], hidden: 11, kind: kind),
            point: StartingPoint(run: "first", step: 40, weightsSHA256: "ab"))
    }

    private static func plan(
        _ start: AutoencoderStart?, format: PictureFormat = PictureFormat(width: 9, height: 7, channels: 1),
        _ change: (inout AutoencoderOptions) -> Void = { _ in }
    ) throws -> AutoencoderPlan {
        var options = AutoencoderOptions()
        change(&options)
        let pictures = PictureSummary(format: format, training: 90, validation: 10)
        return try AutoencoderPlan.plan(for: pictures, options: options, startingFrom: start)
    }

    @Test func sizesComeFromTheRunAndTheRateIsAThird() throws {
        let format = PictureFormat(width: 9, height: 7, channels: 1, background: .black)
        let plan = try Self.plan(Self.start(.sparse(weight: 0.25)), format: format), fresh = try Self.plan(nil)
        #expect(plan.model.code == 5 && plan.model.channels == [3] && plan.model.hidden == 11)
        #expect(plan.model.kind == .sparse(weight: 0.25) && plan.model.format == format)
        #expect(abs(plan.learningRate - fresh.learningRate / 3) < 1e-12 && fresh.learningRate > 0)
        #expect(plan.startedFrom?.run == "first" && plan.startedFrom?.step == 40)
        #expect(try Self.plan(Self.start(.plain)) { $0.learningRate = 0.01 }.learningRate == 0.01)
        #expect(fresh.startedFrom == nil)
    }

    /// Noise is for the pictures of training; codes that are not negative, or drawn, are another computation.
    @Test func kindsThatComputeTheSameShareWeights() throws {
        let denoising = AutoencoderKind.denoising(noise: 0.2, masking: 0)
        #expect(try Self.plan(Self.start(.plain)) { $0.kindName = .denoising }.model.kind == denoising)
        #expect(try Self.plan(Self.start(denoising)) { $0.kindName = .plain }.model.kind == .plain)
        let nats = AutoencoderKind.variational(freeNats: 2)
        #expect(try Self.plan(Self.start(nats)) { $0.kindName = .variational }.model.kind == .variational(freeNats: 0))
        #expect(try Self.plan(Self.start(nats)).model.kind == nats)
        #expect(try Self.plan(Self.start(nats)).divergenceWarmUp != nil)
        for (old, new) in [
            (AutoencoderKind.plain, AutoencoderKind.Name.sparse), (.plain, .variational), (denoising, .sparse),
            (.sparse(weight: 1), .plain), (nats, .plain), (nats, .sparse),
        ] {
            #expect(throws: RunError.self, "\(old) \(new)") { try Self.plan(Self.start(old)) { $0.kindName = new } }
        }
    }

    /// What is said of a kind without naming it is said of that of the model; the rest stays as it was.
    @Test func numbersAreOfTheKindThatItStartsFrom() throws {
        let nats = Self.start(.variational(freeNats: 0.5)), noisy = Self.start(.denoising(noise: 0.4, masking: 0.1))
        #expect(try Self.plan(nats) { $0.freeNats = 2 }.model.kind == .variational(freeNats: 2))
        let warm = try Self.plan(nats) { $0.divergenceWarmUp = 7 }
        #expect(warm.divergenceWarmUp == 7 && warm.model.kind == .variational(freeNats: 0.5))
        #expect(try Self.plan(noisy) { $0.noise = 0.1 }.model.kind == .denoising(noise: 0.1, masking: 0.1))
        #expect(try Self.plan(noisy) { $0.masking = 0 }.model.kind == .denoising(noise: 0.4, masking: 0))
        for change in [{ $0.freeNats = 2 }, { $0.divergenceWarmUp = 7 }] as [(inout AutoencoderOptions) -> Void] {
            #expect(throws: RunError.self) { try Self.plan(Self.start(.plain), change) }
        }
    }

    /// The options that `show` prints give the same plan, from the same run.
    @Test func theOptionsThatAreShownRepeatTheRun() throws {
        let folder = try PictureFolder(spots: 100, width: 32, height: 32, channels: 3)
        let pictures = try prepared(folder, in: ComputeContext(threads: 1)) {
            ($0.size, $0.channels) = (PictureSize(width: 9, height: 7), 1)
        }.record
        let changes: [(inout AutoencoderOptions) -> Void] = [
            { _ in }, { ($0.kindName, $0.noise) = (.denoising, 0.3) }, { $0.learningRate = 0.004 },
            { ($0.steps, $0.batch) = (77, 9) },
        ]
        for kind in [AutoencoderKind.plain, .denoising(noise: 0.4, masking: 0.1)] {
            for change in changes {
                let plan = try Self.plan(Self.start(kind), change)
                let again = StoredPictureRun(plan: plan, pictures: pictures).repeatingOptions
                #expect(try Self.plan(Self.start(kind)) { $0 = again } == plan)
                #expect(
                    again.firstFixed(
                        by: StoredPictureRun(plan: plan, pictures: pictures),
                        where: AutoencoderOptionTable.isDecidedByWeights) == nil)
            }
        }
        let data = try CanonicalJSON.encode(Self.plan(Self.start(.plain)), what: "a plan")
        #expect(try CanonicalJSON.decode(AutoencoderPlan.self, from: data, what: "a plan").startedFrom?.run == "first")
    }

    /// Weights and running statistics are the other run's before the first step, also if that is interrupted.
    @Test(arguments: everyKind) func itBeginsWhereTheOtherEnded(_ kind: AutoencoderKind) throws {
        let folder = try PictureFolder(spots: 40, width: 11, height: 9), context = ComputeContext(threads: 1)
        let pictures = try prepared(folder, in: context), store = try folder.store()
        defer { try? store.close() }
        let first = try train(smallPlan(pictures, kind, steps: 30), on: pictures, in: store).run
        let saved = try SavedAutoencoder.load(.named(first.name), from: store, in: context)
        var options = AutoencoderOptions()
        (options.steps, options.evaluateEvery, options.batch) = (20, 5, 8)
        let plan = try AutoencoderPlan.plan(
            for: pictures.summary, options: options,
            startingFrom: AutoencoderStart(
                configuration: saved.plan.model,
                point: StartingPoint(run: first.name, step: saved.step, weightsSHA256: "")))
        func session(_ name: String) throws -> AutoencoderTraining {
            try AutoencoderTraining(
                plan: plan, pictures: pictures, store: store, name: name, startingFrom: saved.model, in: context)
        }
        let whole = try session("whole")
        #expect(weightsSHA256(of: whole.task.model.weights) == weightsSHA256(of: saved.model.weights))
        #expect(!saved.model.buffers.isEmpty)
        for (own, other) in zip(whole.task.model.buffers, saved.model.buffers) {
            #expect(own.value.values == other.value.values, "\(own.name)")
        }
        _ = try whole.train()
        // Stopped, it goes on with the bits of one that was not.
        var parts = try session("parts")
        parts.stopAfter = 7
        _ = try parts.train()
        parts = try AutoencoderTraining.resume(parts.run, store: store, in: ComputeContext(threads: 2))
        _ = try parts.train()
        let remains = try RunRemains(whole.run.id, in: store)
        #expect(try RunRemains(parts.run.id, in: store) == remains)
        #expect(remains.weights != weightsSHA256(of: saved.model.weights))
    }
}
