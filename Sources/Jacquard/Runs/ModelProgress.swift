import Foundation
import TrainingRuns

/// How far the training of a ``TextModel`` or ``PictureModel`` has come.
public struct ModelProgress: Sendable, CustomStringConvertible {
    /// Steps done.
    public let step: Int
    /// Steps of the whole run; nil while a time limit is still finding out how many fit.
    public let steps: Int?
    /// Running average of the loss over the training part: nats per character, or squared error per value of a picture.
    public let trainingLoss: Double
    /// Loss over the held-out part when it was last measured, in the same unit; nil before that.
    public let validationLoss: Double?
    /// Seconds until training ends, as far as it is known.
    public let secondsLeft: Double?

    init(_ progress: TrainingProgress) {
        step = progress.step
        steps = progress.stepsAreFixed ? progress.steps : nil
        trainingLoss = progress.trainingLoss
        validationLoss = progress.validationLoss
        secondsLeft = progress.secondsLeft
    }

    /// For instance `step 120 of 900, loss 1.9204, held out 1.9511, 42 s left`.
    public var description: String {
        var text = "step \(step)" + (steps.map { " of \($0)" } ?? "") + String(format: ", loss %.4f", trainingLoss)
        if let validationLoss { text += String(format: ", held out %.4f", validationLoss) }
        if let secondsLeft { text += ", \(Int(secondsLeft.rounded())) s left" }
        return text
    }
}
