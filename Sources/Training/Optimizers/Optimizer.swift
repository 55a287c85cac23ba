import Requirements

/// How gradients change the weights, and at which rate.
///
/// Definitions and defaults are PyTorch's (`torch.optim`), so that a recipe carries over. With `g` the gradient of a weight
/// `p`, to which a ``WeightDecay`` adds `decay · p` (AdamW's acts on the weight itself):
///
/// ```swift
/// Trainer(model, loss: .squaredError, optimizer: .adam(rate: 0.001))
/// ```
public struct Optimizer: Hashable, Sendable {
    /// The highest learning rate; a schedule lowers it.
    public var rate: Double
    package var configuration: OptimizerConfiguration

    package init(rate: Double, _ configuration: OptimizerConfiguration) {
        require(
            rate > 0 && Float(rate).isNormal,
            "a learning rate is a number above 0, also in single precision, not \(rate)")
        (self.rate, self.configuration) = (rate, configuration)
    }

    /// Gradient descent: `p -= rate · g`. Robbins & Monro 1951.
    public static func sgd(rate: Double, weightDecay: WeightDecay = 0) -> Optimizer {
        Optimizer(rate: rate, .sgd(weightDecay: weightDecay))
    }

    /// Gradient descent with a velocity: `v = momentum · v + g`, `p -= rate · v`. Polyak 1964.
    /// - Parameters:
    ///   - rate: the learning rate, at its highest.
    ///   - momentum: in [0, 1): how much of the velocity the next step keeps.
    ///   - weightDecay: what pulls the weights toward 0.
    public static func momentum(rate: Double, momentum: Float = 0.9, weightDecay: WeightDecay = 0) -> Optimizer {
        Optimizer(rate: rate, .momentum(checked(momentum, "momentum"), weightDecay: weightDecay))
    }

    /// Nesterov's momentum: `v = momentum · v + g`, `p -= rate · (g + momentum · v)`. Sutskever et al. 2013.
    /// - Parameters:
    ///   - rate: the learning rate, at its highest.
    ///   - momentum: in [0, 1): how much of the velocity the next step keeps.
    ///   - weightDecay: what pulls the weights toward 0.
    public static func nesterov(rate: Double, momentum: Float = 0.9, weightDecay: WeightDecay = 0) -> Optimizer {
        Optimizer(rate: rate, .nesterov(checked(momentum, "momentum"), weightDecay: weightDecay))
    }

    /// A rate for each weight that falls with all it has moved: `s += g²`, `p -= rate · g / (√s + epsilon)`. Duchi, Hazan &
    /// Singer 2011.
    public static func adagrad(rate: Double = 0.01, epsilon: Float = 1e-10, weightDecay: WeightDecay = 0) -> Optimizer {
        Optimizer(rate: rate, .adagrad(epsilon: epsilon, weightDecay: weightDecay))
    }

    /// AdaGrad that forgets: `s = smoothing · s + (1 - smoothing) · g²`, `p -= rate · g / (√s + epsilon)`. Tieleman & Hinton
    /// 2012, lecture 6.5.
    /// - Parameters:
    ///   - rate: the learning rate, at its highest.
    ///   - smoothing: in [0, 1): how much of the mean square the next step keeps.
    ///   - epsilon: above 0; keeps the denominator from it.
    ///   - weightDecay: what pulls the weights toward 0.
    public static func rmsprop(
        rate: Double = 0.01, smoothing: Float = 0.99, epsilon: Float = 1e-8, weightDecay: WeightDecay = 0
    ) -> Optimizer {
        Optimizer(
            rate: rate, .rmsprop(smoothing: checked(smoothing, "smoothing"), epsilon: epsilon, weightDecay: weightDecay)
        )
    }

    /// Smoothed gradient and squared gradient, corrected for their start at zero: `m = beta1 · m + (1 - beta1) · g`,
    /// `v = beta2 · v + (1 - beta2) · g²`, `p -= rate · m̂ / (√v̂ + epsilon)`. Kingma & Ba 2015, algorithm 1.
    /// - Parameters:
    ///   - rate: the learning rate, at its highest.
    ///   - beta1: in [0, 1): how much of the mean gradient the next step keeps.
    ///   - beta2: in [0, 1): how much of the mean square the next step keeps.
    ///   - epsilon: above 0; keeps the denominator from it.
    ///   - weightDecay: what pulls the weights toward 0.
    public static func adam(
        rate: Double = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
        weightDecay: WeightDecay = 0
    ) -> Optimizer {
        Optimizer(
            rate: rate, .adam(AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon), weightDecay: weightDecay))
    }

    /// Adam whose decay stays out of the moments: `p *= 1 - rate · decay` beside Adam's step. Loshchilov & Hutter 2019,
    /// algorithm 2.
    public static func adamw(
        rate: Double = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
        weightDecay: WeightDecay = 0.01
    ) -> Optimizer {
        Optimizer(
            rate: rate, .adamw(AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon), weightDecay: weightDecay))
    }

    private static func checked(_ value: Float, _ name: String) -> Float {
        require((0..<1).contains(value), "\(name) is in [0, 1), not \(value)")
        return value
    }
}
