public import TensorCore
public import Training
public import TrainingRuns

/// Everything that decides what a run computes: with the same text and build, the same plan gives the same bytes.
/// Stored with the run as JSON.
public struct TrainingPlan: RunPlan, Hashable {
    public var model: ModelConfiguration
    /// N, lanes of text read side by side.
    public var lanes: Int
    /// T, units back-propagated through.
    public var window: Int
    public var randomWindows: Bool
    /// Optimizer steps of the whole run. With a time limit it is provisional until warm-up ends.
    public var steps: Int
    /// Steps of one pass over the training part.
    public var stepsPerEpoch: Int
    /// Seconds, if a time limit was given.
    public var timeLimit: Double?
    /// Whether `steps` is final.
    public var stepsAreFixed: Bool
    public var optimizer: OptimizerConfiguration
    public var learningRate: Double
    public var schedule: ScheduleKind
    public var warmUp: Int
    public var clipNorm: Double?
    public var clipValue: Double?
    /// How long the run goes on although validation finds nothing better; nil: to its last step.
    public var patience: Patience?
    public var evaluateEvery: Int
    /// Steps between saves besides those of the clock; nil: the clock alone decides, at least every minute.
    public var saveEvery: Int?
    /// Steps between samples; nil: none.
    public var sampleEvery: Int?
    public var seed: UInt64
    /// The run whose weights this one began with; nil: random weights.
    public var startedFrom: StartingPoint?

    public var parameterShapes: [(name: String, shape: Shape)] { model.parameterShapes }
    public var trainingMemory: Int { model.trainingMemory(lanes: lanes, window: window) }
    public static let memoryOptions = "--hidden, --layers (or sizes in --stack), --batch or --window"

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

    public var clipping: GradientClipping {
        GradientClipping(maximumNorm: clipNorm, maximumValue: clipValue.map { Float($0) })
    }
}

/// Weights of another run.
public struct StartingPoint: Hashable, Codable, Sendable {
    public var run: String
    public var step: Int
    public var weightsSHA256: String

    public init(run: String, step: Int, weightsSHA256: String) {
        self.run = run
        self.step = step
        self.weightsSHA256 = weightsSHA256
    }

    enum CodingKeys: String, CodingKey {
        case run, step
        case weightsSHA256 = "weights_sha256"
    }
}
