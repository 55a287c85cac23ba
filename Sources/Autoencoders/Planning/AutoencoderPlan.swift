package import Images
package import TensorCore
package import Training
import TrainingRuns

/// Everything that decides what a run computes: with the same pictures and build, the same plan gives the same bytes.
/// Stored with the run as JSON.
package struct AutoencoderPlan: RunPlan, Hashable {
    package var model: AutoencoderConfiguration
    /// N, pictures in a step.
    package var batch: Int
    /// Optimizer steps of the whole run. With a time limit it is provisional until warm-up ends.
    package var steps: Int
    /// Steps of one pass over the training pictures.
    package var stepsPerEpoch: Int
    /// Seconds, if a time limit was given.
    package var timeLimit: Double?
    /// Whether `steps` is final.
    package var stepsAreFixed: Bool
    package var optimizer: OptimizerConfiguration
    package var learningRate: Double
    package var schedule: ScheduleKind
    package var warmUp: Int
    /// Steps over which the weight of a variational model's divergence rises from 0 to 1 (Bowman et al., 2016); nil for
    /// other kinds.
    package var divergenceWarmUp: Int?
    package var clipNorm: Double?
    /// How long the run goes on although validation finds nothing better; nil: to its last step.
    package var patience: Patience?
    package var evaluateEvery: Int
    /// Steps between saves besides those of the clock; nil: the clock alone decides, at least every minute.
    package var saveEvery: Int?
    package var seed: UInt64
    /// Random changes of each picture each time it is seen.
    package var augmentation: Augmentation

    /// Autoencoders make no samples while they are trained.
    package var sampleEvery: Int? { nil }

    package var parameterShapes: [(name: String, shape: Shape)] { model.parameterShapes }
    package var trainingMemory: Int { model.trainingMemory(batch: batch) }
    package static let memoryOptions = "--size, --channels, --hidden or --batch"

    enum CodingKeys: String, CodingKey {
        case model, batch, steps, optimizer, schedule, patience, seed, augmentation
        case stepsPerEpoch = "steps_per_epoch"
        case timeLimit = "time_limit_seconds"
        case stepsAreFixed = "steps_are_fixed"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case divergenceWarmUp = "divergence_warm_up"
        case clipNorm = "clip_norm"
        case evaluateEvery = "evaluate_every"
        case saveEvery = "save_every"
    }

    package var clipping: GradientClipping { GradientClipping(maximumNorm: clipNorm) }

    /// What comes from a store may have been damaged, or written by others: whatever training would stop the program
    /// for is looked at before it starts.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    func check(with record: PictureRecord) throws(RunError) {
        func require(_ holds: Bool, _ what: String) throws(RunError) {
            guard holds else { throw .damagedCheckpoint("its plan has \(what)") }
        }
        try checkSteps()
        try model.check()
        try require((1...max(1, record.trainingCount)).contains(batch), "batches of \(batch) pictures")
        try require(learningRate > 0 && learningRate.isFinite, "a learning rate of \(learningRate)")
        try require(divergenceWarmUp.map { $0 >= 0 } ?? true, "a warm-up of \(divergenceWarmUp ?? 0) steps")
        try require(clipNorm.map { $0 > 0 && $0.isFinite } ?? true, "a limit of \(clipNorm ?? 0) on the gradient norm")
    }
}

extension AutoencoderConfiguration {
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    func check() throws(RunError) {
        let sizes = 1...65_536
        guard sizes.contains(code), (0...65_536).contains(hidden), channels.count <= 12,
            channels.allSatisfy((1...4096).contains), sizes.contains(format.width), sizes.contains(format.height),
            format.channels == 1 || format.channels == 3
        else { throw .damagedCheckpoint("its model has impossible sizes: \(self)") }
        do { try kind.validate() } catch { throw .damagedCheckpoint("its kind of model has \(error)") }
    }
}
