import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training
import TrainingRuns

/// A store whose content does not fit together is refused with an error that says so.
@Suite struct DamagedCheckpointTests {
    struct Damage: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// What the error says of it.
        let reason: String
        /// Whether the weights alone are beyond use.
        var isFatal = false
        let apply: @Sendable (inout Checkpoint) throws -> Void
    }

    static func edit(_ checkpoint: inout Checkpoint, _ change: (inout [String: Any]) throws -> Void) throws {
        var json = try #require(try JSONSerialization.jsonObject(with: checkpoint.state) as? [String: Any])
        try change(&json)
        checkpoint.state = try JSONSerialization.data(withJSONObject: json)
    }

    static func position(_ checkpoint: inout Checkpoint, _ change: (inout [String: Any]) -> Void) throws {
        try edit(&checkpoint) { json in
            var position = try #require(json["position"] as? [String: Any])
            change(&position)
            json["position"] = position
        }
    }

    static func without(_ name: String, _ tensors: NamedTensors?) -> NamedTensors {
        NamedTensors((tensors ?? NamedTensors()).filter { $0.name != name })
    }

    static let damages = [
        Damage(testDescription: "no weights", reason: "no tensor embedding.weight", isFatal: true) {
            $0.sections[.parameter] = nil
        },
        Damage(testDescription: "a weight is missing", reason: "no tensor head.bias", isFatal: true) {
            $0.sections[.parameter] = without("head.bias", $0.sections[.parameter])
        },
        Damage(testDescription: "a weight of another shape", reason: "head.bias has shape [3]", isFatal: true) {
            $0.sections[.parameter]?["head.bias"] = Tensor(zeros: [3])
        },
        Damage(testDescription: "an optimizer slot is missing", reason: "lacks the tensor head.bias/exp_avg;") {
            $0.sections[.optimizer] = without("head.bias/exp_avg", $0.sections[.optimizer])
        },
        Damage(testDescription: "no optimizer slots", reason: "lacks the tensor embedding.weight/exp_avg;") {
            $0.sections[.optimizer] = nil
        },
        Damage(testDescription: "no section of state", reason: "carried state h0 has shape none") {
            $0.sections[.state] = nil
        },
        Damage(testDescription: "a carried state is missing", reason: "carried state h0 has shape none") {
            $0.sections[.state] = without("h0", $0.sections[.state])
        },
        Damage(testDescription: "a carried cell is missing", reason: "carried state c0 has shape none") {
            $0.sections[.state] = without("c0", $0.sections[.state])
        },
        Damage(testDescription: "carried state of another shape", reason: "carried state h0 has shape [1, 2]") {
            $0.sections[.state]?["h0"] = Tensor(zeros: [1, 2])
        },
        Damage(
            testDescription: "the state to go back to lacks weights", reason: "the state to go back to has no head.bias"
        ) {
            $0.sections[.state] = without("rollback/parameter/head.bias", $0.sections[.state])
        },
        Damage(
            testDescription: "the state to go back to lacks slots", reason: "lacks the tensor head.bias/exp_avg;"
        ) {
            $0.sections[.state] = without("rollback/optimizer/head.bias/exp_avg", $0.sections[.state])
        },
        Damage(
            testDescription: "the state to go back to lacks carried state", reason: "carried state h0 has shape none"
        ) {
            $0.sections[.state] = without("rollback/state/h0", $0.sections[.state])
        },
        Damage(
            testDescription: "the state to go back to has a weight of another shape",
            reason: "the state to go back to has no head.bias of shape"
        ) {
            $0.sections[.state]?["rollback/parameter/head.bias"] = Tensor(zeros: [2])
        },
        Damage(testDescription: "another JSON", reason: "cannot be written or read as JSON") {
            $0.state = Data("{}".utf8)
        },
        Damage(testDescription: "a step below zero", reason: "it stands at step -1") {
            try position(&$0) { $0["step"] = -1 }
        },
        Damage(testDescription: "a cursor beyond the text", reason: "it stands at place") {
            try position(&$0) { $0["cursor"] = ["epoch": 0, "position": 1_000_000] }
        },
        Damage(testDescription: "a cursor below zero", reason: "it stands at place") {
            try position(&$0) { $0["cursor"] = ["epoch": 0, "position": -1] }
        },
        Damage(testDescription: "steps below zero", reason: "it has -5 steps") { try edit(&$0) { $0["steps"] = -5 } },
    ]

    /// A run that has a state to go back to, its last checkpoint spoiled.
    private func spoiledRun(_ store: CheckpointStore, in folder: TemporaryFolder, _ damage: Damage? = nil) throws {
        let corpus = try PreparedCorpus.of(sourceText(600), in: folder)
        let plan = try smallPlan(corpus, "lstm:6", steps: 12) { $0.evaluateEvery = 4 }
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        session.stopAfter = 6
        _ = try session.train()
        var checkpoint = try store.loadCheckpoint(.latest, of: session.run.id)
        #expect(checkpoint.sections[.state]?["rollback/parameter/head.bias"] != nil)
        let whole = checkpoint
        try damage?.apply(&checkpoint)
        #expect((checkpoint != whole) == (damage != nil))
        try store.save(checkpoint, in: session.run.id, isBest: false)
    }

    /// What the damages are damages of.
    @Test func withoutDamageItGoesOn() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        try spoiledRun(store, in: folder)
        _ = try SavedLanguageModel.load(.latest, checkpoint: .latest, from: store, in: context)
        let session = try LanguageModelTraining.resume(.latest, store: store, in: context)
        guard case .finished(let result) = try session.train() else { throw Unexpected("not finished") }
        #expect(result.steps == 12)
    }

    @Test(arguments: damages) func isRefused(_ damage: Damage) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        try spoiledRun(store, in: folder, damage)
        do {
            _ = try LanguageModelTraining.resume(.latest, store: store, in: context)
            Issue.record("it was accepted")
        } catch {
            #expect(error is RunError || error is StoreError || error is OptimizerStateError)
            #expect("\(error)".contains(damage.reason), "\(error)")
        }
        if damage.isFatal {
            let error = thrown(RunError.self) {
                _ = try SavedLanguageModel.load(.latest, checkpoint: .latest, from: store, in: context)
            }
            guard case .damagedCheckpoint(let reason) = error else { throw Unexpected("another error") }
            #expect(reason.contains(damage.reason))
        }
    }

    /// The configuration is JSON in the store, too.
    @Test func aConfigurationThatCannotBe() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        let corpus = try PreparedCorpus.of(sourceText(600), in: folder)
        let plan = try smallPlan(corpus, "lstm:6", steps: 12) { $0.clipValue = 1 }
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        session.stopAfter = 6
        _ = try session.train()
        let changes: [(inout LanguageModelPlan) -> Void] = [
            { $0.model.classes = 0 }, { $0.model.classes += 1 }, { $0.model.stack = [] },
            { $0.model.stack[0].hidden = 0 },
            { $0.model.stack[0].hidden = 1 << 50 }, { $0.model.embedding = -1 }, { $0.model.dropout = 1.5 },
            { $0.lanes = 0 }, { $0.lanes = 1_000_000 }, { $0.window = -2 }, { $0.learningRate = -1 },
            { $0.evaluateEvery = 0 }, { $0.stepsPerEpoch = 0 }, { $0.warmUp = -1 }, { $0.clipValue = -1 },
            { $0.patience = -1 }, { $0.sampleEvery = 0 }, { $0.saveEvery = 0 },
        ]
        for (index, change) in changes.enumerated() {
            var broken = plan
            change(&broken)
            try store.setConfiguration(broken, of: session.run.id)
            do {
                _ = try LanguageModelTraining.resume(.latest, store: store, in: context)
                Issue.record("change \(index) was accepted")
            } catch {
                #expect(error is RunError || error is StoreError, "change \(index): \(error)")
            }
        }
    }

    /// A configuration that could be, of a model that the tensors are not of: found before the model is built, for which
    /// this machine may have no memory.
    @Test func aConfigurationOfAnotherModel() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        let corpus = try PreparedCorpus.of(sourceText(600), in: folder)
        let plan = try smallPlan(corpus, "lstm:6", steps: 12) { $0.evaluateEvery = 4 }
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        session.stopAfter = 6
        _ = try session.train()
        let changes: [((inout LanguageModelPlan) -> Void, String)] = [
            ({ $0.model.stack[0].hidden = 65_536 }, "layers.0.cell.weight_ih_l0 has shape"),
            ({ $0.model.stack += [$0.model.stack[0]] }, "no tensor layers.1.cell.weight_ih_l0"),
            ({ $0.model.embedding = 65_536 }, "embedding.weight has shape"),
            ({ $0.model.stack[0].projection = 3 }, "no tensor layers.0.projection.weight"),
        ]
        for (change, message) in changes {
            var other = plan
            change(&other)
            try store.setConfiguration(other, of: session.run.id)
            for use in [
                { _ = try SavedLanguageModel.load(.latest, from: store, in: context) },
                { _ = try LanguageModelTraining.resume(.latest, store: store, in: context) },
            ] {
                guard case .damagedCheckpoint(let reason) = thrown(RunError.self, use) else {
                    throw Unexpected("not refused: \(message)")
                }
                #expect(reason.contains(message))
            }
        }
    }

    /// Parts that the run's text does not have: found before units are taken from them.
    @Test(arguments: 0..<3) func partsBeyondTheText(part: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        let corpus = try PreparedCorpus.of(sourceText(600), in: folder)
        let plan = try smallPlan(corpus, "lstm:6", steps: 4)
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        _ = try session.train()
        var record = corpus.record, parts = [record.split.training, record.split.validation, record.split.test]
        parts[part] = parts[part].lowerBound..<record.count + 1
        record.split = TextSplit(training: parts[0], validation: parts[1], test: parts[2])
        let run = try store.createRun(
            RunDescription(
                name: "damaged", baseName: "damaged", kind: LanguageModel.runKind, configuration: plan, corpus: record))
        try store.save(store.loadCheckpoint(.latest, of: session.run.id), in: run.id, isBest: true)
        try store.setStatus(.finished, of: run.id)
        guard
            case .damagedCheckpoint(let reason) = thrown(
                RunError.self, { _ = try SavedLanguageModel.load(.named("damaged"), from: store, in: context) })
        else { throw Unexpected("not refused") }
        #expect(reason.contains("parts beyond the 600 units of its text"))
    }
}
