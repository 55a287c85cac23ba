package import Autodiff
package import LayerEngines
import Requirements
package import TensorCore

/// Each image's channels in groups, every group brought to mean 0 and (biased) variance 1 over its channels and
/// pixels, then each channel scaled and shifted by learned numbers (Wu & He, 2018). One group is layer normalization,
/// as many groups as channels instance normalization. Knows no batch: training and inference are the same, and images
/// do not touch one another.
///
/// Parameters `<name>.weight` and `<name>.bias` [C].
package struct GroupNormalization: ImageLayer {
    package let groups: Int
    package let weight: Parameter
    package let bias: Parameter
    package let activation: Activation
    package let epsilon: Float

    /// - Parameters:
    ///   - name: without a final dot.
    ///   - groups: a divisor of `channels`.
    ///   - activation: applied to the result; the linear, ReLU and leaky forms cost nothing.
    package init(
        _ name: String, groups: Int, channels: Int, activation: Activation = .linear, epsilon: Float = 1e-5
    ) {
        require(
            groups > 0 && channels > 0 && channels % groups == 0, "\(name): \(channels) channels in \(groups) groups")
        require(epsilon > 0, "\(name): epsilon \(epsilon) is not positive")
        self.groups = groups
        weight = Parameter("\(name).weight", Tensor(repeating: 1, shape: [channels]))
        bias = Parameter("\(name).bias", Tensor(zeros: [channels]))
        self.activation = activation
        self.epsilon = epsilon
    }

    package var channels: Int { weight.value.count }
    package var parameters: [Parameter] { [weight, bias] }

    /// [B, C, H, W, 16] to the same shape.
    package func callAsFunction(_ x: ImageBlocks) -> ImageBlocks {
        require(x.channels == channels, "\(weight.name) has \(channels) channels, the images \(x.channels)")
        let operation = GroupwiseNormalization(
            groups: groups, count: x.count, epsilon: epsilon, slope: activation.slopeBelowZero ?? 1)
        let y = x.map { $0.tape(operation, $0, $0.tape(weight), $0.tape(bias)) }
        return activation.slopeBelowZero == nil ? y.map { activation($0) } : y
    }

    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks { self(x) }
}
