package import Autodiff
import CKernels
package import TensorCore

/// The largest pixel of each window; padding never wins (it is -infinity). The gradient goes to that pixel, to the first
/// in rows from the top where several are equal. PyTorch's `MaxPool2d`. Has no parameters.
package struct MaxPool2D: ImageLayer {
    package let windows: PoolWindows

    /// - Parameters:
    ///   - stride: from window to window; the window's own size by default.
    ///   - padding: at most half a window.
    package init(kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        windows = PoolWindows(kernel: kernel, stride: stride, padding: padding)
    }

    package var parameters: [Parameter] { [] }

    /// [B, C, H, W, 16] to [B, C, H', W', 16].
    package func callAsFunction(_ x: LaneBatch) -> LaneBatch {
        x.map { $0.tape(LargestInWindow(windows: windows), $0) }
    }

    package func callAsFunction(_ x: LaneBatch, buffers: inout NamedTensors, mode: Mode) -> LaneBatch { self(x) }
}

/// The operation of ``MaxPool2D``. Keeps its input and its result; where the maximum was is found again. Cost: a read
/// for each pixel of each window, from cache.
struct LargestInWindow: Operation {
    let windows: PoolWindows

    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: (x: Tensor, y: Tensor)) {
        let x = inputs[0], planes = windows.planes(of: x.shape), kernels = context.kernels
        var y = Tensor(uninitialized: planes.resultShape, in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.forParts(planes.count, work: x.count) { range in
                var layout = planes.layout
                for plane in range {
                    kernels.max_pool(&layout, source + plane * planes.size, target + plane * planes.resultSize)
                }
            }
        }
        return ([y], (x, y))
    }

    func backward(
        _ gradients: [Tensor?], saved: (x: Tensor, y: Tensor), wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil] }
        let planes = windows.planes(of: saved.x.shape), kernels = context.kernels
        var dx = Tensor(uninitialized: saved.x.shape, in: context.workspace)
        let target = dx.mutablePointer, x = saved.x.pointer, y = saved.y.pointer, arriving = dy.pointer
        withExtendedLifetime((saved, dy)) {
            context.forParts(planes.count, work: saved.x.count) { range in
                var layout = planes.layout
                for plane in range {
                    let at = plane * planes.size, result = plane * planes.resultSize
                    (target + at).update(repeating: 0, count: planes.size)
                    kernels.max_pool_gradient(&layout, x + at, y + result, arriving + result, target + at)
                }
            }
        }
        return [dx]
    }
}
