import Jacquard

/// # 5.1-5.3 Convolution in one dimension
///
/// A dense layer has a weight for each pair of an input and an output. A convolution has a few weights, the kernel, which it
/// moves along the input: each output is the kernel times the piece of the input that lies under it. With zeros beyond both
/// ends ("padding") there are as many outputs as inputs:
///
///     y_o = Σ_p  w_p · x_(o + p - K/2)
///
/// The way back needs no new idea. Each product w · x adds to one output; so the gradient g of that output, times x, adds to
/// the gradient by w, and times w to the gradient by x. Since a weight is used at every place, and for every example of a
/// batch, its gradient is a sum over all of them.
public struct ConvolutionInOneDimension: Lesson {
    public static let about = About(
        "5.1-5.3", "Convolution in one dimension",
        shows: "Output and gradients by loops, for one example and a batch: the numbers that the book prints.",
        seconds: 0.1)

    public init() {}

    /// Each weight w_p with the input and the output that it joins; what lies beyond the ends is zero and left out.
    func forEachProduct(_ inputs: Int, _ weights: Int, _ body: (_ output: Int, _ weight: Int, _ input: Int) -> Void) {
        for output in 0..<inputs {
            for weight in 0..<weights {
                let input = output + weight - weights / 2
                if (0..<inputs).contains(input) { body(output, weight, input) }
            }
        }
    }

    func convolve(_ x: [Double], with w: [Double]) -> [Double] {
        var y = [Double](repeating: 0, count: x.count)
        forEachProduct(x.count, w.count) { output, weight, input in y[output] += w[weight] * x[input] }
        return y
    }

    func gradients(of x: [Double], _ w: [Double], along g: [Double]) -> (input: [Double], kernel: [Double]) {
        var dx = x.map { _ in 0.0 }, dw = w.map { _ in 0.0 }
        forEachProduct(x.count, w.count) { output, weight, input in
            dx[input] += g[output] * w[weight]
            dw[weight] += g[output] * x[input]
        }
        return (dx, dw)
    }

    public func run(with materials: Materials) -> Report {
        let x: [Double] = [1, 2, 3, 4, 5], kernel: [Double] = [1, 1, 1]
        func sum(_ x: [Double], _ w: [Double]) -> Double { convolve(x, with: w).reduce(0, +) }
        let alone = gradients(of: x, kernel, along: x.map { _ in 1 })

        let batch: [[Double]] = [[0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]]
        let each = batch.map { gradients(of: $0, kernel, along: $0.map { _ in 1 }) }
        let ofKernel = zip(each[0].kernel, each[1].kernel).map { $0 + $1 }
        // With ones everywhere many a mistake looks right.
        let uneven = gradients(of: x, [1, 2, 4], along: [1, 0, 0, 0, 2])
        let engine = gradientByTheEngine(of: batch, materials.context)

        return Report(
            [
                Row("[1 2 3 4 5] with [1 1 1]", here: convolve(x, with: kernel), as: .digits(0)),
                Row("its sum", book: 39, here: sum(x, kernel), as: .digits(0)),
                Row(
                    "the sum grows, first weight 2", book: 10, here: sum(x, [2, 1, 1]) - sum(x, kernel), as: .digits(0)),
                Row(
                    "the sum grows, last input 6", book: 0, here: sum([1, 2, 3, 4, 6], kernel) - sum(x, kernel),
                    as: .digits(0)),
                Row("gradient by the input", book: [2, 3, 3, 3, 2], here: alone.input, as: .digits(0)),
                Row("gradient by the kernel", book: [10, 15, 14], here: alone.kernel, as: .digits(0)),
                Row(
                    "sum of a batch of two", book: 133, here: sum(batch[0], kernel) + sum(batch[1], kernel),
                    as: .digits(0)),
                Row("gradient by each input", book: [2, 3, 3, 3, 3, 3, 2], here: each[0].input, as: .digits(0)),
                Row("gradient by the kernel, of both", book: [36, 49, 48], here: ofKernel, as: .digits(0)),
                Row("the same by the engine", here: engine, as: .digits(0)),
                Row("by the input, [1 2 4] along [1 0 0 0 2]", here: uneven.input, as: .digits(0)),
            ],
            takeaway:
                "Whatever is multiplied on the way forward is multiplied again on the way back, twice: a convolution's "
                + "gradients need the same loops as its output, and a kernel's adds up over places and examples.")
    }

    /// A row of numbers is a picture of height 1.
    func gradientByTheEngine(of batch: [[Double]], _ context: ComputeContext) -> [Double] {
        let layer = Convolution2D(
            1, 1, kernel: Size2D(height: 1, width: 3), padding: Size2D(height: 0, width: 1), bias: false,
            weights: .constant(1))
        layer.initialize(seed: 1, in: context)
        let pictures = Tensor(batch.joined().map(Float.init), shape: [batch.count, 1, 1, batch[0].count])
        let tape = Tape(in: context)
        let gradients = tape.backward(from: layer(tape.constant(pictures)).sum())
        return gradients[layer.weight]?.values.map(Double.init) ?? []
    }
}
