import CKernels
import TensorCore

/// The gradient of a convolution's sums from that of its results, and the gradient of the bias: sums of the planes in lanes
/// and one fixed tree, added up in the order of the blocks.
struct ActivationGradientPass {
    let job: ActivationGradientJob
    private let dz: Tensor
    private let sums: Tensor?
    private let kept: [Tensor?]

    /// - Parameters:
    ///   - y: results [blocks, channels, height, width, 16], unless the activation is linear.
    ///   - dy: their gradient, overwritten if nobody else holds it.
    ///   - wantsBias: whether the gradient of the bias is wanted.
    init(
        _ activation: FusedActivation, y: Tensor?, dy: consuming Tensor, bias wantsBias: Bool,
        in context: ComputeContext
    ) {
        let blocks = dy.shape[0], channels = dy.shape[1], size = dy.shape[2] * dy.shape[3] * 16
        var sums = y == nil && !wantsBias ? nil : Tensor(uninitialized: [blocks, channels], in: context.workspace)
        let source = dy.pointer, partial = sums?.mutablePointer
        var target: UnsafeMutablePointer<Float>?, held = [y, sums]
        if y == nil {
            dz = dy
        } else if dy.isUnique {
            target = dy.mutablePointer
            dz = dy
        } else {
            var new = Tensor(uninitialized: dy.shape, in: context.workspace)
            target = new.mutablePointer
            dz = new
            held.append(dy)
        }
        job = ActivationGradientJob(
            planes: partial == nil ? 0 : blocks * channels, size: size, activation: activation.code,
            slope: activation.slope, kernels: context.kernels, y: y?.pointer ?? source, dy: source, dz: target,
            sums: partial)
        self.sums = wantsBias ? sums : nil
        kept = held
    }

    /// The gradient of the sums: filled in plane by plane by the job.
    var gradient: Tensor { dz }

    /// After all planes of the job, whose pointers are good until here.
    func biasGradient(in context: ComputeContext) -> Tensor? {
        withExtendedLifetime(kept) { sums.map { context.columnSums($0) } }
    }
}

/// What the threads of an ``ActivationGradientPass`` do. Pointers and integers only.
struct ActivationGradientJob {
    /// Blocks x channels, or 0 if there is nothing to do.
    let planes: Int
    fileprivate let size: Int
    fileprivate let activation: Int32
    fileprivate let slope: Float
    fileprivate let kernels: CKKernels
    fileprivate let y: UnsafePointer<Float>
    fileprivate let dy: UnsafePointer<Float>
    fileprivate let dz: UnsafeMutablePointer<Float>?
    fileprivate let sums: UnsafeMutablePointer<Float>?

    func run(_ planes: Range<Int>) {
        guard let sums else { return }
        for plane in planes {
            let start = plane * size
            sums[plane] =
                dz.map { kernels.plane_gradient(activation, slope, y + start, dy + start, $0 + start, size) }
                ?? kernels.sum(dy + start, size)
        }
    }
}
