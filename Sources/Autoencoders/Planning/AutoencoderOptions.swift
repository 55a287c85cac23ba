package import Images
package import Training
package import TrainingRuns

/// What a user may fix before training. Everything left out follows from the pictures (``AutoencoderPlan``).
package struct AutoencoderOptions: RunOptions, Sendable, Equatable {
    package var architecture: AutoencoderConfiguration.Architecture?
    package var code: Int?
    package var kind: AutoencoderKind?
    /// Channels of each level, from the pictures inwards.
    package var channels: [Int]?
    package var hidden: Int?
    package var batch: Int?
    package var epochs: Double?
    package var steps: Int?
    /// Seconds. When warm-up ends, the rate measured so far fixes the number of steps.
    package var timeLimit: Double?
    package var optimizer: OptimizerKind?
    package var learningRate: Double?
    package var schedule: ScheduleKind?
    package var warmUp: Int?
    /// Steps over which the weight of a variational model's divergence rises from 0 to 1.
    package var divergenceWarmUp: Int?
    package var weightDecay: Double?
    /// 0: the norm of the gradients is not limited.
    package var clipNorm: Double?
    /// Nil: automatic, unless the number of steps or epochs is given.
    package var patience: Patience?
    package var evaluateEvery: Int?
    package var saveEvery: Int?
    package var seed: UInt64?
    package var augmentation: Augmentation?

    package init() {}

    /// Checks everything that can be checked without the pictures.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validate() throws(RunError) {
        func require(_ holds: Bool, _ option: String, _ reason: String) throws(RunError) {
            try OptionCheck.require(holds, option, reason)
        }
        try validateRun()
        let sizes = 1...65_536
        try require(code.map(sizes.contains) ?? true, "--code", "from 1 to 65536 numbers, not \(code ?? 0)")
        try require(
            hidden.map { (0...65_536).contains($0) } ?? true, "--hidden", "from 0 (none) to 65536, not \(hidden ?? 0)")
        try require(
            channels.map { (0...12).contains($0.count) && $0.allSatisfy((1...4096).contains) } ?? true, "--channels",
            "up to 12 levels of 1 to 4096 channels")
        try OptionCheck.positive(batch, "--batch")
        try require(
            divergenceWarmUp.map { (0...largestStepCount).contains($0) } ?? true, "--kl-warm-up",
            "from 0 to \(largestStepCount) steps, not \(divergenceWarmUp ?? 0)")
        try kind?.validate()
        try require(
            divergenceWarmUp == nil || kind?.isVariational == true, "--kl-warm-up",
            "is for --kind variational: other kinds have no divergence")
        if architecture == .book {
            try require(channels == nil, "--channels", "the book's architecture has its own: leave this out")
            try require(hidden == nil, "--hidden", "the book's architecture has no hidden layer: leave this out")
        }
    }
}

extension AutoencoderKind {
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validate() throws(RunError) {
        func share(_ value: Double, _ option: String) throws(RunError) {
            try OptionCheck.require((0..<1).contains(value), option, "a share from 0 to below 1, not \(value)")
        }
        func amount(_ value: Double, _ option: String) throws(RunError) {
            try OptionCheck.require(
                value >= 0 && Float(value).isFinite, option, "a number from 0, not \(value)")
        }
        switch self {
        case .plain: break
        case .denoising(let noise, let masking):
            try amount(noise, "--noise")
            try share(masking, "--masking")
        case .sparse(let weight): try amount(weight, "--sparsity")
        case .variational(let freeNats): try amount(freeNats, "--free-nats")
        }
    }
}
