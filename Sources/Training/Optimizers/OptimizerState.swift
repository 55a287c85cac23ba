public import Autodiff
import Requirements
import TensorCore

/// An optimizer at work on some parameters, with what it remembers of them: for a training loop of your own.
///
/// ```swift
/// var state = OptimizerState(.adagrad(rate: 0.01), for: model.parameters, clipValue: 2)
/// for (inputs, labels) in windows {
///     let tape = Tape(in: context)
///     let loss = model(tape.constant(inputs)).softmaxCrossEntropy(targets: labels)
///     state.update(along: tape.backward(from: loss))
/// }
/// ```
///
/// `Trainer` does this, and keeps the best weights and a store besides. A value: a copy goes on by itself, though both move
/// the same parameters.
public struct OptimizerState {
    private var rule: any UpdateRule
    private let rate: Double
    private let parameters: [Parameter]
    private let clipping: GradientClipping

    /// - Parameters:
    ///   - optimizer: the rule, and the rate where ``update(along:rate:)`` names no other.
    ///   - parameters: those that move. Leave some out, and they stay as they are.
    ///   - clipNorm: gradients whose norm, all taken as one vector, is larger are scaled down to it; nil: none are.
    ///   - clipValue: the largest magnitude of a number of the gradients; larger ones are cut to it, before `clipNorm`; nil:
    ///     none are.
    public init(
        _ optimizer: Optimizer, for parameters: [Parameter], clipNorm: Double? = nil, clipValue: Float? = nil
    ) {
        require(!parameters.isEmpty, "an optimizer without parameters has nothing to move")
        (rule, rate, self.parameters) = (optimizer.configuration.makeOptimizer(), optimizer.rate, parameters)
        clipping = GradientClipping(maximumNorm: clipNorm, maximumValue: clipValue)
    }

    /// Steps taken.
    public var step: Int { rule.step }

    /// One step: the parameters change in place.
    /// - Parameters:
    ///   - gradients: of the loss; a parameter that it does not depend on has zeros.
    ///   - rate: of this step, where it is not the optimizer's.
    /// - Returns: the norm of all gradients together, before they were clipped. If it is not a finite number, nothing was
    ///   changed.
    @discardableResult
    public mutating func update(along gradients: Gradients, rate: Double? = nil) -> Double {
        let context = gradients.tape.context
        var tensors = gradients.named(parameters)
        let clip = clipping.apply(to: &tensors, in: context)
        guard clip.isFinite else { return clip.norm }
        rule.update(parameters, along: tensors, rate: Float(rate ?? self.rate), scale: clip.scale, in: context)
        return clip.norm
    }
}
