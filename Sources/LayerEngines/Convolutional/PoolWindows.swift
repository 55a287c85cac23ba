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

/// The operation of ``MaxPool2D``. Keeps its input and its result; where the maximum was is found again. Cost: a read
/// for each pixel of each window, from cache.
package struct LargestInWindow: Operation {
    let windows: PoolWindows

    package init(windows: PoolWindows) { self.windows = windows }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (
        outputs: [Tensor], saved: (x: Tensor, y: Tensor)
    ) {
        let x = inputs[0], planes = windows.planes(of: x.shape), kernels = context.kernels
        var y = Tensor(uninitialized: planes.resultShape, in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.parallel(over: planes.count, work: x.count) { range in
                var layout = planes.layout
                for plane in range {
                    kernels.max_pool(&layout, source + plane * planes.size, target + plane * planes.resultSize)
                }
            }
        }
        return ([y], (x, y))
    }

    package func backward(
        _ gradients: [Tensor?], saved: (x: Tensor, y: Tensor), wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil] }
        let planes = windows.planes(of: saved.x.shape), kernels = context.kernels
        var dx = Tensor(uninitialized: saved.x.shape, in: context.workspace)
        let target = dx.mutablePointer, x = saved.x.pointer, y = saved.y.pointer, arriving = dy.pointer
        withExtendedLifetime((saved, dy)) {
            context.parallel(over: planes.count, work: saved.x.count) { range in
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

/// The operation of ``AveragePool2D``. Cost: a read for each pixel of each window, from cache.
package struct MeanOfWindow: Operation {
    let windows: PoolWindows

    package init(windows: PoolWindows) { self.windows = windows }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0], planes = windows.planes(of: x.shape), kernels = context.kernels
        var y = Tensor(uninitialized: planes.resultShape, in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.parallel(over: planes.count, work: x.count) { range in
                var layout = planes.layout
                for plane in range {
                    kernels.average_pool(&layout, source + plane * planes.size, target + plane * planes.resultSize)
                }
            }
        }
        return ([y], x.shape)
    }

    /// Each pixel of a window gets an equal part of its gradient.
    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil] }
        let planes = windows.planes(of: shape), kernels = context.kernels
        var dx = Tensor(uninitialized: shape, in: context.workspace)
        let target = dx.mutablePointer, arriving = dy.pointer
        withExtendedLifetime(dy) {
            context.parallel(over: planes.count, work: dx.count) { range in
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
