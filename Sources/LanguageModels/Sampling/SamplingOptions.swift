package import TrainingRuns

/// How the next unit is chosen from a model's probabilities, in this order: the repetition penalty, the presence and
/// frequency penalties and the biases change the logits, the temperature divides them, the exponential makes probabilities of them; then top-k, min-p and top-p keep some of
/// the units, each out of those that the one before has left; and one of them is drawn.
package struct SamplingOptions: Hashable, Codable, Sendable {
    /// Divides the logits: below 1 safer, above 1 bolder. 0 takes the most probable unit.
    package var temperature: Double
    /// Only the k most probable units; nil: all.
    package var topK: Int?
    /// Only the most probable units that together reach this share of what top-k and min-p have left. Holtzman et al. 2020.
    package var topP: Double?
    /// Only units at least this probable, relative to the most probable one.
    package var minP: Double?
    /// Divides the logits of units seen in the last 64 by this (multiplies negative ones), once however often a unit was
    /// seen. Keskar et al. 2019, 4.1.
    package var repetitionPenalty: Double
    /// Taken from the logits of units that the text holds already; what was there before the model wrote does not count.
    package var presencePenalty: Double
    /// The same for each time that a unit stands in the text.
    package var frequencyPenalty: Double
    /// Added to the logits of units, by id.
    package var logitBias: [Int32: Double]
    /// Units to write.
    package var length: Int
    /// The text ends before the first of these. One for a model of bytes may carry any bytes, see `ByteText`.
    package var stop: [String]

    package init(
        temperature: Double = 0.8, topK: Int? = nil, topP: Double? = nil, minP: Double? = nil,
        repetitionPenalty: Double = 1, presencePenalty: Double = 0, frequencyPenalty: Double = 0,
        logitBias: [Int32: Double] = [:], length: Int = 1000, stop: [String] = []
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.presencePenalty = presencePenalty
        self.frequencyPenalty = frequencyPenalty
        self.logitBias = logitBias
        self.length = length
        self.stop = stop
    }

    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validate() throws(RunError) {
        func require(_ holds: Bool, _ option: String, _ reason: String) throws(RunError) {
            guard holds else { throw .invalidOption(option, reason: reason) }
        }
        try require(
            temperature >= 0 && temperature.isFinite, "temperature", "0 (greedy) or more, not \(temperature)")
        try require(topK.map { $0 >= 1 } ?? true, "top-k", "at least 1, not \(topK ?? 0)")
        try require(topP.map { $0 > 0 && $0 <= 1 } ?? true, "top-p", "above 0 and at most 1, not \(topP ?? 0)")
        try require(minP.map { $0 >= 0 && $0 <= 1 } ?? true, "min-p", "from 0 to 1, not \(minP ?? 0)")
        try require(
            repetitionPenalty > 0 && repetitionPenalty.isFinite, "repetition-penalty",
            "above 0 (1: none), not \(repetitionPenalty)")
        for (name, penalty) in [("presence-penalty", presencePenalty), ("frequency-penalty", frequencyPenalty)] {
            try require(penalty.isFinite, name, "a finite number, not \(penalty)")
        }
        try require(logitBias.values.allSatisfy(\.isFinite), "logit-bias", "finite numbers")
        try require(length >= 0, "length", "0 or more, not \(length)")
        try require(stop.allSatisfy { !$0.isEmpty }, "stop", "needs at least one character")
    }
}
