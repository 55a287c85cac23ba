import Autodiff
import CKernels
import Requirements
package import TensorCore

/// The windows of a pooling layer.
package struct PoolWindows: Hashable, Sendable {
    package let geometry: ConvolutionGeometry

    /// - Precondition: the padding is at most half a window, so that every window holds a pixel of the image.
    package init(kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        require(
            2 * padding.height <= kernel.height && 2 * padding.width <= kernel.width,
            "a padding of \(padding) around pooling windows of \(kernel): at most half a window")
        geometry = ConvolutionGeometry(kernel: kernel, stride: stride ?? kernel, padding: padding)
    }

    /// The (block, channel) planes of images in blocks, which are pooled one by one.
    struct Planes {
        let count: Int
        /// Floats of a plane, before and after.
        let size, resultSize: Int
        let resultShape: Shape
        let layout: CKPool
    }

    func planes(of shape: Shape) -> Planes {
        let result = geometry.outputSize(of: Size2D(height: shape[2], width: shape[3]))
        let layout = CKPool(
            height: shape[2], width: shape[3], out_height: result.height, out_width: result.width,
            kernel_height: geometry.kernel.height, kernel_width: geometry.kernel.width,
            stride_height: geometry.stride.height, stride_width: geometry.stride.width,
            pad_height: geometry.padding.height, pad_width: geometry.padding.width)
        return Planes(
            count: shape[0] * shape[1], size: shape[2] * shape[3] * ImageBlocks.blockSize,
            resultSize: result.area * ImageBlocks.blockSize,
            resultShape: [shape[0], shape[1], result.height, result.width, ImageBlocks.blockSize], layout: layout)
    }
}

/// One number for each window: its largest pixel, or the mean of its pixels. Cost: a read for each pixel of each window,
/// from cache.
package struct Pooling: Operation {
    package enum Method: Sendable { case largest, mean }

    private let windows: PoolWindows
    private let method: Method

    package init(_ windows: PoolWindows, _ method: Method) { (self.windows, self.method) = (windows, method) }

    /// The shape of the input and, where the largest pixel was, the input and the result: where it was is found again.
    package struct Saved {
        let shape: Shape
        let x, y: Tensor?
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved) {
        let x = inputs[0], planes = windows.planes(of: x.shape), kernels = context.kernels, method = method
        var y = Tensor(uninitialized: planes.resultShape, in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.parallel(over: planes.count, work: x.count) { range in
                var layout = planes.layout
                for plane in range {
                    let from = source + plane * planes.size, to = target + plane * planes.resultSize
                    switch method {
                    case .largest: kernels.max_pool(&layout, from, to)
                    case .mean: kernels.average_pool(&layout, from, to)
                    }
                }
            }
        }
        return ([y], method == .largest ? Saved(shape: x.shape, x: x, y: y) : Saved(shape: x.shape, x: nil, y: nil))
    }

    /// The largest pixel of a window gets its gradient, or each pixel an equal part of it.
    package func backward(
        _ gradients: [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil] }
        let planes = windows.planes(of: saved.shape), kernels = context.kernels
        var dx = Tensor(uninitialized: saved.shape, in: context.workspace)
        let target = dx.mutablePointer, x = saved.x?.pointer, y = saved.y?.pointer, arriving = dy.pointer
        withExtendedLifetime((saved, dy)) {
            context.parallel(over: planes.count, work: dx.count) { range in
                var layout = planes.layout
                for plane in range {
                    let at = plane * planes.size, result = plane * planes.resultSize
                    (target + at).update(repeating: 0, count: planes.size)
                    if let x, let y {
                        kernels.max_pool_gradient(&layout, x + at, y + result, arriving + result, target + at)
                    } else {
                        kernels.average_pool_gradient(&layout, arriving + result, target + at)
                    }
                }
            }
        }
        return [dx]
    }
}
