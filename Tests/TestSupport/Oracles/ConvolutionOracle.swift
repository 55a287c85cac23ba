/// The settings of a convolution, as (vertical, horizontal) pairs.
public struct ConvolutionSettings: Sendable {
    public var stride, padding, dilation, outputPadding: (Int, Int)

    public init(
        stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1),
        outputPadding: (Int, Int) = (0, 0)
    ) {
        (self.stride, self.padding, self.dilation, self.outputPadding) = (stride, padding, dilation, outputPadding)
    }
}

/// Convolutions from their definition: a loop for every index, and no picture of how they might be made fast.
extension Oracle {
    /// y[n, o, r, c] = b[o] + the sum over i, k, l of x[n, i, r·s + k·d − p, c·s + l·d − p] w[o, i, k, l], zero outside.
    public static func convolution(
        _ x: ArrayND, weight w: ArrayND, bias: ArrayND? = nil, _ settings: ConvolutionSettings = .init()
    ) -> ArrayND {
        let size = { (n: Int, k: Int, s: Int, p: Int, d: Int) in (n + 2 * p - d * (k - 1) - 1) / s + 1 }
        let (s, p, d) = (settings.stride, settings.padding, settings.dilation)
        var y = ArrayND(shape: [
            x.shape[0], w.shape[0], size(x.shape[2], w.shape[2], s.0, p.0, d.0),
            size(x.shape[3], w.shape[3], s.1, p.1, d.1),
        ])
        addBias(bias, to: &y)
        var values = y.values
        forEachPair(small: y.shape, big: x.shape, weight: w.shape, settings) { small, big, weight in
            values[small] += x.values[big] * w.values[weight]
        }
        y.values = values
        return y
    }

    /// Every input pixel adds its multiple of the kernel to the output: y[n, o, r·s + k·d − p, c·s + l·d − p] +=
    /// x[n, i, r, c] w[i, o, k, l].
    public static func transposedConvolution(
        _ x: ArrayND, weight w: ArrayND, bias: ArrayND? = nil, _ settings: ConvolutionSettings = .init()
    ) -> ArrayND {
        let size = { (n: Int, k: Int, s: Int, p: Int, d: Int, e: Int) in (n - 1) * s - 2 * p + d * (k - 1) + 1 + e }
        let (s, p, d, e) = (settings.stride, settings.padding, settings.dilation, settings.outputPadding)
        var y = ArrayND(shape: [
            x.shape[0], w.shape[1], size(x.shape[2], w.shape[2], s.0, p.0, d.0, e.0),
            size(x.shape[3], w.shape[3], s.1, p.1, d.1, e.1),
        ])
        addBias(bias, to: &y)
        var values = y.values
        forEachPair(small: x.shape, big: y.shape, weight: w.shape, settings) { small, big, weight in
            values[big] += x.values[small] * w.values[weight]
        }
        y.values = values
        return y
    }

    /// The gradients of Σ g·y by input, weight and bias, for tests too large for central differences; those test it.
    public static func convolutionGradients(
        _ x: ArrayND, weight w: ArrayND, outputGradient g: ArrayND, transposed: Bool,
        _ settings: ConvolutionSettings = .init()
    ) -> (input: ArrayND, weight: ArrayND, bias: ArrayND) {
        var dx = ArrayND(shape: x.shape).values, dw = ArrayND(shape: w.shape).values
        if transposed {
            forEachPair(small: x.shape, big: g.shape, weight: w.shape, settings) { small, big, weight in
                dx[small] += g.values[big] * w.values[weight]
                dw[weight] += g.values[big] * x.values[small]
            }
        } else {
            forEachPair(small: g.shape, big: x.shape, weight: w.shape, settings) { small, big, weight in
                dx[big] += g.values[small] * w.values[weight]
                dw[weight] += g.values[small] * x.values[big]
            }
        }
        let channels = g.shape[1], plane = g.shape[2] * g.shape[3]
        var db = [Double](repeating: 0, count: channels)
        for index in g.values.indices { db[index / plane % channels] += g.values[index] }
        return (
            ArrayND(shape: x.shape, values: dx), ArrayND(shape: w.shape, values: dw),
            ArrayND(shape: [channels], values: db)
        )
    }

    private static func addBias(_ bias: ArrayND?, to y: inout ArrayND) {
        guard let bias else { return }
        let plane = y.shape[2] * y.shape[3]
        y.values = y.values.indices.map { bias.values[$0 / plane % y.shape[1]] }
    }

    /// Every (small pixel, big pixel, weight) that meet, as flat indices.
    private static func forEachPair(
        small: [Int], big: [Int], weight: [Int], _ settings: ConvolutionSettings,
        _ body: (_ small: Int, _ big: Int, _ weight: Int) -> Void
    ) {
        precondition(
            small[0] == big[0] && small[1] == weight[0] && big[1] == weight[1],
            "convolution between \(small) and \(big) with a weight of \(weight)")
        for n in 0..<small[0] {
            for a in 0..<small[1] {
                for c in 0..<big[1] {
                    for row in 0..<small[2] {
                        for k in 0..<weight[2] {
                            let y = row * settings.stride.0 + k * settings.dilation.0 - settings.padding.0
                            guard (0..<big[2]).contains(y) else { continue }
                            for column in 0..<small[3] {
                                for l in 0..<weight[3] {
                                    let x = column * settings.stride.1 + l * settings.dilation.1 - settings.padding.1
                                    guard (0..<big[3]).contains(x) else { continue }
                                    body(
                                        ((n * small[1] + a) * small[2] + row) * small[3] + column,
                                        ((n * big[1] + c) * big[2] + y) * big[3] + x,
                                        ((a * weight[1] + c) * weight[2] + k) * weight[3] + l)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
