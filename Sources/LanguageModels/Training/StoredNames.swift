extension LanguageModel {
    /// The kind under which runs of this module are stored.
    package static let runKind = "charnn"
    /// The metric with the final score of the best weights: nats per unit in one stream.
    package static let bestValidationMetric = "best_validation_nats"
}
