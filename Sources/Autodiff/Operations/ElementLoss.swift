import CKernels
import Requirements
public import TensorCore

/// How the losses of the elements of [N, ...], N images or rows, become one number.
public enum LossReduction: String, Hashable, Codable, Sendable {
    /// Their mean over all elements.
    case meanOverElements
    /// Summed over the elements of each image, averaged over the images: the N of [N, ...].
    case sumPerImage

    func scale(_ shape: Shape) -> Double {
        1 / Double(max(1, self == .meanOverElements ? shape.count : shape[0]))
    }
}

/// A loss that compares each element of a prediction [N, ...] with a target of the same shape, a constant. The result
/// is a scalar. Fused: the gradient by the prediction is made in the same pass.
///
/// The elements of an image are summed in chunks (16 lanes and a fixed tree, then in Double), the images in Double in
/// order.
package struct ElementLoss: Operation {
    package enum Kind: String, Hashable, Codable, Sendable {
        /// (x - t)².
        case squaredError
        /// |x - t|; the derivative at zero is zero.
        case absoluteError
        /// -t log σ(x) - (1 - t) log(1 - σ(x)) in nats, x a logit, t in [0, 1]: computed as
        /// max(x, 0) - x t + log(1 + exp(-|x|)), which neither overflows nor loses a small loss. For t strictly
        /// between 0 and 1 its least value is the entropy of t, not zero.
        case binaryCrossEntropy
    }

    package let kind: Kind
    package let target: Tensor
    package let reduction: LossReduction

    package init(_ kind: Kind, target: Tensor, reduction: LossReduction) {
        self.kind = kind
        self.target = target
        self.reduction = reduction
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let x = inputs[0], scale = reduction.scale(x.shape)
        var gradient = Tensor(uninitialized: x.shape, in: context.workspace)
        let sums = Self.imageSums(
            kind, x, target, scale: Float(scale), gradient: gradient.mutablePointer, in: context)
        return ([Tensor(Float(sums.reduce(0.0) { $0 + Double($1) } * scale))], gradient)
    }

    package func backward(
        _ gradients: [Tensor?], saved: Tensor, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let scale = gradients[0]?.scalar else { return [nil] }
        return [scale == 1 ? saved : context.affine(saved, scale: scale)]
    }

    /// The loss of each image, summed over its elements: for evaluation.
    package static func imageSums(
        _ kind: Kind, _ prediction: Tensor, target: Tensor, in context: ComputeContext
    ) -> [Float] {
        imageSums(kind, prediction, target, scale: 0, gradient: nil, in: context)
    }

    private static func imageSums(
        _ kind: Kind, _ x: Tensor, _ target: Tensor, scale: Float, gradient: UnsafeMutablePointer<Float>?,
        in context: ComputeContext
    ) -> [Float] {
        require(x.shape.rank > 0, "a loss compares [N, ...], not scalars")
        require(x.shape == target.shape, "a prediction of shape \(x.shape) for a target of \(target.shape)")
        let images = x.shape[0], size = images == 0 ? 0 : x.count / images, kernels = context.kernels
        let kernel =
            switch kind {
            case .squaredError: kernels.squared_error
            case .absoluteError: kernels.absolute_error
            case .binaryCrossEntropy: kernels.binary_cross_entropy
            }
        guard let kernel else { fatalError("the kernel table has no \(kind.rawValue)") }
        let source = x.pointer, targets = target.pointer
        return [Float](unsafeUninitializedCapacity: images) { sums, initialized in
            initialized = images
            guard let out = sums.baseAddress else { return }
            withExtendedLifetime((x, target)) {
                context.parallel(over: images, work: x.count) { range in
                    let first = range.lowerBound * size
                    kernel(
                        source + first, targets + first, range.count, size, scale, out + range.lowerBound,
                        gradient.map { $0 + first })
                }
            }
        }
    }
}

extension Variable {
    /// (x - t)² of each element, a scalar.
    public func squaredError(to target: Tensor, reduction: LossReduction = .meanOverElements) -> Variable {
        tape(ElementLoss(.squaredError, target: target, reduction: reduction), self)
    }

    /// |x - t| of each element, a scalar.
    public func absoluteError(to target: Tensor, reduction: LossReduction = .meanOverElements) -> Variable {
        tape(ElementLoss(.absoluteError, target: target, reduction: reduction), self)
    }

    /// The binary cross-entropy in nats of targets in [0, 1] under the sigmoid of these logits, a scalar.
    public func binaryCrossEntropy(targets: Tensor, reduction: LossReduction = .meanOverElements) -> Variable {
        tape(ElementLoss(.binaryCrossEntropy, target: targets, reduction: reduction), self)
    }
}
