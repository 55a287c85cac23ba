import Images
import Layers
import TensorCore

/// The shape [C, H, W] of what passes between two layers, for one picture.
struct Planes: Hashable {
    var channels: Int
    var height: Int
    var width: Int

    var count: Int { channels * height * width }
}

/// One level of the standard network: a convolution that halves the sides, and the transposed one that doubles them.
struct NetworkLevel {
    let outer: Planes
    let inner: Planes

    init(from outer: Planes, channels: Int) {
        self.outer = outer
        inner = Planes(channels: channels, height: (outer.height + 1) / 2, width: (outer.width + 1) / 2)
    }

    /// The convolution's kernel: at stride 2 and padding 1 it makes ⌈h / 2⌉ rows of h.
    var kernel: Size2D { 3 }

    /// The transposed convolution's kernel: at stride 2 and padding 1, 4 makes 2 h rows of h, and 3 makes 2 h - 1.
    var transposedKernel: Size2D {
        Size2D(height: outer.height % 2 == 0 ? 4 : 3, width: outer.width % 2 == 0 ? 4 : 3)
    }
}

extension AutoencoderConfiguration {
    /// The levels, from the pictures to the code.
    var levels: [NetworkLevel] {
        var outer = pictures
        return channels.map { channels in
            let level = NetworkLevel(from: outer, channels: channels)
            outer = level.inner
            return level
        }
    }

    var pictures: Planes { Planes(channels: format.channels, height: format.height, width: format.width) }

    /// The shape at the innermost level, which the dense layers see as one row.
    var innermost: Planes { levels.last?.inner ?? pictures }
}

/// Multiply-adds that a network cannot do without, for one picture. Taps of a kernel that lie outside a picture do not
/// count, nor does what is not a product: normalization, activations, the loss.
extension AutoencoderConfiguration {
    /// A picture to its code.
    package var encodingMultiplyAdds: Int {
        switch architecture {
        case .standard:
            levels.reduce(0) { $0 + $1.convolution.multiplyAdds }
                + denseMultiplyAdds(innermost.count, encoderOutputs)
        case .book: bookConvolutions.down.reduce(0, +) + BookNetwork.inner(self).count * encoderOutputs
        }
    }

    /// A code to its picture.
    package var decodingMultiplyAdds: Int {
        switch architecture {
        case .standard:
            levels.reduce(0) { $0 + $1.transposed.multiplyAdds } + denseMultiplyAdds(innermost.count, code)
        case .book: bookConvolutions.up.reduce(0, +) + BookNetwork.inner(self).count * code
        }
    }

    /// A training step's share: every product again for the gradient of its weights and for that of its input, which the
    /// first one has no use for.
    package var trainingMultiplyAdds: Int {
        let first =
            switch architecture {
            case .standard: levels.first?.convolution.multiplyAdds ?? innermost.count * (hidden > 0 ? hidden : code)
            case .book: bookConvolutions.down[0]
            }
        return 3 * (encodingMultiplyAdds + decodingMultiplyAdds) - first
    }

    /// The multiply-adds of the dense layers between the innermost level and the code, on one side of the code.
    private func denseMultiplyAdds(_ inner: Int, _ code: Int) -> Int {
        hidden > 0 ? inner * hidden + hidden * code : inner * code
    }

    private var bookConvolutions: (down: [Int], up: [Int]) { BookNetwork.convolutionMultiplyAdds(of: self) }
}

/// A convolution as its sizes. A transposed one has as many products as the convolution whose gradient it is.
struct ConvolutionSizes: Hashable {
    /// Channels and sides where the planes are larger: the input of a convolution, the output of a transposed one.
    var outer: Planes
    var inner: Planes
    var kernel: Size2D
    var stride: Int
    var padding: Int

    var multiplyAdds: Int {
        outer.channels * inner.channels * taps(outer.height, inner.height, kernel.height)
            * taps(outer.width, inner.width, kernel.width)
    }

    /// Pairs of an inner position and a tap of the kernel that lie inside the outer side.
    private func taps(_ outer: Int, _ inner: Int, _ kernel: Int) -> Int {
        (0..<inner).reduce(0) { sum, position in
            let first = position * stride - padding
            return sum + max(0, min(outer, first + kernel) - max(0, first))
        }
    }
}

extension NetworkLevel {
    var convolution: ConvolutionSizes {
        ConvolutionSizes(outer: outer, inner: inner, kernel: kernel, stride: 2, padding: 1)
    }
    var transposed: ConvolutionSizes {
        ConvolutionSizes(outer: outer, inner: inner, kernel: transposedKernel, stride: 2, padding: 1)
    }
}
