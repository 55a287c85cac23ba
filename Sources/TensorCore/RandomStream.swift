package import CKernels

/// Random numbers as a pure function of (seed, stream, step, index): Philox4x32-10 (Salmon et al., 2011).
/// There is no state to advance or to save; who draws first does not matter.
public struct RandomStream: Hashable, Codable, Sendable {
    /// What a whole run of a program hangs on.
    public var seed: UInt64
    /// Which of its uses: the weights of a layer, the order of a data set, …
    public var stream: UInt64
    /// Which time: the step of a training, for instance.
    public var step: UInt64

    /// A stream of its own for each of the three numbers.
    public init(seed: UInt64, stream: UInt64 = 0, step: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
        self.step = step
    }

    package var key: CKRandomKey { CKRandomKey(seed: seed, stream: stream, step: step) }

    /// Draws `first ..< first + count`, uniform in [0, 1), 24 bits each.
    package func uniform(first: Int = 0, count: Int, in context: ComputeContext) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { context.kernels.uniform(key, UInt64(first), base, count) }
            initialized = count
        }
    }

    /// Uniform in [low, high]: rounding may give `high` itself.
    public func uniform(_ shape: Shape, low: Float, high: Float, in context: ComputeContext) -> Tensor {
        var result = Tensor(uninitialized: shape)
        let p = result.mutablePointer, key = key, kernels = context.kernels, width = high - low
        context.forElements(of: shape.count) { start, count in
            kernels.uniform(key, UInt64(start), p + start, count)
            kernels.affine(p + start, width, low, p + start, count)
        }
        return result
    }

    /// Normal, by Box and Muller's method.
    public func normal(_ shape: Shape, mean: Float = 0, deviation: Float = 1, in context: ComputeContext) -> Tensor {
        var result = Tensor(uninitialized: shape)
        let p = result.mutablePointer, key = key, kernels = context.kernels
        context.forElements(of: shape.count) { start, count in
            kernels.normal(key, UInt64(start), p + start, count)
            kernels.affine(p + start, deviation, mean, p + start, count)
        }
        return result
    }
}
