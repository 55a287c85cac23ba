import CKernels
import Kernels
import Requirements
package import TensorCore

/// The mean cross-entropy, in nats, of integer targets under softmax(logits), by log-sum-exp: fused, so that the
/// gradient (softmax - one hot) / rows is made in the same pass and no probability is ever clipped.
///
/// Shapes: logits [..., V] with R rows, targets R integers in 0 ..< V; the result is a scalar. The mean is summed
/// in Double in row order.
package struct SoftmaxCrossEntropy: Operation {
    package let targets: [Int32]

    package init(targets: [Int32]) { self.targets = targets }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let (losses, gradient) = Self.lossesAndGradient(inputs[0], targets: targets, in: context)
        let mean = losses.reduce(0.0) { $0 + Double($1) } / Double(max(1, losses.count))
        return ([Tensor(Float(mean))], gradient)
    }

    package func backward(_ gradients: [Tensor?], saved: Tensor, wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        guard let scale = gradients[0]?.scalar else { return [nil] }
        if scale == 1 { return [saved] }
        var result = Tensor(uninitialized: saved.shape, in: context.workspace)
        context.kernels.affine(saved.pointer, scale, 0, result.mutablePointer, saved.count)
        return [result]
    }

    /// The loss of each row, for evaluation.
    package static func losses(_ logits: Tensor, targets: [Int32], in context: ComputeContext) -> [Float] {
        rowLosses(logits, targets: targets, gradient: nil, in: context)
    }

    private static func lossesAndGradient(
        _ logits: Tensor, targets: [Int32], in context: ComputeContext
    ) -> ([Float], Tensor) {
        var gradient = Tensor(uninitialized: logits.shape, in: context.workspace)
        let losses = rowLosses(logits, targets: targets, gradient: gradient.mutablePointer, in: context)
        return (losses, gradient)
    }

    private static func rowLosses(
        _ logits: Tensor, targets: [Int32], gradient: UnsafeMutablePointer<Float>?, in context: ComputeContext
    ) -> [Float] {
        let rows = logits.shape.rows, columns = logits.shape.columns
        require(targets.count == rows, "\(targets.count) targets for logits of shape \(logits.shape)")
        require(
            targets.allSatisfy { $0 >= 0 && $0 < columns },
            "a target is outside of the \(columns) classes of the logits")
        let scale = 1 / Float(max(1, rows)), kernels = context.kernels,
            source = logits.pointer
        return [Float](unsafeUninitializedCapacity: rows) { losses, initialized in
            initialized = rows
            guard let out = losses.baseAddress else { return }
            targets.withUnsafeBufferPointer { buffer in
                guard let targets = buffer.baseAddress else { return }
                func score(_ range: Range<Int>) {
                    guard !range.isEmpty else { return }
                    let first = range.lowerBound
                    kernels.softmax_cross_entropy(
                        source + first * columns, targets + first, range.count, columns, scale, out + first,
                        gradient.map { $0 + first * columns })
                }
                withExtendedLifetime(logits) { context.parallel(over: rows, work: rows * columns) { score($0) } }
            }
        }
    }
}

extension Variable {
    /// Mean cross-entropy in nats of integer targets under softmax of these logits.
    public func softmaxCrossEntropy(targets: [Int32]) -> Variable { tape(SoftmaxCrossEntropy(targets: targets), self) }
}
