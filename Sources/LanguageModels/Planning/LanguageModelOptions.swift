package import TextCorpora
package import Training
import TrainingRuns

/// What a user may fix before training. Everything left out follows from the text (``LanguageModelPlan``).
package struct LanguageModelOptions: RunOptions, Sendable, Equatable {
    package var cell: LayerSpecification.Cell?
    package var hidden: Int?
    package var layers: Int?
    package var stack: [LayerSpecification]?
    package var embedding: Int?
    package var dropout: Double?
    package var lanes: Int?
    package var window: Int?
    package var epochs: Double?
    package var steps: Int?
    /// Seconds. When warm-up ends, the rate measured so far fixes the number of steps.
    package var timeLimit: Double?
    package var optimizer: OptimizerKind?
    package var learningRate: Double?
    package var schedule: ScheduleKind?
    package var warmUp: Int?
    package var weightDecay: Double?
    /// 0: the norm of the gradients is not limited.
    package var clipNorm: Double?
    package var clipValue: Double?
    package var validation: Portion?
    /// Nil: follows from the text, see ``HoldOut``.
    package var validationRule: HoldOut.Rule?
    package var test: Portion?
    /// Nil: automatic, unless the number of steps or epochs is given.
    package var patience: Patience?
    package var evaluateEvery: Int?
    package var saveEvery: Int?
    package var sampleEvery: Int?
    package var minimumCount: Int?
    package var seed: UInt64?
    /// Windows start anywhere instead of following each other; the state starts from zero in each.
    package var randomWindows: Bool?

    package init() {}
}
