import Autodiff
package import LayerEngines
import Requirements
package import TensorCore

/// What each output pixel of a convolution sees, as a row of a matrix (im2col): images [N, C, H, W] to
/// [N H' W', C kH kW], zeros where a window reaches over the edge. A pixel is repeated for every window that holds it.
package struct ImagePatches: Operation {
    package let geometry: ConvolutionGeometry

    package init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0], sizes = Sizes(x.shape, geometry)
        var patches = Tensor(
            zeros: [sizes.images * sizes.positions, sizes.channels * sizes.taps], in: context.workspace)
        let target = patches.mutablePointer, source = x.pointer
        withExtendedLifetime(x) {
            context.parallel(over: sizes.images, work: patches.count) { range in
                for image in range {
                    sizes.eachTap { pixel, entry in
                        target[image * sizes.patchCount + entry] = source[image * sizes.pixelCount + pixel]
                    }
                }
            }
        }
        return ([patches], x.shape)
    }

    /// Every pixel gets the sum over the windows that hold it (col2im), added up in the order of the rows.
    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return [nil] }
        let sizes = Sizes(shape, geometry)
        var dx = Tensor(zeros: shape, in: context.workspace)
        let target = dx.mutablePointer, source = g.pointer
        withExtendedLifetime(g) {
            context.parallel(over: sizes.images, work: g.count) { range in
                for image in range {
                    sizes.eachTap { pixel, entry in
                        target[image * sizes.pixelCount + pixel] += source[image * sizes.patchCount + entry]
                    }
                }
            }
        }
        return [dx]
    }

    private struct Sizes {
        let images, channels, height, width: Int
        let result: Size2D
        let geometry: ConvolutionGeometry

        init(_ shape: Shape, _ geometry: ConvolutionGeometry) {
            require(shape.rank == 4, "images are [N, C, H, W], not \(shape)")
            (images, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
            result = geometry.outputSize(of: Size2D(height: height, width: width))
            self.geometry = geometry
        }

        var taps: Int { geometry.kernel.area }
        var positions: Int { result.area }
        /// Elements of an image and of its rows of the matrix.
        var pixelCount: Int { channels * height * width }
        var patchCount: Int { positions * channels * taps }

        /// Calls `body` with the offset of a pixel in an image and of its entry in the image's rows, for every entry
        /// that lies on the image.
        @inline(__always)
        func eachTap(_ body: (_ pixel: Int, _ entry: Int) -> Void) {
            for oy in 0..<result.height {
                for ox in 0..<result.width {
                    let row = (oy * result.width + ox) * channels * taps
                    for channel in 0..<channels {
                        for ky in 0..<geometry.kernel.height {
                            let y =
                                oy * geometry.stride.height + ky * geometry.dilation.height - geometry.padding.height
                            guard y >= 0 && y < height else { continue }
                            for kx in 0..<geometry.kernel.width {
                                let x =
                                    ox * geometry.stride.width + kx * geometry.dilation.width - geometry.padding.width
                                guard x >= 0 && x < width else { continue }
                                let tap = (channel * geometry.kernel.height + ky) * geometry.kernel.width + kx
                                body((channel * height + y) * width + x, row + tap)
                            }
                        }
                    }
                }
            }
        }
    }
}
