import CKernels
import TensorCore

/// The gradient of a convolution's sums from that of its results, and the gradient of the bias: sums of the planes in lanes
/// and one fixed tree, added up in the order of the blocks.
struct ActivationGradientPass {
    let job: ActivationGradientJob
    private let dz: Tensor
    private let sums: Tensor?
    private let kept: (Tensor, Tensor)

    /// - Parameters:
    ///   - y: results [blocks, channels, height, width, 16].
    ///   - dy: their gradient.
    ///   - wantsBias: whether the gradient of the bias is wanted.
    init(
        _ activation: FusedActivation, y: Tensor, dy: Tensor, bias wantsBias: Bool, in context: ComputeContext
    ) {
        let isLinear = activation == .linear, blocks = dy.shape[0], channels = dy.shape[1]
        var dz = isLinear ? dy : Tensor(uninitialized: dy.shape, in: context.workspace)
        var sums =
            isLinear && !wantsBias ? nil : Tensor(uninitialized: [blocks, channels], in: context.workspace)
        job = ActivationGradientJob(
            planes: sums == nil ? 0 : blocks * channels, size: dy.shape[2] * dy.shape[3] * 16,
            activation: activation.code, slope: activation.slope, kernels: context.kernels, y: y.pointer,
            dy: dy.pointer, dz: isLinear ? nil : dz.mutablePointer, sums: sums?.mutablePointer)
        self.dz = dz
        self.sums = wantsBias ? sums : nil
        kept = (y, dy)
    }

    /// The gradient of the sums: filled in plane by plane by the job.
    var gradient: Tensor { withExtendedLifetime(kept) { dz } }

    /// After all planes of the job.
    func biasGradient(in context: ComputeContext) -> Tensor? { sums.map { context.columnSums($0) } }
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
