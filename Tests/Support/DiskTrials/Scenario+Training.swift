import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

/// Training as `charnn train` and `charnn train --resume` do it, of a model that takes no time.
enum TinyTraining {
    static let steps = 12

    /// Where nothing ever fails.
    private static let corpus = Result {
        var dice = Dice(seed: 7)
        let letters = (0..<600).map { $0 % 30 == 29 ? "\n" : String(dice.one(of: Array("abcde"))) }
        let path = Disk.home + "/text.txt"
        try letters.joined().write(toFile: path, atomically: false, encoding: .utf8)
        return try PreparedCorpus.read([path])
    }

    static func plan(seed: UInt64 = 1, saveEvery: Int = 3) throws -> LanguageModelPlan {
        var options = LanguageModelOptions()
        options.stack = try LayerSpecification.parse("gru:4")
        options.embedding = 3
        options.dropout = 0.2
        options.lanes = 2
        options.window = 8
        options.steps = steps
        options.warmUp = 2
        options.evaluateEvery = 4
        options.sampleEvery = 6
        options.saveEvery = saveEvery
        options.seed = seed
        return try LanguageModelPlan.plan(for: corpus.get().summary, options: options)
    }

    /// A new run.
    static func begin(
        _ name: String, seed: UInt64 = 1, in store: CheckpointStore, saveEvery: Int = 3
    ) throws -> LanguageModelTraining {
        let session = try LanguageModelTraining(
            plan: plan(seed: seed, saveEvery: saveEvery), corpus: corpus.get(), store: store, name: name,
            in: ComputeContext(threads: 1))
        return prepared(session)
    }

    static func resume(_ name: String, in store: CheckpointStore) throws -> LanguageModelTraining {
        prepared(try LanguageModelTraining.resume(.named(name), store: store, in: ComputeContext(threads: 1)))
    }

    /// With a clock of its own, so that nothing depends on the time that anything takes.
    private static func prepared(_ session: LanguageModelTraining) -> LanguageModelTraining {
        session.secondsBetweenAttempts = 0
        var seconds = 0.0
        session.now = {
            seconds += 1e-4
            return seconds
        }
        return session
    }

    /// Trains a run to its end, whatever has become of it before.
    static func finish(_ name: String, in store: CheckpointStore) throws {
        let isThere = try store.runs().contains { $0.name == name }
        let session: LanguageModelTraining
        do {
            session = isThere ? try resume(name, in: store) : try begin(name, in: store)
        } catch RunError.runFinished {
            return
        }
        guard case .finished = try session.train(), session.rescue == nil else { throw Problem("it did not finish") }
    }

    /// What a run leaves that nothing has disturbed.
    static let undisturbed = Result {
        let disk = Disk("undisturbed")
        try disk.become()
        let store = try CheckpointStore.open(at: disk.file("jacquard.sqlite"), access: .readWrite)
        try finish("run", in: store)
        try store.close()
        return try Contents.outcome("run", in: disk.file("jacquard.sqlite"))
    }
}

extension Scenario {
    static let train = Scenario(
        name: "train", prepare: { _ in },
        act: { disk, isDone in
            func see(_ event: TrainingEvent) { if case .saved = event { isDone() } }
            let path = disk.file("models/jacquard.sqlite")
            let options = StoreOptions(busyTimeout: Trial.patience)
            let store = try CheckpointStore.open(at: path, access: .readWrite, options: options)
            let session = try TinyTraining.begin("run", in: store)
            session.stopAfter = 5
            _ = try session.train(onEvent: see)
            isDone()
            try session.close()
            let again = try CheckpointStore.open(at: path, access: .readWrite, options: options)
            let resumed = try TinyTraining.resume("run", in: again)
            _ = try resumed.train(onEvent: see)
            isDone()
            try resumed.close()
        },
        follow: { disk in
            // Where the work is, if its own store did not take it.
            let rescued = disk.files.last { $0.contains("-rescued-") && $0.hasSuffix(".sqlite") }
            let path = disk.file(rescued ?? "models/jacquard.sqlite")
            let options = StoreOptions(busyTimeout: Trial.patience)
            let store = try CheckpointStore.open(at: path, access: .readWrite, options: options)
            try TinyTraining.finish("run", in: store)
            try store.close()
            let found = try Contents.outcome("run", in: path), expected = try TinyTraining.undisturbed.get()
            guard found == expected else {
                throw Problem("resumed, it ends with\n\(found)\n    and undisturbed with\n\(expected)")
            }
        })
}
