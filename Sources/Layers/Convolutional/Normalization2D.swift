public import Autodiff
package import LayerEngines
import Requirements
import TensorCore

/// Every channel brought to mean 0 and variance 1 over all images and pixels of the batch, then scaled and shifted by
/// learned numbers (Ioffe & Szegedy, 2015): y = f((x - mean) / sqrt(variance + epsilon) weight + bias).
///
/// Images [N, C, H, W] keep their shape. Parameters `weight` and `bias` [C]; buffers `running_mean` and `running_var`
/// [C], the weighted averages over the training batches that inference uses instead of the batch. They change when a
/// training step is committed. As in PyTorch the batch is normalized with the biased variance (divided by n) and the
/// running variance takes the unbiased one (n - 1).
///
/// A training batch that has a single value for each channel has no variance: it is normalized with the running
/// statistics and does not change them.
public struct BatchNormalization2D: Layer, NormalizationLayer, NamingItsParts {
    /// [C], 1 at the start.
    public let weight: Parameter
    /// [C], 0 at the start.
    public let bias: Parameter
    /// Of the batches so far, [C]; 0 at the start.
    public let runningMean: Buffer
    /// Of the batches so far, [C]; 1 at the start.
    public let runningVariance: Buffer
    package let activation: Activation
    /// The share of a new batch in the running statistics.
    package let momentum: Float
    package let epsilon: Float

    /// - Parameters:
    ///   - channels: C, at least 1.
    ///   - activation: f above; the linear, ReLU and leaky forms cost nothing.
    ///   - momentum: the share of a new batch in the running statistics, in 0 ... 1.
    ///   - epsilon: above 0.
    public init(_ channels: Int, activation: Activation = .linear, momentum: Float = 0.1, epsilon: Float = 1e-5) {
        self.init(name: nil, channels, activation, momentum, epsilon)
    }

    /// - Parameter name: without a final dot.
    package init(
        _ name: String, channels: Int, activation: Activation = .linear, momentum: Float = 0.1,
        epsilon: Float = 1e-5
    ) {
        self.init(name: name, channels, activation, momentum, epsilon)
    }

    private init(name: String?, _ channels: Int, _ activation: Activation, _ momentum: Float, _ epsilon: Float) {
        require(channels > 0, "\(name ?? "batch normalization"): \(channels) channels")
        require(epsilon > 0, "\(name ?? "batch normalization"): epsilon \(epsilon) is not positive")
        require(
            momentum >= 0 && momentum <= 1,
            "\(name ?? "batch normalization"): momentum \(momentum) is outside of 0 ... 1")
        (weight, bias) = Self.scaleAndShift(name, channels)
        let zeros = Tensor(zeros: [channels]), ones = Tensor(repeating: 1, shape: [channels])
        runningMean = name.map { Buffer("\($0).running_mean", zeros) } ?? Buffer(zeros)
        runningVariance = name.map { Buffer("\($0).running_var", ones) } ?? Buffer(ones)
        (self.activation, self.momentum, self.epsilon) = (activation, momentum, epsilon)
    }

    package var namedParts: [(name: String, part: Any)] {
        [
            ("weight", weight), ("bias", bias), ("running_mean", runningMean), ("running_var", runningVariance),
        ]
    }

    /// [N, C, H, W] to the same shape.
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }

    package func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks {
        checkChannels(of: x)
        let values = x.count * x.height * x.width, tape = x.variable.tape
        var fixed: ChannelStatistics?
        if mode == .inference || values == 1 {
            fixed = ChannelStatistics(mean: runningMean.value, variance: runningVariance.value)
        }
        let operation = ChannelNormalization(
            count: x.count, epsilon: epsilon, slope: activation.slopeBelowZero ?? 1, statistics: fixed)
        let outputs = tape.apply(operation, to: [x.variable, tape(weight), tape(bias)])
        if fixed == nil {
            let (mean, variance) = (outputs[1].value, outputs[2].value)
            runningMean.propose(on: tape) { mixed($0, mean, scale: 1) }
            runningVariance.propose(on: tape) { mixed($0, variance, scale: Double(values) / Double(values - 1)) }
        }
        return finished(ImageBlocks(outputs[0], count: x.count))
    }

    /// old + momentum (new scale - old), in Double, rounded once.
    private func mixed(_ old: Tensor, _ new: Tensor, scale: Double) -> Tensor {
        let mixed = zip(old.values, new.values).map { old, new in
            Float(Double(old) + Double(momentum) * (Double(new) * scale - Double(old)))
        }
        return Tensor(mixed, shape: old.shape)
    }
}

/// Each image's channels in groups, every group brought to mean 0 and (biased) variance 1 over its channels and
/// pixels, then each channel scaled and shifted by learned numbers (Wu & He, 2018). One group is layer normalization,
/// as many groups as channels instance normalization. Knows no batch: training and inference are the same, and images
/// do not touch one another.
///
/// Images [N, C, H, W] keep their shape. Parameters `weight` and `bias` [C].
public struct GroupNormalization: Layer, NormalizationLayer {
    /// [C], 1 at the start.
    public let weight: Parameter
    /// [C], 0 at the start.
    public let bias: Parameter
    package let groups: Int
    package let activation: Activation
    package let epsilon: Float

    /// - Parameters:
    ///   - groups: a divisor of `channels`.
    ///   - channels: C, at least 1.
    ///   - activation: applied to the result; the linear, ReLU and leaky forms cost nothing.
    ///   - epsilon: added to the variance, above 0.
    public init(groups: Int, channels: Int, activation: Activation = .linear, epsilon: Float = 1e-5) {
        self.init(name: nil, groups, channels, activation, epsilon)
    }

    /// - Parameter name: without a final dot.
    package init(
        _ name: String, groups: Int, channels: Int, activation: Activation = .linear, epsilon: Float = 1e-5
    ) {
        self.init(name: name, groups, channels, activation, epsilon)
    }

    private init(name: String?, _ groups: Int, _ channels: Int, _ activation: Activation, _ epsilon: Float) {
        require(
            groups > 0 && channels > 0 && channels % groups == 0,
            "\(name ?? "group normalization"): \(channels) channels in \(groups) groups")
        require(epsilon > 0, "\(name ?? "group normalization"): epsilon \(epsilon) is not positive")
        (weight, bias) = Self.scaleAndShift(name, channels)
        (self.groups, self.activation, self.epsilon) = (groups, activation, epsilon)
    }

    /// [N, C, H, W] to the same shape.
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }

    package func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks {
        checkChannels(of: x)
        let operation = GroupwiseNormalization(
            groups: groups, count: x.count, epsilon: epsilon, slope: activation.slopeBelowZero ?? 1)
        return finished(x.map { $0.tape(operation, $0, $0.tape(weight), $0.tape(bias)) })
    }
}

/// What the two have in common: a scale and a shift for each channel, and a function on the way out.
package protocol NormalizationLayer: ImageLayer, TableLayer {
    var weight: Parameter { get }
    var bias: Parameter { get }
    var activation: Activation { get }
}

extension NormalizationLayer {
    package var channels: Int { weight.shape.count }

    /// 1 and 0 for each channel.
    static func scaleAndShift(_ name: String?, _ channels: Int) -> (weight: Parameter, bias: Parameter) {
        let ones = Tensor(repeating: 1, shape: [channels]), zeros = Tensor(zeros: [channels])
        guard let name else { return (Parameter(ones), Parameter(zeros)) }
        return (Parameter("\(name).weight", ones), Parameter("\(name).bias", zeros))
    }

    func checkChannels(of x: ImageBlocks) {
        require(
            x.channels == channels,
            "\(weight.name.isEmpty ? title : weight.name) has \(channels) channels, the images \(x.channels)")
    }

    /// With the activation, unless the operation has applied it.
    func finished(_ y: ImageBlocks) -> ImageBlocks {
        activation.slopeBelowZero == nil ? y.map { activation($0) } : y
    }

    package var title: String { "\(Self.self)(\(channels)\(activation == .linear ? "" : ", \(activation)"))" }
    package func sizes(after x: [Int?]?) -> [Int?]? { x }
}
