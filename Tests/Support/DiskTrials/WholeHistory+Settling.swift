import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import TrainingRuns

extension WholeHistory {
    /// Looks at everything there is. What was being done may have been done or not; nothing else has changed.
    func settle(_ action: Action, didReturn: Bool) throws {
        try bringBack()
        try requireNothingStray()
        try settleExports(action, didReturn: didReturn)
        guard FileManager.default.fileExists(atPath: storePath) else {
            guard runs.values.allSatisfy({ $0.step == nil && $0.states == ["killed"] }),
                isTraining(action) || runs.isEmpty
            else { throw Problem("the store is gone") }
            runs = [:]
            return
        }
        try Undisturbed.check(storePath)
        guard let store = try Contents.open(storePath) else {
            guard runs.isEmpty || isTraining(action) && runs.count == 1 && runs.values.allSatisfy({ $0.step == nil })
            else { throw Problem("the store has become none") }
            runs = [:]
            return
        }
        defer { try? store.close() }
        let found = try store.runs()
        for run in found { try settle(run, in: store, action, didReturn: didReturn) }
        for name in runs.keys.sorted() where !found.contains(where: { $0.name == name }) {
            // It may have been removed; one whose creation was not promised need not be there.
            let isNew = action == .train(name) && runs[name]?.step == nil
            guard action == .remove(name) || isNew else { throw Problem("\(name) is gone") }
            runs[name] = nil
        }
        try store.close()
    }

    /// On a full disk a store may have been left where there was room, with a link to it in its place.
    private func bringBack() throws {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: storePath) else { return }
        log.append("  the store is behind a link")
        trial.count("stores behind a link")
        Foundation.rename(target, storePath)
        Disk.synchronize(Self.disk.file("models"))
    }

    private func isTraining(_ action: Action) -> Bool { if case .train = action { true } else { false } }

    private func settle(_ run: Run, in store: CheckpointStore, _ action: Action, didReturn: Bool) throws {
        let name = run.name, state = try store.state(of: run).word
        let step = try store.checkpoints(of: run.id).first { $0.isLatest }?.step
        let known = runs[name]
        switch action {
        case .train(name):
            if let promised = known?.step, (step ?? -1) < promised {
                throw Problem("\(name) was at \(promised), is at \(step ?? -1)")
            }
            if didReturn, let known, known.states != ["killed"], !known.states.contains(state) {
                throw Problem("\(name) is \(state), and not \(known.states)")
            }
            guard state != "running" else { throw Problem("\(name) is trained by nobody, and said to be running") }
        case .remove(name) where didReturn: throw Problem("\(name) was removed, and is there")
        default:
            guard let known else { throw Problem("\(name) has come from nowhere") }
            guard step == known.step, known.states.contains(state) else {
                throw Problem("\(name) is at \(step ?? -1), \(state); promised was \(known)")
            }
        }
        runs[name] = Known(step: step, states: [state])
    }

    private func settleExports(_ action: Action, didReturn: Bool) throws {
        for target in Self.exportNames {
            let path = Self.disk.file("\(target).sqlite"), isThere = FileManager.default.fileExists(atPath: path)
            var isInFlight = false
            if case .export(_, target) = action { isInFlight = !didReturn }
            let contents = isThere ? try Contents.store(path) : nil
            if contents != exports[target] {
                guard isInFlight, let contents else {
                    throw Problem(
                        "the export \(target) holds\n\(contents ?? "nothing")\n    and not\n\(exports[target] ?? "nothing")"
                    )
                }
                try Undisturbed.check(path)
                exports[target] = contents
            }
        }
    }

    private func requireNothingStray() throws {
        let stray = Self.disk.files.filter { name in
            Contents.isUnfinished(name) || name.contains("-rescued-") || name.contains("jacquard-")
        }
        guard stray.isEmpty || mayHaveLeft else { throw Problem("left over: \(stray)") }
        for name in stray { unlink(Self.disk.file(name)) }
        mayHaveLeft = false
    }
}

/// What runs come to that nothing disturbs, step by step.
struct Undisturbed {
    /// What identifies weights and optimizer, by step.
    var steps: [Int: String] = [:]
    /// The tensors of a checkpoint.
    var tensors: Set<String> = []
    var metrics: Set<String> = []
    var outcome = ""

    nonisolated(unsafe) private static var known: [String: Undisturbed] = [:]

    static func run(_ name: String) throws -> Undisturbed {
        if let found = known[name] { return found }
        throw Problem("no run \(name)")
    }

    /// Trains each run by itself, where nothing fails.
    static func prepare() throws {
        for name in WholeHistory.names {
            let disk = Disk("undisturbed")
            try disk.become()
            let path = disk.file("jacquard.sqlite"), store = try CheckpointStore.open(at: path, access: .readWrite)
            let session = try TinyTraining.begin(name, seed: WholeHistory.seed(of: name), in: store, saveEvery: 1)
            var found = Undisturbed(), problem: (any Error)?
            _ = try session.train(onEvent: { event in
                guard case .saved = event else { return }
                do {
                    let checkpoint = try store.loadCheckpoint(.latest, of: session.run.id)
                    found.steps[checkpoint.step] = identity(checkpoint)
                    found.tensors.formUnion(names(checkpoint))
                } catch { problem = error }
            })
            if let problem { throw problem }
            found.metrics = Set(try store.metrics(of: session.run.id).map { "\($0.name) \($0.step) \($0.value)" })
            try store.close()
            try disk.become()
            let again = try CheckpointStore.open(at: path, access: .readWrite)
            _ = try TinyTraining.begin(name, seed: WholeHistory.seed(of: name), in: again).train()
            try again.close()
            found.outcome = try Contents.outcome(name, in: path)
            known[name] = found
        }
    }

    private static func names(_ checkpoint: Checkpoint) -> [String] {
        [Checkpoint.Section.parameter, .optimizer].flatMap { section in
            (checkpoint.sections[section] ?? NamedTensors()).map { "\(section) \($0.name) \($0.tensor.shape)" }
        }
    }

    private static func identity(_ checkpoint: Checkpoint) -> String {
        [Checkpoint.Section.parameter, .optimizer].map {
            String(weightsSHA256(of: checkpoint.sections[$0] ?? NamedTensors()).prefix(16))
        }.joined(separator: " ")
    }

    /// Every checkpoint that a store has is that of a run which nothing disturbed, whatever step it says; every metric too.
    ///
    /// - Parameters:
    ///   - names: the runs that are there; nil: any.
    ///   - isDamaged: steps, names and metrics have no checksum.
    static func check(_ path: String, names: [String]? = nil, isDamaged: Bool = false) throws {
        guard let store = try Contents.open(path) else { return }
        defer { try? store.close() }
        let runs = try store.runs()
        if let names, runs.map(\.name) != names { throw Problem("\(path) holds \(runs.map(\.name))") }
        for run in runs {
            let plan = try run.configuration(as: LanguageModelPlan.self)
            guard let name = WholeHistory.names.first(where: { WholeHistory.seed(of: $0) == plan.seed }) else {
                throw Problem("a run of another plan")
            }
            let undisturbed = try Undisturbed.run(name)
            for summary in try store.checkpoints(of: run.id) {
                let checkpoint = try store.loadCheckpoint(.step(summary.step), of: run.id)
                // A name has no checksum: under another one no model takes the tensor.
                if isDamaged, !undisturbed.tensors.isSuperset(of: Self.names(checkpoint)) { continue }
                let found = identity(checkpoint)
                // What was repaired may lack what only training needs.
                let isWhole = checkpoint.sections[.optimizer] != nil
                guard
                    undisturbed.steps.values.contains(where: { isWhole ? $0 == found : found.hasPrefix($0.prefix(16)) })
                else { throw Problem("\(run.name) at step \(summary.step) has weights of no step") }
                if !isDamaged, undisturbed.steps[summary.step] != found {
                    throw Problem("\(run.name) at step \(summary.step) has weights of another step")
                }
            }
            if !isDamaged {
                for metric in try store.metrics(of: run.id) {
                    let text = "\(metric.name) \(metric.step) \(metric.value)"
                    guard undisturbed.metrics.contains(text) else { throw Problem("\(run.name) has \(text)") }
                }
            }
        }
        try store.close()
    }
}
