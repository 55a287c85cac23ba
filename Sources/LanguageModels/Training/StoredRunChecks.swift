import Autodiff
import TensorCore
import TextCorpora
import Training

// What comes from a store may have been damaged, or written by others. Whatever training would stop the program for is
// looked at before it starts.

extension TrainingPlan {
    /// - Throws: ``LanguageModelError/damagedCheckpoint(_:)``
    func check(with record: CorpusRecord) throws(LanguageModelError) {
        func require(_ holds: Bool, _ what: String) throws(LanguageModelError) {
            guard holds else { throw .damagedCheckpoint("its plan has \(what)") }
        }
        try require(
            model.classes == record.vocabulary.count,
            "\(model.classes) classes, its vocabulary \(record.vocabulary.count) units")
        let split = record.split, training = split.training
        try require(
            training.lowerBound >= 0 && split.validation.lowerBound >= 0
                && max(training.upperBound, split.validation.upperBound) <= record.count,
            "parts beyond the \(record.count) units of its text")
        try require(lanes >= 1 && lanes < training.count, "\(lanes) lanes for \(training.count) units")
        let largest = TrainingOptions.largest
        try require((1...largest).contains(window), "windows of \(window) steps")
        for every in [steps, stepsPerEpoch, evaluateEvery, saveEvery ?? 1, sampleEvery ?? 1, patience ?? 1] {
            try require((1...largest).contains(every), "\(every) where a number of steps is expected")
        }
        try require((0...largest).contains(warmUp), "a warm-up of \(warmUp) steps")
        try require(learningRate > 0 && learningRate.isFinite, "a learning rate of \(learningRate)")
        try require(clipNorm.map { $0 > 0 && $0.isFinite } ?? true, "a limit of \(clipNorm ?? 0) on the gradient norm")
        try require(
            clipValue.map { $0 > 0 && Float($0).isNormal } ?? true, "a limit of \(clipValue ?? 0) on gradients")
    }
}

extension TrainingState {
    /// - Throws: ``LanguageModelError/damagedCheckpoint(_:)``
    func check(_ plan: TrainingPlan, _ corpus: PreparedCorpus) throws(LanguageModelError) {
        let batches = TrainingBatches(plan, corpus.tokens, range: corpus.split.training, replacement: nil)
        guard (1...TrainingOptions.largest).contains(steps) else { throw .damagedCheckpoint("it has \(steps) steps") }
        for place in [position] + (snapshot.map { [$0] } ?? []) {
            guard place.step >= 0 else { throw .damagedCheckpoint("it stands at step \(place.step)") }
            guard batches.accepts(place.cursor) else {
                throw .damagedCheckpoint("it stands at place \(place.cursor.position) of a shorter text")
            }
        }
    }
}

extension TrainingSnapshot {
    /// - Throws: ``LanguageModelError/damagedCheckpoint(_:)`` or an `OptimizerStateError`.
    func check(_ plan: TrainingPlan, _ parameters: [Parameter]) throws {
        for parameter in parameters {
            guard let tensor = weights[parameter.name], tensor.shape == parameter.value.shape else {
                throw LanguageModelError.damagedCheckpoint(
                    "the state to go back to has no \(parameter.name) of shape \(parameter.value.shape)")
            }
        }
        _ = try plan.optimizer.makeOptimizer(step: position.step, slots: slots, for: parameters)
    }
}
