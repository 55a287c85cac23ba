package import TrainingRuns

extension LanguageModelOptions {
    /// Checks everything that can be checked without the text.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validate() throws(RunError) {
        func require(_ holds: Bool, _ option: String, _ reason: String) throws(RunError) {
            try OptionCheck.require(holds, option, reason)
        }
        try validateRun()
        try OptionCheck.positive(hidden, "--hidden")
        try OptionCheck.positive(layers, "--layers")
        try OptionCheck.positive(lanes, "--batch")
        try OptionCheck.positive(window, "--window")
        try OptionCheck.positive(sampleEvery, "--sample-every")
        try OptionCheck.positive(minimumCount, "--min-count")
        try OptionCheck.above(clipValue, "--clip-value")
        // It becomes single precision, in which it may be nothing, or infinite.
        try require(
            clipValue.map { Float($0).isNormal } ?? true, "--clip-value",
            "not \(clipValue ?? 0): that is no number in single precision")
        try require(
            hidden.map(LayerSpecification.sizes.contains) ?? true, "--hidden", "at most 65536, not \(hidden ?? 0)")
        let layerCounts = 1...LayerSpecification.largestCount
        try require(layers.map(layerCounts.contains) ?? true, "--layers", "at most 64, not \(layers ?? 0)")
        try require(
            stack.map { layerCounts.contains($0.count) } ?? true, "--stack", "1 to 64 layers, not \(stack?.count ?? 0)")
        for layer in stack ?? [] {
            try require(
                [layer.hidden, layer.outputs].allSatisfy(LayerSpecification.sizes.contains), "--stack",
                "sizes from 1 to 65536, not \(layer)")
        }
        try require(
            embedding.map { (0...65_536).contains($0) } ?? true, "--embedding",
            "from 0 (one-hot) to 65536, not \(embedding ?? 0)")
        try require(
            dropout.map { (0..<1).contains($0) && Float($0) < 1 } ?? true, "--dropout",
            "from 0 to below 1, not \(dropout ?? 0)")
    }
}
