extension TrainingOptions {
    /// - Throws: ``LanguageModelError/invalidOption(_:reason:)``
    public func validate() throws(LanguageModelError) {
        func require(_ holds: Bool, _ option: String, _ reason: String) throws(LanguageModelError) {
            guard holds else { throw .invalidOption(option, reason: reason) }
        }
        func positive(_ value: Int?, _ option: String) throws(LanguageModelError) {
            try require(value.map { $0 >= 1 } ?? true, option, "must be at least 1, not \(value ?? 0)")
        }
        func above(_ value: Double?, _ option: String) throws(LanguageModelError) {
            try require(
                value.map { $0 > 0 && $0.isFinite } ?? true, option, "must be a number above 0, not \(value ?? 0)")
        }
        try positive(hidden, "--hidden")
        try positive(layers, "--layers")
        try positive(lanes, "--batch")
        try positive(window, "--window")
        try positive(steps, "--steps")
        try positive(patience, "--patience")
        try positive(evaluateEvery, "--eval-every")
        try positive(saveEvery, "--save-every")
        try positive(sampleEvery, "--sample-every")
        try positive(minimumCount, "--min-count")
        try above(epochs, "--epochs")
        try above(timeLimit, "--time-limit")
        try above(learningRate, "--lr")
        try above(clipNorm, "--clip-norm")
        try above(clipValue, "--clip-value")
        try require(
            hidden.map { $0 <= 65_536 } ?? true, "--hidden", "at most 65536, not \(hidden ?? 0)")
        try require(layers.map { $0 <= 64 } ?? true, "--layers", "at most 64, not \(layers ?? 0)")
        try require(
            embedding.map { (0...65_536).contains($0) } ?? true, "--embedding",
            "from 0 (one-hot) to 65536, not \(embedding ?? 0)")
        try require(
            dropout.map { (0..<1).contains($0) } ?? true, "--dropout",
            "from 0 to below 1, not \(dropout ?? 0)")
        try require(
            weightDecay.map { $0 >= 0 && $0.isFinite } ?? true, "--weight-decay",
            "0 or more, not \(weightDecay ?? 0)")
        try require(warmUp.map { $0 >= 0 } ?? true, "--warm-up", "0 or more steps, not \(warmUp ?? 0)")
    }
}
