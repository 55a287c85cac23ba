/// The schedules by name, as a command line writes them.
package enum ScheduleKind: String, CaseIterable, Codable, Sendable {
    case constant, linear, exponential, step, cosine, plateau

    /// The shape with everyday numbers.
    /// - Parameters:
    ///   - steps: of the whole run; a step decay quarters it.
    ///   - finalFraction: where linear, exponential and cosine end; nil for 0, 0.1 and 0.
    package func shape(steps: Int, finalFraction: Double? = nil) -> LearningRateShape {
        switch self {
        case .constant: .constant
        case .linear: .linear(finalFraction: finalFraction ?? 0)
        case .exponential: .exponential(finalFraction: finalFraction ?? 0.1)
        case .step: .step(factor: 0.5, every: max(1, steps / 4))
        case .cosine: .cosine(finalFraction: finalFraction ?? 0)
        case .plateau: .plateau(PlateauRule())
        }
    }
}
