public import TextCorpora
public import Training
public import TrainingRuns

/// What a user may fix before training. Everything left out follows from the text (``TrainingPlan``).
public struct TrainingOptions: RunOptions, Sendable, Equatable {
    public var cell: StackLayer.Cell?
    public var hidden: Int?
    public var layers: Int?
    public var stack: [StackLayer]?
    public var embedding: Int?
    public var dropout: Double?
    public var lanes: Int?
    public var window: Int?
    public var epochs: Double?
    public var steps: Int?
    /// Seconds. When warm-up ends, the rate measured so far fixes the number of steps.
    public var timeLimit: Double?
    public var optimizer: OptimizerKind?
    public var learningRate: Double?
    public var schedule: ScheduleKind?
    public var warmUp: Int?
    public var weightDecay: Double?
    /// 0: the norm of the gradients is not limited.
    public var clipNorm: Double?
    public var clipValue: Double?
    public var validation: Portion?
    /// Nil: follows from the text, see ``HoldOut``.
    public var validationRule: HoldOut.Rule?
    public var test: Portion?
    /// Nil: automatic, unless the number of steps or epochs is given.
    public var patience: Patience?
    public var evaluateEvery: Int?
    public var saveEvery: Int?
    public var sampleEvery: Int?
    public var minimumCount: Int?
    public var seed: UInt64?
    /// Windows start anywhere instead of following each other; the state starts from zero in each.
    public var randomWindows: Bool?

    public init() {}
}
