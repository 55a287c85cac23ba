import TextCorpora
import Training
import TrainingRuns

extension LanguageModelPlan {
    /// What comes from a store may have been damaged, or written by others: whatever training would stop the program
    /// for is looked at before it starts.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    func check(with record: CorpusRecord) throws(RunError) {
        func require(_ holds: Bool, _ what: String) throws(RunError) {
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
        try require((1...largestStepCount).contains(window), "windows of \(window) steps")
        try checkSteps()
        try require(learningRate > 0 && learningRate.isFinite, "a learning rate of \(learningRate)")
        try require(clipNorm.map { $0 > 0 && $0.isFinite } ?? true, "a limit of \(clipNorm ?? 0) on the gradient norm")
        try require(
            clipValue.map { $0 > 0 && Float($0).isNormal } ?? true, "a limit of \(clipValue ?? 0) on gradients")
    }
}
