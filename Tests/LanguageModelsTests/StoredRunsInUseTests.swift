import Autodiff
import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import Training
import TrainingRuns

/// Which run and which weights are meant, and what comes of those that cannot be had.
@Suite struct StoredRunsInUseTests {
    private static func weights(_ value: Float) -> NamedTensors {
        NamedTensors([(name: "w", tensor: Tensor([value, 2], shape: [2]))])
    }

    private static func run(_ store: CheckpointStore, _ name: String) throws -> Run {
        try store.createRun(
            RunDescription(name: name, baseName: "text", kind: "charnn", configuration: [1], corpus: [2]))
    }

    private static func save(
        _ store: CheckpointStore, _ run: Run, step: Int, isBest: Bool = false, state: String = "{}"
    ) throws {
        try store.save(
            Checkpoint(
                step: step, epoch: 0, validationLoss: isBest ? 1 : nil,
                sections: [.parameter: weights(Float(step))], state: Data(state.utf8)),
            in: run.id, isBest: isBest)
    }

    /// Before anything is validated the latest weights are what there is; after that the best of the newest run that has
    /// any.
    @Test func withoutAValidationTheLatestWeightsAreUsed() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let first = try Self.run(store, "first")
        try Self.save(store, first, step: 3)
        #expect(try store.runToUse(.newestWithBest, kind: "charnn").name == "first")
        #expect(try store.checkpointToUse(.best, of: first).step == 3)
        try Self.save(store, first, step: 5, isBest: true)
        try Self.save(store, first, step: 7)
        let second = try Self.run(store, "second")
        #expect(try store.runToUse(.newestWithBest, kind: "charnn").name == "first")
        #expect(try store.runToUse(.latest, kind: "charnn").name == "second")
        #expect(try store.checkpointToUse(.best, of: first).step == 5)
        #expect(try store.checkpointToUse(.latest, of: first).step == 7)
        #expect(throws: StoreError.noCheckpoint(run: "second", wanted: "latest", path: store.path)) {
            _ = try store.checkpointToUse(.best, of: second)
        }
        #expect(throws: StoreError.noRuns(path: store.path, kind: "ae")) {
            _ = try store.runToUse(.newestWithBest, kind: "ae")
        }
        try store.close()
    }

    @Test func howLongARunWasTrainedIsKnownFromItsLatestCheckpoint() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), run = try Self.run(store, "run")
        #expect(try store.trainingSeconds(of: run) == nil)
        try Self.save(store, run, step: 1, state: #"{"cursor":3}"#)
        #expect(try store.trainingSeconds(of: run) == nil)
        try Self.save(store, run, step: 2, state: #"{"seconds":12.5}"#)
        #expect(try store.trainingSeconds(of: run) == 12.5)
        try store.close()
    }

    @Test func aCheckpointOfAnotherModelIsRefusedByTheNameOfItsTensor() throws {
        let parameter = Parameter("w", Tensor([0, 0], shape: [2]))
        try parameter.load(from: Self.weights(9))
        #expect(parameter.value.values == [9, 2])
        #expect(throws: RunError.damagedCheckpoint("tensor w has shape [2], the model [3]")) {
            try Parameter("w", Tensor([0, 0, 0], shape: [3])).load(from: Self.weights(9))
        }
        #expect(throws: RunError.damagedCheckpoint("no tensor v")) {
            try Parameter("v", Tensor([0], shape: [1])).load(from: Self.weights(9))
        }
    }

    /// Data on a disk that was taken away: training ends with the error, and what was done until then is stored.
    @Test func dataThatCannotBeReadAnyMoreEndTrainingAndLoseNothing() throws {
        struct Gone: Error, CustomStringConvertible { let description = "the disk was taken away" }
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder), context = ComputeContext(threads: 1)
        let plan = try smallPlan(corpus), whole = try train(plan, on: corpus, in: store).run
        let task = TimedTask(LanguageModelTask(plan, corpus: corpus, in: context), MadeUpTime())
        task.failure = (13, Gone())
        let session = try TrainingSession(
            task, plan: plan,
            description: RunDescription(
                baseName: "text", kind: LanguageModel.runKind, configuration: plan, corpus: corpus.record),
            store: store, in: context)
        #expect(throws: Gone.self) { try session.train() }
        let run = try store.run(session.run.id)
        #expect(run.status == .interrupted)
        #expect(try store.loadCheckpoint(.latest, of: run.id).step == 13)
        #expect(
            try store.events(of: run.id).contains { $0.kind == "stopped" && $0.message == "the disk was taken away" })
        let resumed = try LanguageModelTraining.resume(.named(run.name), store: store, in: context)
        guard case .finished = try resumed.train() else { throw Unexpected("not finished") }
        #expect(try Remains(run.id, in: store) == Remains(whole.id, in: store))
        try store.close()
    }

    private static let texts: [(RunError, [String])] = [
        (.invalidOption("lr", reason: "why"), ["`lr`: why"]),
        (.damagedCheckpoint("why"), ["why", "Choose another run, or"]),
        (.weightsAlone(run: "x"), ["'x' holds its weights alone", "used, not resumed", "`from` x"]),
        (.fixedByRun(run: "x", option: "lanes", stored: "4"), ["`lanes`", "'x'", "with 4", "Leave it out"]),
        (.diverged(step: 7, reason: "why", attempts: 3), ["step 7", "why", "3 times", "`lr`"]),
        (
            .worseThanGuessing(run: "x", loss: 5, guessing: 4, trainingLoss: 0.05),
            ["'x'", "is 5.00", "guessing 4.00", "knows (0.05000)", "`validation`"]
        ),
        (.worseThanGuessing(run: "x", loss: 1e12, guessing: 4, trainingLoss: 4.5), ["1000000000000.0", "`lr`"]),
        (.worseThanGuessing(run: "x", loss: 5, guessing: 4, trainingLoss: nil), ["`lr`"]),
        (.worseThanGuessing(run: "x", loss: 5, guessing: 4, trainingLoss: 4), ["`lr`"]),
        (.runFinished(run: "x", steps: 9), ["9 steps", "`resume` x `steps` 18"]),
        (
            .runLost(run: "x", savedAs: "x-2", store: "b.sqlite", reason: .runRemoved(path: "a.sqlite")),
            ["'x' was ended", "removed meanwhile", "'x-2' in b.sqlite"]
        ),
        (.nothingSaved(run: "x"), ["'x' was killed", "its name is free"]),
        (.notEnoughSpace(planned: 5_000_000, free: 100_000, path: "a"), ["a: not enough space", "`store`"]),
    ]

    @Test(arguments: texts.indices) func errorsSayWhatToDo(index: Int) {
        let (error, fragments) = Self.texts[index]
        for fragment in fragments { #expect("\(error)".contains(fragment), "\(error)") }
    }
}
