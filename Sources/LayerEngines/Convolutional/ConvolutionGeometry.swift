import Requirements
package import TensorCore

/// Where a window lies on an image, and how large the result is: the one place of this arithmetic.
///
/// On each axis output position o sees input positions o·stride + k·dilation − padding for k in 0 ..< kernel; positions
/// outside of the image count as zeros. A transposed convolution exchanges the two sides: it is the derivative of the
/// convolution by its input.
package struct ConvolutionGeometry: Hashable, Codable, Sendable {
    package let kernel: Size2D
    package let stride: Size2D
    package let padding: Size2D
    package let dilation: Size2D
    /// For transposed convolutions: rows below and columns to the right that the size alone would leave out, because a
    /// convolution with a stride gives several input sizes the same output size.
    package let outputPadding: Size2D

    /// - Precondition: kernel, stride and dilation at least 1, paddings at least 0, and the output padding smaller than
    ///   the stride or the dilation.
    package init(
        kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1, outputPadding: Size2D = 0
    ) {
        for (name, size, least) in [
            ("kernel", kernel, 1), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1),
            ("output padding", outputPadding, 0),
        ] {
            require(size.height >= least && size.width >= least, "a \(name) of \(size) is less than \(least)")
        }
        require(
            outputPadding.height < max(stride.height, dilation.height)
                && outputPadding.width < max(stride.width, dilation.width),
            "an output padding of \(outputPadding) is not below the stride \(stride) or the dilation \(dilation)")
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.outputPadding = outputPadding
    }

    /// Of a convolution (or a pooling window) on an image of size `input`: floor((n + 2p − d(k − 1) − 1) / s) + 1.
    /// - Precondition: the padded image holds the window at least once.
    package func outputSize(of input: Size2D) -> Size2D {
        require(
            input.height + 2 * padding.height >= vertical.extent
                && input.width + 2 * padding.width >= horizontal.extent,
            "an image of \(input) with padding \(padding) is smaller than a window of \(kernel), dilation \(dilation)")
        return Size2D(height: vertical.outputSize(of: input.height), width: horizontal.outputSize(of: input.width))
    }

    /// Of a transposed convolution: (n − 1)s − 2p + d(k − 1) + 1 + output padding.
    /// - Precondition: the result is not empty.
    package func transposedOutputSize(of input: Size2D) -> Size2D {
        let size = Size2D(
            height: vertical.transposedOutputSize(of: input.height) + outputPadding.height,
            width: horizontal.transposedOutputSize(of: input.width) + outputPadding.width)
        require(
            input.height > 0 && input.width > 0 && size.height > 0 && size.width > 0,
            "a transposed convolution of an image of \(input) with kernel \(kernel), stride \(stride), padding \(padding) "
                + "has size \(size)")
        return size
    }

    var vertical: AxisGeometry {
        AxisGeometry(
            kernel: kernel.height, stride: stride.height, padding: padding.height, dilation: dilation.height)
    }
    var horizontal: AxisGeometry {
        AxisGeometry(kernel: kernel.width, stride: stride.width, padding: padding.width, dilation: dilation.width)
    }
}

/// The arithmetic of one axis.
struct AxisGeometry {
    let kernel: Int
    let stride: Int
    let padding: Int
    let dilation: Int

    /// Input positions from the first tap to the last.
    var extent: Int { dilation * (kernel - 1) + 1 }

    func outputSize(of input: Int) -> Int { (input + 2 * padding - extent) / stride + 1 }
    func transposedOutputSize(of input: Int) -> Int { (input - 1) * stride - 2 * padding + extent }

    /// The small positions o with 0 <= o·stride + tap·dilation − padding < big.
    func positions(seeing tap: Int, small: Int, big: Int) -> Range<Int> {
        let shift = tap * dilation - padding
        let first = shift >= 0 ? 0 : (-shift + stride - 1) / stride
        let end = big - shift <= 0 ? 0 : min(small, (big - shift - 1) / stride + 1)
        return first < end ? first..<end : 0..<0
    }
}
