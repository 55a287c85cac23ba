import Autodiff
import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training
import TrainingRuns

/// What happens when the loss is no number any more.
@Suite struct RollBackTests {
    /// A warm-up toward a rate that single precision cannot hold: it becomes infinite after three steps, halved after
    /// six, and a quarter of it never does. Gradients are clipped to almost nothing, so that finite rates do little.
    static func exploding(
        _ corpus: PreparedCorpus, _ change: (inout LanguageModelOptions) -> Void
    ) throws -> LanguageModelPlan {
        var plan = try smallPlan(corpus) {
            ($0.optimizer, $0.warmUp, $0.schedule, $0.steps) = (.sgd, 9, .constant, 14)
            change(&$0)
        }
        // As options these are refused; plans of older stores may have them.
        (plan.learningRate, plan.clipNorm) = (1e39, 1e-38)
        return plan
    }

    static func isFinite(_ tensors: NamedTensors?) -> Bool {
        tensors?.allSatisfy { $0.tensor.values.allSatisfy(\.isFinite) } ?? false
    }

    /// Validation at the step where the weights are already infinite, and elsewhere.
    @Test(arguments: [2, 3, 4, 5, 100]) func goesBackWithALowerRate(evaluateEvery: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(1000), in: folder)
        let plan = try Self.exploding(corpus) { ($0.evaluateEvery, $0.sampleEvery) = (evaluateEvery, 1) }
        var rolledBack: [(step: Int, to: Int, fraction: Double)] = []
        let (run, result) = try train(plan, on: corpus, in: store) {
            if case .rolledBack(let step, let to, _, let fraction) = $0 { rolledBack.append((step, to, fraction)) }
        }
        #expect(rolledBack.map(\.fraction) == [0.5, 0.25])
        #expect(rolledBack.map(\.step) == [4, 7])
        #expect(rolledBack.allSatisfy { $0.to < $0.step && $0.to % evaluateEvery == 0 })
        #expect(result.steps == 14)
        #expect(result.score?.loss.isFinite == true)
        #expect(try store.events(of: run.id).filter { $0.kind == "rolled_back" }.count == 2)
        #expect(try !store.events(of: run.id).contains { $0.kind == "not_finite" })
        #expect(Self.isFinite(try store.loadCheckpoint(.latest, of: run.id).sections[.parameter]))
        #expect(Self.isFinite(try store.loadCheckpoint(.best, of: run.id).sections[.parameter]))
        // What was made again is there once.
        #expect(try store.samples(of: run.id).map(\.step) == Array(1...14))

        let whole = try Remains(run.id, in: store)
        for stops in [[Stop.after(5)], [.after(3), .after(4)], [.after(6), .after(9)]] {
            let again = try train(plan, on: corpus, in: store, stops: stops).run
            #expect(try Remains(again.id, in: store) == whole, "stopped \(stops)")
        }
    }

    @Test(arguments: [1, 3, 50]) func givesUpAndKeepsTheLastGoodState(evaluateEvery: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(1000), in: folder)
        var plan = try smallPlan(corpus, steps: 30) {
            ($0.optimizer, $0.schedule, $0.warmUp, $0.evaluateEvery) = (.adam, .constant, 0, evaluateEvery)
        }
        plan.learningRate = 1e60
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 2))
        var rolledBack = 0
        let error = thrown(RunError.self) {
            _ = try session.train(onEvent: { if case .rolledBack = $0 { rolledBack += 1 } })
        }
        guard case .diverged(_, _, let attempts) = error else { throw Unexpected("\(String(describing: error))") }
        #expect(rolledBack == 4 && attempts == 4)
        #expect(try store.run(session.run.id).status == .failed)
        let events = try store.events(of: session.run.id).map(\.kind)
        #expect(events.filter { $0 == "rolled_back" }.count == 4 && events.contains("diverged"))
        let stored = try store.loadCheckpoint(.latest, of: session.run.id)
        #expect(Self.isFinite(stored.sections[.parameter]))
        #expect(stored.step == 0)
        // The state of step 0 is kept nowhere: it is made again.
        let fresh = LanguageModel(plan.model, seed: plan.seed, in: ComputeContext(threads: 1))
        for parameter in fresh.parameters {
            #expect(
                stored.sections[.parameter]?[parameter.name]?.values == parameter.value.values, "\(parameter.name)")
        }
    }

    @Test func aRunWithoutHeldOutPartGoesBackToItsLastCheck() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        var options = LanguageModelOptions()
        options.heldOut = HeldOutPart(portion: .count(0))
        let corpus = try PreparedCorpus.of(sourceText(1000), in: folder, options: options)
        let plan = try Self.exploding(corpus) { $0.evaluateEvery = 3 }
        var targets: [Int] = []
        let (run, result) = try train(plan, on: corpus, in: store) {
            if case .rolledBack(_, let to, _, _) = $0 { targets.append(to) }
        }
        #expect(targets == [3, 6])
        #expect(result.score == nil)
        #expect(try store.metrics(named: "training_loss", of: run.id).map(\.step) == [3, 6, 9, 12, 14])
        #expect(try store.loadCheckpoint(.best, of: run.id).step == 14)
        let whole = try Remains(run.id, in: store)
        let again = try train(plan, on: corpus, in: store, stops: [.after(5), .after(12)]).run
        #expect(try Remains(again.id, in: store) == whole)
    }
}
