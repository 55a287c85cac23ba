package import Autodiff
package import Checkpoints
package import TensorCore
package import Training

/// What a run trains: a model, its data, and the state that goes with them. All else about training a stored run is
/// ``TrainingLoop``'s, and ``StoredRun``'s.
///
/// Whatever reaches the weights is a function of plan, data, cursor and step.
package protocol TrainingTask: AnyObject {
    associatedtype Plan: RunPlan
    /// Where in the data training stands.
    associatedtype Cursor: Codable, Equatable, Sendable

    /// The kind under which such runs are stored.
    static var runKind: String { get }
    /// The metric with the final score of the best weights.
    static var finalMetric: String { get }

    var parameters: [Parameter] { get }
    /// Makes the weights that a new run begins with once more, from the plan; nil: they came from elsewhere.
    var initialWeights: ((ComputeContext) -> NamedTensors)? { get }
    /// What goes with the weights besides the optimizer's slots: carried state, running statistics. By the section of
    /// a checkpoint that holds it; not `parameter`, not `optimizer`.
    var companions: [Checkpoint.Section: NamedTensors] { get }
    /// Takes over companions from a checkpoint.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` if a tensor is missing or has another shape.
    func setCompanions(_ tensors: [Checkpoint.Section: NamedTensors]) throws(RunError)

    var cursor: Cursor { get set }
    /// Whether a run can stand there.
    func accepts(_ cursor: Cursor) -> Bool

    /// The loss of a model that knows nothing of its data, in the unit of all losses here; nil: not known.
    var guessingLoss: Double? { get }

    /// The gradients of the batch at the cursor, not applied. Changes nothing that is kept.
    /// - Parameter step: chooses the random numbers.
    func gradients(step: Int) throws -> StepGradients
    /// Moves on past that batch: cursor and companions.
    func advance()

    /// Whether anything is held out.
    var hasValidation: Bool { get }
    /// The loss over the held-out part; meaningless if `shouldStop` has said yes.
    func validationLoss(shouldStop: () -> Bool) throws -> Double
    /// What has happened to its data since the last call and is to be kept with the run.
    func takeEvents() -> [(kind: String, message: String)]
    /// What the model makes at this step, to be stored and shown; nil: such models make nothing.
    func sample(step: Int) -> SampleRecord?
    /// The final score over the held-out part.
    /// - Parameters:
    ///   - weights: sections of the best checkpoint; nil: the current weights are the best.
    ///   - onStart: called with the number of units before a score that takes long.
    /// - Returns: nil if it was stopped.
    func score(
        weights: [Checkpoint.Section: NamedTensors]?, onStart: (_ units: Int) -> Void, shouldStop: () -> Bool
    ) throws -> FinalScore?

    /// What a step costs with its share of all else, and what the end costs; measured now.
    /// - Parameter secondsPerStep: of training alone.
    func timeCost(_ plan: Plan, secondsPerStep: Double) -> TimeCost
}

extension TrainingTask {
    package func takeEvents() -> [(kind: String, message: String)] { [] }
}

/// Gradients of one batch.
package struct StepGradients: Sendable {
    package var loss: Double
    package var tensors: NamedTensors
    package var clip: GradientClipping.Result
    /// Characters, images: what the rate is counted in.
    package var units: Int

    package init(loss: Double, tensors: NamedTensors, clip: GradientClipping.Result, units: Int) {
        (self.loss, self.tensors, self.clip, self.units) = (loss, tensors, clip, units)
    }
}

/// What the best weights reach on held-out data.
package struct FinalScore: Hashable, Sendable {
    package var loss: Double
    /// Over so many characters or images.
    package var units: Int
    /// What guessing comes to over the same data; nil: not known.
    package var guessing: Double?

    package init(loss: Double, units: Int, guessing: Double? = nil) {
        (self.loss, self.units, self.guessing) = (loss, units, guessing)
    }
}

/// How a time limit is spent.
package struct TimeCost: Hashable, Sendable {
    /// Of training, with its share of validations, saves and samples.
    package var secondsPerStep: Double
    /// Of the last validation and the final score.
    package var finalSeconds: Double

    package init(secondsPerStep: Double, finalSeconds: Double) {
        (self.secondsPerStep, self.finalSeconds) = (secondsPerStep, finalSeconds)
    }

    /// Steps that fit into so many seconds.
    package func steps(within seconds: Double) -> Int {
        let steps = (seconds - finalSeconds) / secondsPerStep
        return steps > 0 ? Int(min(steps, Double(largestStepCount))) : 0
    }
}
