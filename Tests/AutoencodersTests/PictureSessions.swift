import Autoencoders
import Checkpoints
import Foundation
import Images
import TensorCore
import Testing
import TrainingRuns

/// All that a run leaves, except for times.
struct RunRemains: Equatable {
    var step: Int
    var weights: String
    var optimizer: NamedTensors
    var buffers: NamedTensors
    var state: String
    var bestWeights: String
    var bestStep: Int
    var metrics: [String]

    init(_ run: Run.ID, in store: CheckpointStore) throws {
        let latest = try store.loadCheckpoint(.latest, of: run), best = try store.loadCheckpoint(.best, of: run)
        step = latest.step
        weights = weightsSHA256(of: latest.sections[.parameter] ?? NamedTensors())
        optimizer = latest.sections[.optimizer] ?? NamedTensors()
        buffers = latest.sections[.buffer] ?? NamedTensors()
        var json = try #require(try JSONSerialization.jsonObject(with: latest.state) as? [String: Any])
        json["seconds"] = nil
        state = String(decoding: try JSONSerialization.data(withJSONObject: json, options: .sortedKeys), as: UTF8.self)
        bestWeights = weightsSHA256(of: best.sections[.parameter] ?? NamedTensors())
        bestStep = best.step
        metrics = try store.metrics(of: run).map { "\($0.name) \($0.step) \($0.value)" }
    }
}

/// Trains a run to its end, through stops; each session has another number of threads.
@discardableResult
func train(
    _ plan: AutoencoderPlan, on pictures: PreparedPictures, in store: CheckpointStore, stops: [Int] = [],
    inValidation: Int? = nil, loading: LoadingOptions = LoadingOptions()
) throws -> (run: Run, result: TrainingResult, task: AutoencoderTask) {
    var session = try AutoencoderTraining(plan: plan, pictures: pictures, store: store, in: ComputeContext(threads: 1))
    let run = session.run
    for (index, stop) in stops.enumerated() {
        session.stopAfter = stop
        guard case .stopped(stop, .stopAfter) = try session.train() else {
            throw TestFailure("the run ended instead of stopping after \(stop)")
        }
        session = try AutoencoderTraining.resume(
            run, loading: loading, store: store, in: ComputeContext(threads: 2 + index % 2))
    }
    if let step = inValidation {
        var isValidating = false
        let outcome = try session.train(
            shouldStop: { isValidating },
            onEvent: { if case .validating(step) = $0 { isValidating = true } })
        guard case .stopped(step, .interrupted) = outcome else {
            throw TestFailure("the run did not stop in the validation at \(step): \(outcome)")
        }
        session = try AutoencoderTraining.resume(run, store: store, in: ComputeContext(threads: 3))
    }
    guard case .finished(let result) = try session.train() else { throw TestFailure("the run did not finish") }
    #expect(try store.run(run.id).status == .finished)
    return (run, result, session.task)
}

/// Something else happened than the test is about.
struct TestFailure: Error {
    let what: String
    init(_ what: String) { self.what = what }
}
