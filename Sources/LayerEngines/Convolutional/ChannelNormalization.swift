import Autodiff
import CKernels
import Requirements
package import TensorCore

/// Mean and variance of each channel, [C] both.
package struct ChannelStatistics {
    package let mean: Tensor
    package let variance: Tensor

    package init(mean: Tensor, variance: Tensor) {
        self.mean = mean
        self.variance = variance
    }
}

/// Normalization of each channel over images and pixels: x [B, C, H, W, 16], weight [C], bias [C] to y of x's shape,
/// and the mean and biased variance [C] that were used. These two are not differentiated.
///
/// A thread takes whole channels: statistics, then the result, while the channel is in its cache. Sums run over the
/// pixels of each lane, that is of each image (``CKKernels/lane_moments``), then in Double over blocks and lanes in order.
/// Cost: three reads of x, two of them usually from cache, and a write; backward two of x and dy and a write.
package struct ChannelNormalization: Operation {
    let count: Int
    let epsilon: Float
    /// What the result is multiplied by where it is below zero.
    let slope: Float
    /// Statistics that are constants; nil for those of the batch, through which gradients flow.
    let statistics: ChannelStatistics?

    package init(count: Int, epsilon: Float, slope: Float, statistics: ChannelStatistics?) {
        self.count = count
        self.epsilon = epsilon
        self.slope = slope
        self.statistics = statistics
    }

    package struct Saved {
        let x, weight, bias, mean, inverse: Tensor
    }

    /// The sizes of x, and where the planes of a channel lie.
    private struct Planes {
        let blocks, channels, pixels, count: Int

        init(_ shape: Shape, count: Int) {
            (blocks, channels, pixels) = (shape[0], shape[1], shape[2] * shape[3])
            self.count = count
        }

        func offset(_ block: Int, _ channel: Int) -> Int {
            (block * channels + channel) * pixels * ImageBlocks.blockSize
        }
        /// Images in a block.
        func images(_ block: Int) -> Int { min(ImageBlocks.blockSize, count - block * ImageBlocks.blockSize) }
        var values: Double { Double(count) * Double(pixels) }
        /// Floats of scratch for a channel: two vectors for each block, and two that are common to all.
        var scratch: Int { (2 * blocks + 2) * ImageBlocks.blockSize }
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved) {
        let x = inputs[0], weight = inputs[1], bias = inputs[2], planes = Planes(x.shape, count: count)
        let channels = planes.channels, lanes = ImageBlocks.blockSize, kernels = context.kernels
        var y = Tensor(uninitialized: x.shape, in: context.workspace)
        var mean = statistics?.mean ?? Tensor(uninitialized: [channels], in: context.workspace)
        var variance = statistics?.variance ?? Tensor(uninitialized: [channels], in: context.workspace)
        var inverse = Tensor(uninitialized: [channels], in: context.workspace)
        var scratch = Tensor(uninitialized: [channels, planes.scratch], in: context.workspace)
        let source = x.pointer, target = y.mutablePointer, means = mean.mutablePointer
        let variances = variance.mutablePointer, inverses = inverse.mutablePointer, room = scratch.mutablePointer
        let weights = weight.pointer, biases = bias.pointer
        let slope = slope, epsilon = Double(epsilon), ofBatch = statistics == nil

        withExtendedLifetime((inputs, scratch)) {
            context.parallel(over: channels, work: x.count) { range in
                for channel in range {
                    let own = room + channel * planes.scratch, common = own + 2 * planes.blocks * lanes
                    let spread: Double
                    if ofBatch {
                        for block in 0..<planes.blocks {
                            let moments = own + 2 * block * lanes
                            kernels.lane_moments(
                                source + planes.offset(block, channel), planes.pixels, moments, moments + lanes)
                        }
                        let (center, squares) = Self.combined(own, planes)
                        spread = squares / planes.values
                        means[channel] = Float(center)
                        variances[channel] = Float(spread)
                    } else {
                        spread = Double(variances[channel])
                    }
                    inverses[channel] = Float(1 / (spread + epsilon).squareRoot())
                    common.update(repeating: means[channel], count: lanes)
                    (common + lanes).update(repeating: inverses[channel], count: lanes)
                    var n = CKNormalization(
                        mean: common, inverse: common + lanes, weight: weights[channel], bias: biases[channel],
                        slope: slope)
                    for block in 0..<planes.blocks {
                        let offset = planes.offset(block, channel)
                        kernels.normalize(&n, source + offset, planes.pixels, target + offset)
                    }
                }
            }
        }
        return ([y, mean, variance], Saved(x: x, weight: weight, bias: bias, mean: mean, inverse: inverse))
    }

    /// The mean, and the sum of squared deviations from it, of the values of all images, each in a lane of its own
    /// and each with as many values as the others.
    private static func combined(_ moments: UnsafePointer<Float>, _ planes: Planes) -> (mean: Double, squares: Double) {
        var mean = 0.0, within = 0.0, between = 0.0
        for block in 0..<planes.blocks {
            let means = moments + 2 * block * ImageBlocks.blockSize, squares = means + ImageBlocks.blockSize
            for lane in 0..<planes.images(block) {
                mean += Double(means[lane])
                within += Double(squares[lane])
            }
        }
        mean /= Double(planes.count)
        for block in 0..<planes.blocks {
            let means = moments + 2 * block * ImageBlocks.blockSize
            for lane in 0..<planes.images(block) {
                let difference = Double(means[lane]) - mean
                between += difference * difference
            }
        }
        return (mean, within + Double(planes.pixels) * between)
    }

    /// With v = weight xhat + bias, dv = f'(v) dy and n values: dbias = sum dv, dweight = sum dv xhat,
    /// dx = weight inverse (dv - dbias / n - xhat dweight / n); with constant statistics the last two terms are absent.
    package func backward(
        _ gradients: [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        require(gradients[1] == nil && gradients[2] == nil, "batch statistics are not differentiated")
        guard let dy = gradients[0] else { return [nil, nil, nil] }
        let planes = Planes(saved.x.shape, count: count), channels = planes.channels, lanes = ImageBlocks.blockSize
        var dx = wanted[0] ? Tensor(uninitialized: saved.x.shape, in: context.workspace) : nil
        var dweight = Tensor(uninitialized: [channels], in: context.workspace)
        var dbias = Tensor(uninitialized: [channels], in: context.workspace)
        var scratch = Tensor(uninitialized: [channels, planes.scratch + 2 * lanes], in: context.workspace)
        let source = saved.x.pointer, arriving = dy.pointer, target = dx?.mutablePointer
        let dweights = dweight.mutablePointer, dbiases = dbias.mutablePointer, room = scratch.mutablePointer
        let weights = saved.weight.pointer, biases = saved.bias.pointer
        let means = saved.mean.pointer, inverses = saved.inverse.pointer
        let kernels = context.kernels, slope = slope, ofBatch = statistics == nil

        withExtendedLifetime((saved, dy, scratch)) {
            context.parallel(over: channels, work: 2 * saved.x.count) { range in
                for channel in range {
                    let own = room + channel * (planes.scratch + 2 * lanes), common = own + 2 * planes.blocks * lanes
                    common.update(repeating: means[channel], count: lanes)
                    (common + lanes).update(repeating: inverses[channel], count: lanes)
                    var n = CKNormalization(
                        mean: common, inverse: common + lanes, weight: weights[channel], bias: biases[channel],
                        slope: slope)
                    var sum = 0.0, product = 0.0
                    for block in 0..<planes.blocks {
                        let offset = planes.offset(block, channel), sums = own + 2 * block * lanes
                        kernels.normalize_sums(
                            &n, source + offset, arriving + offset, planes.pixels, sums, sums + lanes)
                        for lane in 0..<planes.images(block) {
                            sum += Double(sums[lane])
                            product += Double(sums[lanes + lane])
                        }
                    }
                    dbiases[channel] = Float(sum)
                    dweights[channel] = Float(product)
                    guard let target else { continue }
                    let a = common + 2 * lanes, b = common + 3 * lanes, share = Double(weights[channel]) / planes.values
                    a.update(repeating: Float(share * sum), count: lanes)
                    b.update(repeating: Float(share * product), count: lanes)
                    for block in 0..<planes.blocks {
                        let offset = planes.offset(block, channel)
                        kernels.normalize_gradient(
                            &n, source + offset, arriving + offset, planes.pixels, ofBatch ? UnsafePointer(a) : nil,
                            ofBatch ? UnsafePointer(b) : nil, planes.images(block), target + offset)
                    }
                }
            }
        }
        return [dx, wanted[1] ? dweight : nil, wanted[2] ? dbias : nil]
    }
}
