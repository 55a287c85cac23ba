import TextCorpora

/// What a plan is made from: the sizes of a text, nothing of its content.
package struct CorpusSummary: Hashable, Sendable {
    /// Units to train on.
    package var training: Int
    /// Units held out for validation.
    package var validation: Int
    /// Distinct units, replacement symbol included.
    package var classes: Int

    package init(training: Int, validation: Int, classes: Int) {
        self.training = training
        self.validation = validation
        self.classes = classes
    }
}
