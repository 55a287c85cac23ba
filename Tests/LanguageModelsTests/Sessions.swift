import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import Training
import TrainingRuns

/// Where a session is to end before the run does.
enum Stop: Sendable {
    case after(Int)
    /// In the middle of the validation at this step.
    case inValidation(Int)
    /// While the best weights are scored at the end.
    case inScoring
    /// By a question that says yes only once, and only in the middle of the final scoring.
    case inScoringOnce
}

/// Asks for a stop at the place that a `Stop` names.
final class Stopper {
    private let stop: Stop
    private var questions: Int?

    init(_ stop: Stop) { self.stop = stop }

    func see(_ event: TrainingEvent) {
        switch (event, stop) {
        case (.validating(let step), .inValidation(let wanted)) where step == wanted: questions = 0
        case (.scoring, .inScoring), (.scoring, .inScoringOnce): questions = 0
        default: break
        }
    }

    func ask() -> Bool {
        guard let asked = questions else { return false }
        questions = asked + 1
        if case .inScoringOnce = stop { return asked == 1 }
        return asked >= 1
    }
}

/// All that a run leaves, except for times.
struct Remains: Equatable {
    var step: Int
    var weights: String
    var optimizer: NamedTensors
    var carried: NamedTensors
    var state: String
    var bestWeights: String
    var bestStep: Int
    var metrics: [String]
    var samples: [String]

    init(_ run: Run.ID, in store: CheckpointStore) throws {
        let latest = try store.loadCheckpoint(.latest, of: run), best = try store.loadCheckpoint(.best, of: run)
        step = latest.step
        weights = weightsSHA256(of: latest.sections[.parameter] ?? NamedTensors())
        optimizer = latest.sections[.optimizer] ?? NamedTensors()
        carried = latest.sections[.state] ?? NamedTensors()
        var json = try #require(try JSONSerialization.jsonObject(with: latest.state) as? [String: Any])
        json["seconds"] = nil
        state = String(decoding: try JSONSerialization.data(withJSONObject: json, options: .sortedKeys), as: UTF8.self)
        bestWeights = weightsSHA256(of: best.sections[.parameter] ?? NamedTensors())
        bestStep = best.step
        metrics = try store.metrics(of: run).map { "\($0.name) \($0.step) \($0.value)" }
        samples = try store.samples(of: run).map { "\($0.step) \($0.text)" }
    }
}

/// Trains a run to its end, through stops; each session has another number of threads.
@discardableResult
func train(
    _ plan: LanguageModelPlan, on corpus: PreparedCorpus, in store: CheckpointStore, stops: [Stop] = [],
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws -> (run: Run, result: TrainingResult) {
    var session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
    let run = session.run
    for (index, stop) in stops.enumerated() {
        let stopper = Stopper(stop)
        if case .after(let step) = stop { session.stopAfter = step }
        let outcome = try session.train(
            shouldStop: { stopper.ask() },
            onEvent: {
                stopper.see($0)
                onEvent($0)
            })
        guard case .stopped(let step, _) = outcome else {
            Issue.record("the run ended instead of stopping: \(stop)")
            break
        }
        if case .after(let wanted) = stop { #expect(step == wanted) }
        if case .inValidation(let wanted) = stop { #expect(step == wanted) }
        #expect(try store.run(run.id).status == .interrupted)
        session = try LanguageModelTraining.resume(
            .named(run.name), store: store, in: ComputeContext(threads: 2 + index % 2))
    }
    guard case .finished(let result) = try session.train(onEvent: onEvent) else {
        throw CancellationError()
    }
    #expect(try store.run(run.id).status == .finished)
    return (run, result)
}
