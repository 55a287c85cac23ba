package import TensorCore
package import Training

/// What training needs to know of a run's plan, whatever is trained. The plan is stored with the run as JSON, and
/// decides all that a run computes.
package protocol RunPlan: Codable, Sendable {
    /// Optimizer steps of the whole run. With a time limit it is provisional until warm-up ends.
    var steps: Int { get set }
    /// Whether `steps` is final.
    var stepsAreFixed: Bool { get set }
    /// Steps of one pass over the training part.
    var stepsPerEpoch: Int { get }
    /// Seconds, if a time limit was given.
    var timeLimit: Double? { get set }
    var optimizer: OptimizerConfiguration { get }
    var learningRate: Double { get }
    var schedule: ScheduleKind { get }
    var warmUp: Int { get }
    /// Largest norm of all gradients together; nil: any.
    var clipNorm: Double? { get }
    /// How long the run goes on although validation finds nothing better; nil: to its last step.
    var patience: Patience? { get }
    var evaluateEvery: Int { get }
    /// Steps between saves besides those of the clock; nil: the clock alone decides, at least every minute.
    var saveEvery: Int? { get }
    /// Steps between samples; nil: none.
    var sampleEvery: Int? { get }
    /// From the rate, the schedule and the steps.
    var learningRateSchedule: LearningRateSchedule { get }
    /// Of all random numbers.
    var seed: UInt64 { get }
    /// Names and shapes of the trainable tensors, in the order of the model's parameters: known before it is built.
    var parameterShapes: [(name: String, shape: Shape)] { get }
    /// Bytes that training takes at its peak, without the text or the pictures.
    var trainingMemory: Int { get }
    /// The options that lower it, as in "--hidden, --batch or --window".
    static var memoryOptions: String { get }
}

/// Of steps and the like: sums and products with it stay far below what an integer holds.
package let largestStepCount = 1_000_000_000

extension RunPlan {
    /// Passes over the training part.
    package var epochs: Double { Double(steps) / Double(max(1, stepsPerEpoch)) }

    package var learningRateSchedule: LearningRateSchedule {
        LearningRateSchedule(base: learningRate, shape: schedule.shape(steps: steps), steps: steps, warmUp: warmUp)
    }

    /// Steps of so many passes over the training part.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package static func steps(for epochs: Double, of stepsPerEpoch: Int) throws(RunError) -> Int {
        let steps = (epochs * Double(stepsPerEpoch)).rounded(.up)
        guard steps >= 1, steps <= Double(largestStepCount) else {
            throw .invalidOption(
                "--epochs",
                reason: "\(epochs) of \(stepsPerEpoch) steps each are not 1 to \(largestStepCount) steps")
        }
        return Int(steps)
    }

    /// What comes from a store may have been damaged, or written by others: whatever training would stop the program
    /// for is looked at before it starts.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    package func checkSteps() throws(RunError) {
        for every in [steps, stepsPerEpoch, evaluateEvery, saveEvery ?? 1, sampleEvery ?? 1, patience?.count ?? 1] {
            guard (1...largestStepCount).contains(every) else {
                throw .damagedCheckpoint("its plan has \(every) where a number of steps is expected")
            }
        }
        guard (0...largestStepCount).contains(warmUp) else {
            throw .damagedCheckpoint("its plan has a warm-up of \(warmUp) steps")
        }
    }
}
