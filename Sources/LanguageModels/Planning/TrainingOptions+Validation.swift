extension TrainingOptions {
    /// Of steps and the like: sums and products with it stay far below what an integer holds.
    static let largest = 1_000_000_000

    /// Checks everything that can be checked without the text.
    /// - Throws: ``LanguageModelError/invalidOption(_:reason:)``
    public func validate() throws(LanguageModelError) {
        let largest = Self.largest
        func require(_ holds: Bool, _ option: String, _ reason: String) throws(LanguageModelError) {
            guard holds else { throw .invalidOption(option, reason: reason) }
        }
        func positive(_ value: Int?, _ option: String) throws(LanguageModelError) {
            try require(
                value.map { (1...largest).contains($0) } ?? true, option, "from 1 to \(largest), not \(value ?? 0)")
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
            timeLimit.map { $0 <= Double(largest) } ?? true, "--time-limit",
            "at most \(largest) seconds, not \(timeLimit ?? 0)")
        // Those become single precision, in which they may be nothing, or infinite.
        try require(
            clipValue.map { Float($0).isNormal } ?? true, "--clip-value",
            "not \(clipValue ?? 0): that is no number in single precision")
        try require(
            hidden.map(StackLayer.sizes.contains) ?? true, "--hidden", "at most 65536, not \(hidden ?? 0)")
        let layerCounts = 1...StackLayer.largestCount
        try require(layers.map(layerCounts.contains) ?? true, "--layers", "at most 64, not \(layers ?? 0)")
        try require(
            stack.map { layerCounts.contains($0.count) } ?? true, "--stack", "1 to 64 layers, not \(stack?.count ?? 0)")
        for layer in stack ?? [] {
            try require(
                [layer.hidden, layer.outputs].allSatisfy(StackLayer.sizes.contains), "--stack",
                "sizes from 1 to 65536, not \(layer)")
        }
        try require(
            embedding.map { (0...65_536).contains($0) } ?? true, "--embedding",
            "from 0 (one-hot) to 65536, not \(embedding ?? 0)")
        try require(
            dropout.map { (0..<1).contains($0) && Float($0) < 1 } ?? true, "--dropout",
            "from 0 to below 1, not \(dropout ?? 0)")
        try require(
            weightDecay.map { $0 >= 0 && Float($0).isFinite } ?? true, "--weight-decay",
            "0 or more, not \(weightDecay ?? 0)")
        try require(
            warmUp.map { (0...largest).contains($0) } ?? true, "--warm-up",
            "from 0 to \(largest) steps, not \(warmUp ?? 0)")
    }
}
