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
    /// One for each parameter: parameters of several models may have the same name, and a rule remembers by name.
    private var rules: [any UpdateRule]
    private let rate: Double
    private let parameters: [Parameter]
    private let clipping: GradientClipping

    /// - Parameters:
    ///   - optimizer: the rule, and the rate where ``update(along:rate:)`` names no other.
    ///   - parameters: those that move, of one model or of several. Leave some out, and they stay as they are.
    ///   - clipNorm: gradients whose norm, all taken as one vector, is larger are scaled down to it; nil: none are.
    ///   - clipValue: the largest magnitude of a number of the gradients; larger ones are cut to it, before `clipNorm`; nil:
    ///     none are.
    /// - Precondition: no parameter stands twice.
    public init(
        _ optimizer: Optimizer, for parameters: [Parameter], clipNorm: Double? = nil, clipValue: Float? = nil
    ) {
        require(!parameters.isEmpty, "an optimizer without parameters has nothing to move")
        var seen: Set<ObjectIdentifier> = []
        for parameter in parameters {
            require(
                seen.insert(ObjectIdentifier(parameter)).inserted,
                "the parameter '\(parameter.name)' of shape \(parameter.shape) stands twice among those of an optimizer, "
                    + "and would move twice in a step")
        }
        (rate, self.parameters) = (optimizer.rate, parameters)
        rules = parameters.map { _ in optimizer.configuration.makeOptimizer() }
        clipping = GradientClipping(clipNorm: clipNorm, clipValue: clipValue)
    }

    /// Steps taken.
    public var step: Int { rules[0].step }

    /// One step: the parameters change in place.
    /// - Parameters:
    ///   - gradients: of the loss; a parameter that it does not depend on has zeros.
    ///   - rate: of this step, where it is not the optimizer's.
    /// - Precondition: the rate is a finite number, and not below 0.
    /// - Returns: the norm of all gradients together, before they were clipped. If it is not a finite number, nothing was
    ///   changed.
    @discardableResult
    public mutating func update(along gradients: Gradients, rate: Double? = nil) -> Double {
        let rate = rate ?? self.rate
        require(rate >= 0 && rate.isFinite, "the learning rate of a step is 0 or more, not \(rate)")
        let context = gradients.tape.context
        // By place, for the same reason.
        let places = parameters.indices.map(String.init)
        var tensors = NamedTensors(
            zip(places, parameters).map { ($0, gradients[$1] ?? Tensor(zeros: $1.value.shape)) })
        let clip = clipping.apply(to: &tensors, in: context)
        guard clip.isFinite else { return clip.norm }
        for (index, parameter) in parameters.enumerated() {
            let own = NamedTensors([(parameter.name, tensors.required(places[index]))])
            rules[index].update(
                [parameter], along: own, rate: Float(rate), scale: clip.scale, in: context)
        }
        return clip.norm
    }
}
