package import Autodiff
package import LayerEngines
import Requirements
package import TensorCore

/// Every channel brought to mean 0 and variance 1 over all images and pixels of the batch, then scaled and shifted by
/// learned numbers (Ioffe & Szegedy, 2015): y = f((x - mean) / sqrt(variance + epsilon) weight + bias). The places
/// beyond the image count take no part.
///
/// Parameters `<name>.weight` and `<name>.bias` [C]; buffers `<name>.running_mean` and `<name>.running_var` [C], the
/// weighted averages over the training batches that inference uses instead of the batch. As in PyTorch the batch is
/// normalized with the biased variance (divided by n) and the running variance takes the unbiased one (n - 1).
///
/// A training batch that has a single value for each channel has no variance: it is normalized with the running
/// statistics and does not change them.
package struct BatchNormalization2D: ImageLayer {
    package let weight: Parameter
    package let bias: Parameter
    package let activation: Activation
    /// The share of a new batch in the running statistics.
    package let momentum: Float
    package let epsilon: Float
    private let meanName: String
    private let varianceName: String

    /// - Parameters:
    ///   - name: without a final dot.
    ///   - activation: f above; the linear, ReLU and leaky forms cost nothing.
    package init(
        _ name: String, channels: Int, activation: Activation = .linear, momentum: Float = 0.1,
        epsilon: Float = 1e-5
    ) {
        require(channels > 0, "\(name): \(channels) channels")
        require(epsilon > 0, "\(name): epsilon \(epsilon) is not positive")
        require(momentum >= 0 && momentum <= 1, "\(name): momentum \(momentum) is outside of 0 ... 1")
        weight = Parameter("\(name).weight", Tensor(repeating: 1, shape: [channels]))
        bias = Parameter("\(name).bias", Tensor(zeros: [channels]))
        self.activation = activation
        self.momentum = momentum
        self.epsilon = epsilon
        meanName = "\(name).running_mean"
        varianceName = "\(name).running_var"
    }

    package var channels: Int { weight.value.count }
    package var parameters: [Parameter] { [weight, bias] }

    /// Mean 0 and variance 1.
    package var buffers: NamedTensors {
        NamedTensors([
            (name: meanName, tensor: Tensor(zeros: [channels])),
            (name: varianceName, tensor: Tensor(repeating: 1, shape: [channels])),
        ])
    }

    /// [B, C, H, W, 16] to the same shape.
    /// - Precondition: `buffers` holds the running statistics.
    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks {
        require(x.channels == channels, "\(weight.name) has \(channels) channels, the images \(x.channels)")
        let values = x.count * x.height * x.width
        var fixed: ChannelStatistics?
        if mode == .inference || values == 1 { fixed = running(in: buffers) }
        let tape = x.variable.tape
        let operation = ChannelNormalization(
            count: x.count, epsilon: epsilon, slope: activation.slopeBelowZero ?? 1, statistics: fixed)
        let outputs = tape.apply(operation, to: [x.variable, tape(weight), tape(bias)])
        if fixed == nil {
            let batch = ChannelStatistics(mean: outputs[1].value, variance: outputs[2].value)
            update(&buffers, with: batch, values: values)
        }
        let y = ImageBlocks(outputs[0], count: x.count)
        return activation.slopeBelowZero == nil ? y.map { activation($0) } : y
    }

    private func running(in buffers: NamedTensors) -> ChannelStatistics {
        guard let mean = buffers[meanName], let variance = buffers[varianceName] else {
            fatalError("no \(meanName) and \(varianceName) among the buffers \(buffers.names)")
        }
        require(
            mean.shape == [channels] && variance.shape == [channels],
            "\(meanName) of shape \(mean.shape) and \(varianceName) of \(variance.shape) for \(channels) channels")
        return ChannelStatistics(mean: mean, variance: variance)
    }

    /// r + momentum (batch - r), in Double, rounded once.
    private func update(_ buffers: inout NamedTensors, with batch: ChannelStatistics, values: Int) {
        let old = running(in: buffers), unbiased = Double(values) / Double(values - 1)
        func mix(_ old: Tensor, _ new: Tensor, scale: Double) -> Tensor {
            let mixed = zip(old.values, new.values).map { old, new in
                Float(Double(old) + Double(momentum) * (Double(new) * scale - Double(old)))
            }
            return Tensor(mixed, shape: [channels])
        }
        buffers[meanName] = mix(old.mean, batch.mean, scale: 1)
        buffers[varianceName] = mix(old.variance, batch.variance, scale: unbiased)
    }
}
