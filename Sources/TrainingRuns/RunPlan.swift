package import TensorCore
package import Training

/// What training needs to know of a run's plan, whatever is trained. The plan is stored with the run as JSON, and
/// decides all that a run computes. Its ``RunSettings`` are reached as if they were its own: `plan.steps`.
@dynamicMemberLookup
package protocol RunPlan: Codable, Sendable {
    var settings: RunSettings { get set }
    /// Steps between samples; nil: none.
    var sampleEvery: Int? { get }
    /// From the rate, the schedule and the steps.
    var learningRateSchedule: LearningRateSchedule { get }
    /// Names and shapes of the trainable tensors, in the order of the model's parameters: known before it is built.
    var parameterShapes: [(name: String, shape: Shape)] { get }
    /// The same with products in the precision that they do not have now, and what the option `precision` calls that; nil if
    /// there is but one.
    var inOtherPrecision: (name: String, plan: Self)? { get }
    /// Bytes that training takes at its peak, without the text or the pictures.
    var trainingMemory: Int { get }
    /// The options that lower it, as in "`hidden`, `batch` or `window`".
    static var memoryOptions: String { get }
}

/// Of steps and the like: sums and products with it stay far below what an integer holds.
package let largestStepCount = 1_000_000_000

extension RunPlan {
    package subscript<Value>(dynamicMember setting: WritableKeyPath<RunSettings, Value>) -> Value {
        get { settings[keyPath: setting] }
        set { settings[keyPath: setting] = newValue }
    }

    package var inOtherPrecision: (name: String, plan: Self)? { nil }

    /// Passes over the training part.
    package var epochs: Double { Double(settings.steps) / Double(max(1, settings.stepsPerEpoch)) }

    package var learningRateSchedule: LearningRateSchedule {
        LearningRateSchedule(
            base: settings.learningRate, shape: settings.schedule.shape(steps: settings.steps), steps: settings.steps,
            warmUp: settings.warmUp)
    }

    /// What comes from a store may have been damaged, or written by others: whatever training would stop the program
    /// for is looked at before it starts. What options say is checked by ``OptionTable/checkStored(_:)``.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    package func checkSteps() throws(RunError) {
        func require(_ holds: Bool, _ what: String) throws(RunError) {
            guard holds else { throw .damagedCheckpoint("its plan has \(what)") }
        }
        let run = settings
        let counts = [
            run.steps, run.stepsPerEpoch, run.mostSteps, run.evaluateEvery, run.saveEvery, sampleEvery,
            run.patience?.count,
        ]
        for every in counts.compactMap(\.self) {
            try require((1...largestStepCount).contains(every), "\(every) where a number of steps is expected")
        }
        try require((0...largestStepCount).contains(run.warmUp), "a warm-up of \(run.warmUp) steps")
        try require(run.learningRate > 0 && run.learningRate.isFinite, "a learning rate of \(run.learningRate)")
        try require(
            run.clipNorm.map { $0 > 0 && $0.isFinite } ?? true, "a limit of \(run.clipNorm ?? 0) on the gradient norm")
    }
}
