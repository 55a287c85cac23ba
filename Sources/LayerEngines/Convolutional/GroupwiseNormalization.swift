import Autodiff
import CKernels
package import TensorCore

/// Normalization of groups of channels of each image: x [B, C, H, W, 16], weight [C], bias [C] to y of x's shape.
///
/// A thread takes whole (block, group) pieces; sums run over the channels and pixels of each lane, which is an image.
/// Cost: three reads of x, two of them usually from cache, and a write; backward two of x and dy and a write.
package struct GroupwiseNormalization: Operation {
    let groups: Int
    let count: Int
    let epsilon: Float
    /// What the result is multiplied by where it is below zero.
    let slope: Float

    package init(groups: Int, count: Int, epsilon: Float, slope: Float) {
        self.groups = groups
        self.count = count
        self.epsilon = epsilon
        self.slope = slope
    }

    package struct Saved {
        let x, weight, bias: Tensor
        /// [B, groups, 16]
        let mean, inverse: Tensor
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved) {
        let x = inputs[0], weight = inputs[1], bias = inputs[2], lanes = ImageBlocks.blockSize
        let pixels = x.shape[2] * x.shape[3], members = x.shape[1] / groups, groups = groups
        var y = Tensor(uninitialized: x.shape, in: context.workspace)
        var mean = Tensor(uninitialized: [x.shape[0], groups, lanes], in: context.workspace)
        var inverse = Tensor(uninitialized: mean.shape, in: context.workspace)
        let source = x.pointer, target = y.mutablePointer, means = mean.mutablePointer
        let inverses = inverse.mutablePointer, weights = weight.pointer, biases = bias.pointer
        let kernels = context.kernels, slope = slope, epsilon = Double(epsilon)
        let values = Double(members * pixels)

        withExtendedLifetime(inputs) {
            context.parallel(over: x.shape[0] * groups, work: x.count) { range in
                for piece in range {
                    let offset = piece * members * pixels * lanes, center = means + piece * lanes
                    let scale = inverses + piece * lanes
                    kernels.lane_moments(source + offset, members * pixels, center, scale)
                    for lane in 0..<lanes {
                        scale[lane] = Float(1 / (Double(scale[lane]) / values + epsilon).squareRoot())
                    }
                    for member in 0..<members {
                        let channel = piece % groups * members + member, at = offset + member * pixels * lanes
                        var n = CKNormalization(
                            mean: center, inverse: scale, weight: weights[channel], bias: biases[channel],
                            slope: slope)
                        kernels.normalize(&n, source + at, pixels, target + at)
                    }
                }
            }
        }
        return ([y], Saved(x: x, weight: weight, bias: bias, mean: mean, inverse: inverse))
    }

    /// With v = weight xhat + bias, dv = f'(v) dy and n values in a group of an image:
    /// dx = inverse (weight dv - mean of weight dv - xhat mean of weight dv xhat), means over the group;
    /// dbias = sum dv and dweight = sum dv xhat over images and pixels.
    package func backward(
        _ gradients: [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil, nil, nil] }
        let shape = saved.x.shape, lanes = ImageBlocks.blockSize, pixels = shape[2] * shape[3], channels = shape[1]
        let members = channels / groups, groups = groups, count = count, values = Float(members * pixels)
        var dx = wanted[0] ? Tensor(uninitialized: shape, in: context.workspace) : nil
        // Of each block and channel: the sums of dv and of dv xhat of each lane; of each piece: the two means.
        var planeSums = Tensor(uninitialized: [shape[0], channels, 2, lanes], in: context.workspace)
        var pieceMeans = Tensor(zeros: [shape[0], groups, 2, lanes], in: context.workspace)
        let source = saved.x.pointer, arriving = dy.pointer, target = dx?.mutablePointer
        let sums = planeSums.mutablePointer, averages = pieceMeans.mutablePointer
        let weights = saved.weight.pointer, biases = saved.bias.pointer
        let means = saved.mean.pointer, inverses = saved.inverse.pointer
        let kernels = context.kernels, slope = slope

        withExtendedLifetime((saved, dy, pieceMeans)) {
            context.parallel(over: shape[0] * groups, work: 2 * saved.x.count) { range in
                for piece in range {
                    let a = averages + 2 * piece * lanes, b = a + lanes
                    func normalization(_ plane: Int) -> CKNormalization {
                        CKNormalization(
                            mean: means + piece * lanes, inverse: inverses + piece * lanes,
                            weight: weights[plane % channels], bias: biases[plane % channels], slope: slope)
                    }
                    for plane in piece * members..<(piece + 1) * members {
                        var n = normalization(plane)
                        let at = plane * pixels * lanes, sum = sums + 2 * plane * lanes
                        kernels.normalize_sums(&n, source + at, arriving + at, pixels, sum, sum + lanes)
                        for lane in 0..<2 * lanes { a[lane] += n.weight * sum[lane] }
                    }
                    guard let target else { continue }
                    for lane in 0..<2 * lanes { a[lane] /= values }
                    let used = min(lanes, count - piece / groups * lanes)
                    for plane in piece * members..<(piece + 1) * members {
                        var n = normalization(plane)
                        let at = plane * pixels * lanes
                        kernels.normalize_gradient(&n, source + at, arriving + at, pixels, a, b, used, target + at)
                    }
                }
            }
        }
        func total(_ part: Int) -> Tensor {
            let totals = (0..<channels).map { channel in
                var total = 0.0
                for image in 0..<count {
                    let plane = image / lanes * channels + channel
                    total += Double(sums[(2 * plane + part) * lanes + image % lanes])
                }
                return Float(total)
            }
            return withExtendedLifetime(planeSums) { Tensor(totals, shape: [channels]) }
        }
        return [dx, wanted[1] ? total(1) : nil, wanted[2] ? total(0) : nil]
    }
}
