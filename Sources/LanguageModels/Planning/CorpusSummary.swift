import TextCorpora

/// What a plan is made from: the sizes of a text, nothing of its content.
public struct CorpusSummary: Hashable, Sendable {
    /// Units to train on.
    public var training: Int
    /// Units held out for validation.
    public var validation: Int
    /// Distinct units, replacement symbol included.
    public var classes: Int

    public init(training: Int, validation: Int, classes: Int) {
        self.training = training
        self.validation = validation
        self.classes = classes
    }
}
