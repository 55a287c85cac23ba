extension Oracle {
    /// Mean and biased variance of the channels `channels` of the images `images` over their pixels: x [N, C, H, W].
    public static func moments(
        _ x: ArrayND, images: Range<Int>, channels: Range<Int>
    ) -> (mean: Double, variance: Double) {
        let C = x.shape[1], pixels = x.shape[2] * x.shape[3]
        var values: [Double] = []
        for n in images {
            for c in channels {
                let first = (n * C + c) * pixels
                values += x.values[first..<first + pixels]
            }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }

    /// (x − mean_c) / √(variance_c + ε) · weight_c + bias_c, x [N, C, H, W]; the batch's own statistics unless given.
    public static func batchNormalization(
        _ x: ArrayND, weight: ArrayND, bias: ArrayND, epsilon: Double, mean: [Double]? = nil,
        variance: [Double]? = nil
    ) -> ArrayND {
        let C = x.shape[1], pixels = x.shape[2] * x.shape[3]
        var y = x
        for c in 0..<C {
            let own = moments(x, images: 0..<x.shape[0], channels: c..<c + 1)
            let center = mean?[c] ?? own.mean, deviation = ((variance?[c] ?? own.variance) + epsilon).squareRoot()
            for n in 0..<x.shape[0] {
                for i in (n * C + c) * pixels..<(n * C + c + 1) * pixels {
                    y.values[i] = (x.values[i] - center) / deviation * weight.values[c] + bias.values[c]
                }
            }
        }
        return y
    }

    /// The same with the statistics of each image's groups of channels.
    public static func groupNormalization(
        _ x: ArrayND, groups: Int, weight: ArrayND, bias: ArrayND, epsilon: Double
    ) -> ArrayND {
        let C = x.shape[1], pixels = x.shape[2] * x.shape[3], size = C / groups
        var y = x
        for n in 0..<x.shape[0] {
            for c in 0..<C {
                let group = c / size * size..<c / size * size + size
                let (mean, variance) = moments(x, images: n..<n + 1, channels: group)
                for i in (n * C + c) * pixels..<(n * C + c + 1) * pixels {
                    y.values[i] =
                        (x.values[i] - mean) / (variance + epsilon).squareRoot() * weight.values[c] + bias.values[c]
                }
            }
        }
        return y
    }
}
