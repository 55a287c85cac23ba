import Jacquard

/// # 5.1-5.3 Convolution in two dimensions and with many channels
///
/// In a picture the kernel moves along both axes. A picture has channels, as red, green and blue are; each channel o of the
/// result has a kernel for each of them, and adds up over all:
///
///     y[n, o, r, c] = Σ over i, p, q of  w[o, i, p, q] · x[n, i, r·stride + p - padding, c·stride + q - padding]
///
/// The same loops make output and gradients, as in one dimension. The engine's `Convolution2D` has to agree with them.
///
/// The book has such loops too, and they are right. Its faster version with matrix products, from which its network learns,
/// is not: it puts the windows of the pictures into rows pixel by pixel, the gradients picture by picture, and multiplies row
/// by row. With one picture both orders are the same. With more, windows meet gradients of other pictures. A check by the sum
/// of the output cannot see that, for then all gradients are 1; the book checks by the sum.
public struct ConvolutionInTwoDimensions: Lesson {
    public static let about = About(
        "5.1-5.3", "Convolution with channels", shows: "Loops against the engine, and the book's gradient of a batch.",
        data: .digits, seconds: 0.2)

    public init() {}

    /// `images` with `inputs` channels to as many with `outputs` channels.
    struct Sizes {
        var images = 4, inputs = 2, outputs = 3, height = 6, width = 5, kernel = 3, stride = 1, padding = 1
        var rows: Int { (height + 2 * padding - kernel) / stride + 1 }
        var columns: Int { (width + 2 * padding - kernel) / stride + 1 }

        /// Each product of a weight and a pixel, and the pixel of the result that it adds to. Pixels outside are zero.
        func forEachProduct(_ body: (_ w: Int, _ x: Int, _ y: (n: Int, o: Int, pixel: Int)) -> Void) {
            for map in 0..<images * outputs {
                for pixel in 0..<rows * columns {
                    for i in 0..<inputs {
                        for p in 0..<kernel {
                            for q in 0..<kernel {
                                let row = pixel / columns * stride + p - padding
                                let column = pixel % columns * stride + q - padding
                                guard 0..<height ~= row, 0..<width ~= column else { continue }
                                body(
                                    ((map % outputs * inputs + i) * kernel + p) * kernel + q,
                                    ((map / outputs * inputs + i) * height + row) * width + column,
                                    (map / outputs, map % outputs, pixel))
                            }
                        }
                    }
                }
            }
        }

        func place(_ n: Int, _ o: Int, _ pixel: Int) -> Int { (n * outputs + o) * rows * columns + pixel }
    }

    public func run(with materials: Materials) throws -> Report {
        func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
            (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / (b.map(abs).max() ?? 1)
        }
        func size(_ name: String, _ sizes: Sizes) -> Row { Row(name, here: "\(sizes.rows)") }
        func check(_ s: Sizes, ones: Bool = false) -> (output: Double, input: Double, kernel: Double, book: Double) {
            let context = materials.context, random = RandomStream(seed: 1)
            let layer = Convolution2D(
                s.inputs, s.outputs, kernel: Size2D(s.kernel), stride: Size2D(s.stride), padding: Size2D(s.padding),
                bias: false)
            layer.initialize(seed: 1, in: context)
            let shape: Shape = [s.images, s.inputs, s.height, s.width]
            let tape = Tape(in: context), pictures = tape.variable(random.normal(shape, in: context))
            let result = layer(pictures)
            let pull = ones ? Tensor(repeating: 1, shape: result.shape) : random.normal(result.shape, in: context)
            let gradients = tape.backward(from: [(result, pull)])

            func doubles(_ tensor: Tensor?) -> [Double] { tensor?.values.map(Double.init) ?? [] }
            let x = doubles(pictures.value), w = doubles(layer.weight.value), g = doubles(pull)
            var y = g.map { _ in 0.0 }, dx = x.map { _ in 0.0 }, dw = w.map { _ in 0.0 }, dwOfTheBook = dw
            let pixels = s.rows * s.columns
            s.forEachProduct { wi, xi, to in
                let place = s.place(to.n, to.o, to.pixel)
                y[place] += w[wi] * x[xi]
                dx[xi] += w[wi] * g[place]
                dw[wi] += x[xi] * g[place]
                // The window is row k of the book's matrix; row k of its gradients is another picture's.
                let k = to.pixel * s.images + to.n
                dwOfTheBook[wi] += x[xi] * g[s.place(k / pixels, to.o, k % pixels)]
            }
            return (
                largestDifference(doubles(result.value), y), largestDifference(doubles(gradients[pictures]), dx),
                largestDifference(doubles(gradients[layer.weight]), dw), largestDifference(dwOfTheBook, dw)
            )
        }
        let four = check(Sizes()), wide = check(Sizes(kernel: 5, stride: 2, padding: 2))
        let one = check(Sizes(images: 1)), sixty = check(Sizes(images: 60)), ones = check(Sizes(), ones: true)
        return Report(
            [
                Row("engine and loops, output", here: max(four.output, wide.output), as: .digits(6)),
                Row("engine and loops, gradient by the pictures", here: max(four.input, wide.input), as: .digits(6)),
                Row("engine and loops, gradient by the kernels", here: max(four.kernel, wide.kernel), as: .digits(6)),
                Row("the book's gradient by the kernels, 1 picture", here: one.book),
                Row("the book's, 4 pictures", here: four.book), Row("the book's, 60 pictures", here: sixty.book),
                Row("the book's, 4 pictures, checked by the sum", here: ones.book),
                size("28 pixels, kernel 5, padding 2", Sizes(height: 28, kernel: 5, padding: 2)),
                size("28 pixels, kernel 5, no padding", Sizes(height: 28, kernel: 5, padding: 0)),
                size("28 pixels, kernel 5, padding 2, stride 2", Sizes(height: 28, kernel: 5, stride: 2, padding: 2)),
            ],
            takeaway:
                "A gradient has to be checked with a batch, and along a direction that differs everywhere: with one picture, "
                + "or by a sum, a wrong order of rows looks right.",
            figures: [try kernels(materials)])
    }

    func kernels(_ materials: Materials) throws -> Figure {
        let digit = try materials.digits().test.inputs(shaped: [1, 28, 28]).batch(0..<1).inputs
        let layer = Convolution2D(1, 4, kernel: 3, padding: 1, bias: false)
        layer.initialize(seed: 1, in: materials.context)
        let identity: [Float] = [0, 0, 0, 0, 1, 0, 0, 0, 0], blur = [Float](repeating: 1.0 / 9, count: 9)
        let upright: [Float] = [-1, 0, 1, -1, 0, 1, -1, 0, 1], level: [Float] = [-1, -1, -1, 0, 0, 0, 1, 1, 1]
        layer.weight.value = Tensor(identity + blur + (upright + level).map { $0 / 3 }, shape: [4, 1, 3, 3])
        let pictures = layer.predict(digit, in: materials.context).map { abs($0) }.reshaped(to: [4, 1, 28, 28])
        return Figure(
            "5.3-kernels", "A digit; the mean of nine pixels; right minus left, and below minus above, without sign.",
            .pictures(pictures, columns: 4))
    }
}
