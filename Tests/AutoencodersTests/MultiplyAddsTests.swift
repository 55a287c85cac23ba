import Autoencoders
import Images
import Testing

/// Against counts made one product at a time.
@Suite struct MultiplyAddsTests {
    /// Products of a convolution between planes, transposed or not: every position of the smaller side with every tap
    /// that lies inside the larger one.
    static func products(
        outer: (channels: Int, height: Int, width: Int), channels: Int, kernel: (height: Int, width: Int), stride: Int,
        padding: Int
    ) -> Int {
        let height = (outer.height + stride - 1) / stride, width = (outer.width + stride - 1) / stride
        var count = 0
        for y in 0..<height {
            for x in 0..<width {
                for i in 0..<kernel.height {
                    for j in 0..<kernel.width {
                        let row = y * stride + i - padding, column = x * stride + j - padding
                        if row >= 0, row < outer.height, column >= 0, column < outer.width { count += 1 }
                    }
                }
            }
        }
        return count * outer.channels * channels
    }

    /// Odd and even sides, so that kernels of the way back differ.
    @Test(arguments: [(0, AutoencoderKind.plain), (10, .plain), (10, .variational(freeNats: 0))])
    func standard(hidden: Int, kind: AutoencoderKind) {
        let format = PictureFormat(width: 13, height: 22, channels: 3)
        let model = AutoencoderConfiguration(format: format, code: 6, channels: [5, 8], hidden: hidden, kind: kind)
        let outputs = kind.isVariational ? 12 : 6
        // 22 × 13 to 11 × 7 to 6 × 4.
        let inner = 8 * 6 * 4
        func down(_ outer: (Int, Int, Int), _ channels: Int) -> Int {
            Self.products(outer: outer, channels: channels, kernel: (3, 3), stride: 2, padding: 1)
        }
        let first = down((3, 22, 13), 5)
        let encoding =
            first + down((5, 11, 7), 8) + (hidden > 0 ? inner * hidden + hidden * outputs : inner * outputs)
        #expect(model.encodingMultiplyAdds == encoding)
        let decoding =
            Self.products(outer: (3, 22, 13), channels: 5, kernel: (4, 3), stride: 2, padding: 1)
            + Self.products(outer: (5, 11, 7), channels: 8, kernel: (3, 3), stride: 2, padding: 1)
            + (hidden > 0 ? inner * hidden + hidden * 6 : inner * 6)
        #expect(model.decodingMultiplyAdds == decoding)
        #expect(model.trainingMultiplyAdds == 3 * (encoding + decoding) - first)
    }

    @Test func book() {
        let model = AutoencoderConfiguration(
            .book, format: PictureFormat(width: 9, height: 11, channels: 1), code: 4)
        func same(_ inputs: Int, _ outputs: Int) -> Int {
            Self.products(outer: (inputs, 11, 9), channels: outputs, kernel: (5, 5), stride: 1, padding: 2)
        }
        let dense = 7 * 11 * 9 * 4
        #expect(model.encodingMultiplyAdds == same(1, 14) + same(14, 7) + dense)
        #expect(model.decodingMultiplyAdds == same(7, 14) + same(14, 1) + dense)
        #expect(
            model.trainingMultiplyAdds
                == 3 * (model.encodingMultiplyAdds + model.decodingMultiplyAdds) - same(1, 14))
    }

    /// Without levels the first product is a dense one.
    @Test func withoutConvolutions() {
        let model = AutoencoderConfiguration(format: PictureFormat(width: 4, height: 3, channels: 1), code: 2)
        #expect(model.encodingMultiplyAdds == 24 && model.decodingMultiplyAdds == 24)
        #expect(model.trainingMultiplyAdds == 3 * 48 - 24)
    }
}
