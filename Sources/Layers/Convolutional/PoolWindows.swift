import CKernels
import Requirements
import TensorCore

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

    /// The (block, channel) planes of images in lanes, which are pooled one by one.
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
            count: shape[0] * shape[1], size: shape[2] * shape[3] * LaneBatch.lanes,
            resultSize: result.area * LaneBatch.lanes,
            resultShape: [shape[0], shape[1], result.height, result.width, LaneBatch.lanes], layout: layout)
    }
}
