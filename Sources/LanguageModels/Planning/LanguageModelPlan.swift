package import TensorCore
package import Training
import TrainingRuns

/// Everything that decides what a run computes: with the same text and build, the same plan gives the same bytes.
/// Stored with the run as JSON.
package struct LanguageModelPlan: RunPlan, Hashable {
    package var model: LanguageModelConfiguration
    /// N, lanes of text read side by side.
    package var lanes: Int
    /// T, units back-propagated through.
    package var window: Int
    package var randomWindows: Bool
    /// Optimizer steps of the whole run. With a time limit it is provisional until warm-up ends.
    package var steps: Int
    /// Steps of one pass over the training part.
    package var stepsPerEpoch: Int
    /// Seconds, if a time limit was given.
    package var timeLimit: Double?
    /// Whether `steps` is final.
    package var stepsAreFixed: Bool
    package var optimizer: OptimizerConfiguration
    package var learningRate: Double
    package var schedule: ScheduleKind
    package var warmUp: Int
    package var clipNorm: Double?
    package var clipValue: Double?
    /// How long the run goes on although validation finds nothing better; nil: to its last step.
    package var patience: Patience?
    package var evaluateEvery: Int
    /// Steps between saves besides those of the clock; nil: the clock alone decides, at least every minute.
    package var saveEvery: Int?
    /// Steps between samples; nil: none.
    package var sampleEvery: Int?
    package var seed: UInt64
    /// The run whose weights this one began with; nil: random weights.
    package var startedFrom: StartingPoint?

    package var parameterShapes: [(name: String, shape: Shape)] { model.parameterShapes }
    package var trainingMemory: Int { model.trainingMemory(lanes: lanes, window: window) }
    package static let memoryOptions = "--hidden, --layers (or sizes in --stack), --batch or --window"

    enum CodingKeys: String, CodingKey {
        case model, lanes, window, steps, optimizer, schedule, patience, seed
        case randomWindows = "random_windows"
        case stepsPerEpoch = "steps_per_epoch"
        case timeLimit = "time_limit_seconds"
        case stepsAreFixed = "steps_are_fixed"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case clipNorm = "clip_norm"
        case clipValue = "clip_value"
        case evaluateEvery = "evaluate_every"
        case saveEvery = "save_every"
        case sampleEvery = "sample_every"
        case startedFrom = "started_from"
    }

    package var clipping: GradientClipping {
        GradientClipping(maximumNorm: clipNorm, maximumValue: clipValue.map { Float($0) })
    }
}

/// Weights of another run.
package struct StartingPoint: Hashable, Codable, Sendable {
    package var run: String
    package var step: Int
    package var weightsSHA256: String

    package init(run: String, step: Int, weightsSHA256: String) {
        self.run = run
        self.step = step
        self.weightsSHA256 = weightsSHA256
    }

    enum CodingKeys: String, CodingKey {
        case run, step
        case weightsSHA256 = "weights_sha256"
    }
}
