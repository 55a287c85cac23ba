package import Checkpoints
import FileTrees
import TensorCore
import Training
package import TrainingRuns

/// Everything a store knows of a run.
package struct RunRecord {
    package let summary: RunSummary
    package let checkpoints: [CheckpointSummary]
    package let metrics: [MetricRecord]
    package let samples: [SampleRecord]
    package let events: [EventRecord]
    /// Of weights that were verified. Nil if the run has saved nothing yet, or they are damaged.
    package let weights: (step: Int, sha256: String)?
    /// What is wrong with the weights.
    package let damage: StoreError?
    /// The run whose weights it began with, and whether the store still has them under that name.
    package let start: (point: StartingPoint, isThere: Bool)?
    private let savedSeconds: Double?

    /// - Parameter checkpoint: whose weights to verify, which takes as long as to read them, and with them those that it
    ///   began with; nil: none.
    package init(
        _ run: Run, of program: (some ModelProgram).Type, in store: CheckpointStore, checkpoint: CheckpointSelection?
    ) throws {
        summary = try RunSummary(run, of: program, in: store)
        checkpoints = try store.checkpoints(of: run.id)
        metrics = try store.metrics(of: run.id)
        samples = try store.samples(of: run.id)
        events = try store.events(of: run.id)
        savedSeconds = try store.trainingSeconds(of: run)
        start = run.startingPoint.map { ($0, Self.has($0, of: run, in: store, verifies: checkpoint != nil)) }
        do {
            weights = try Self.weights(of: run, in: store, checkpoint, has: checkpoints)
            damage = nil
        } catch let error as StoreError where error.isDamage {
            (weights, damage) = (nil, error)
        }
    }

    /// Whether the run was given other steps on the way: it has then followed two schedules.
    package var stepsHaveChanged: Bool { events.contains { $0.kind == RunEvents.stepsChanged } }

    /// The step at which a run stopped that has not come to the end of its plan.
    package func cutStep(of plannedSteps: Int) -> Int? {
        (summary.run.status != .finished || events.contains { $0.kind == RunEvents.cutShort }) && summary.steps > 0
            && summary.steps < plannedSteps ? summary.steps : nil
    }

    /// The command that makes the run again; nil: no single one does. A run that was given other steps on the way has
    /// followed two schedules, unless its schedule does not ask.
    package func command<Table: OptionTable>(
        of program: (some ModelProgram).Type, paths: [String], plan: Table.Run.Plan, options: GivenOptions<Table>
    ) -> String? {
        guard !stepsHaveChanged || [.constant, .plateau].contains(plan.schedule), start?.isThere ?? true else {
            return nil
        }
        var words = [program.name, "train"] + paths
        if let start { words += ["--from", start.point.run] }
        words += CommandText.words(options.words)
        if let step = cutStep(of: plan.steps) { words += ["--stop-after", "\(step)"] }
        return words.map(ShellText.quoted).joined(separator: " ")
    }

    /// Why no command makes it again.
    var noCommand: String {
        guard let start, !start.isThere else { return "no single command: it was given other steps on the way" }
        return
            "no single command: the weights that it began with, of run '\(start.point.run)', are not in the store any "
            + "more"
    }

    package var bestStep: Int? { checkpoints.first { $0.isBest }?.step }

    /// Seconds of training up to the last record, of whatever kind.
    package var seconds: Double? { (metrics.map(\.seconds) + [savedSeconds].compactMap(\.self)).max() }

    /// Whether a run that is started now from the same name begins with the same weights.
    private static func has(_ point: StartingPoint, of run: Run, in store: CheckpointStore, verifies: Bool) -> Bool {
        guard let start = try? store.run(named: point.run), start.kind == run.kind, start.createdAt <= run.createdAt,
            let all = try? store.checkpoints(of: start.id),
            let used = all.first(where: \.isBest) ?? all.first(where: \.isLatest), used.step == point.step
        else { return false }
        guard verifies else { return true }
        let stored = try? store.loadCheckpoint(used.isBest ? .best : .latest, of: start.id, sections: [.parameter])
        return weightsSHA256(of: stored?.sections[.parameter] ?? NamedTensors()) == point.weightsSHA256
    }

    private static func weights(
        of run: Run, in store: CheckpointStore, _ selection: CheckpointSelection?, has checkpoints: [CheckpointSummary]
    ) throws -> (step: Int, sha256: String)? {
        guard let selection, !checkpoints.isEmpty else { return nil }
        // A run that was never validated has no best checkpoint.
        let wanted = checkpoints.contains(where: \.isBest) ? selection : .latest
        let stored = try store.loadCheckpoint(wanted, of: run.id, sections: [.parameter])
        return (stored.step, weightsSHA256(of: stored.sections[.parameter] ?? NamedTensors()))
    }
}

extension Run {
    /// The run whose weights it began with, whatever kind both are of.
    var startingPoint: StartingPoint? { (try? configuration(as: Start.self))?.point }

    private struct Start: Codable {
        var point: StartingPoint?
        enum CodingKeys: String, CodingKey { case point = "started_from" }
    }
}
