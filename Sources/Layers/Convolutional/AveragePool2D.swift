package import Autodiff
import CKernels
package import TensorCore

/// The mean of each window. Padding counts as zeros, as in PyTorch's `AvgPool2d` with its default
/// `count_include_pad=True`: every window is divided by its full size. Has no parameters.
package struct AveragePool2D: ImageLayer {
    package let windows: PoolWindows

    /// - Parameters:
    ///   - stride: from window to window; the window's own size by default.
    ///   - padding: at most half a window.
    package init(kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        windows = PoolWindows(kernel: kernel, stride: stride, padding: padding)
    }

    package var parameters: [Parameter] { [] }

    /// [B, C, H, W, 16] to [B, C, H', W', 16].
    package func callAsFunction(_ x: LaneBatch) -> LaneBatch { x.map { $0.tape(MeanOfWindow(windows: windows), $0) } }

    package func callAsFunction(_ x: LaneBatch, buffers: inout NamedTensors, mode: Mode) -> LaneBatch { self(x) }
}

/// The operation of ``AveragePool2D``. Cost: a read for each pixel of each window, from cache.
struct MeanOfWindow: Operation {
    let windows: PoolWindows

    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0], planes = windows.planes(of: x.shape), kernels = context.kernels
        var y = Tensor(uninitialized: planes.resultShape, in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.forParts(planes.count, work: x.count) { range in
                var layout = planes.layout
                for plane in range {
                    kernels.average_pool(&layout, source + plane * planes.size, target + plane * planes.resultSize)
                }
            }
        }
        return ([y], x.shape)
    }

    /// Each pixel of a window gets an equal part of its gradient.
    func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil] }
        let planes = windows.planes(of: shape), kernels = context.kernels
        var dx = Tensor(uninitialized: shape, in: context.workspace)
        let target = dx.mutablePointer, arriving = dy.pointer
        withExtendedLifetime(dy) {
            context.forParts(planes.count, work: dx.count) { range in
                var layout = planes.layout
                for plane in range {
                    let at = plane * planes.size
                    (target + at).update(repeating: 0, count: planes.size)
                    kernels.average_pool_gradient(&layout, arriving + plane * planes.resultSize, target + at)
                }
            }
        }
        return [dx]
    }
}
