package import Autodiff
package import TensorCore

/// An optimizer without its state: what a run stores (as JSON) to make the same optimizer again.
package enum OptimizerConfiguration: Hashable, Sendable {
    case sgd(weightDecay: WeightDecay = 0)
    case momentum(Float = 0.9, weightDecay: WeightDecay = 0)
    case nesterov(Float = 0.9, weightDecay: WeightDecay = 0)
    case adagrad(epsilon: Float = 1e-10, weightDecay: WeightDecay = 0)
    case rmsprop(smoothing: Float = 0.99, epsilon: Float = 1e-8, weightDecay: WeightDecay = 0)
    case adam(AdamMoments = AdamMoments(), weightDecay: WeightDecay = 0)
    case adamw(AdamMoments = AdamMoments(), weightDecay: WeightDecay = 0.01)

    /// The named optimizer with PyTorch's hyper-parameters, except for those given. `weightDecay` nil means the
    /// optimizer's own: 0.01 for AdamW, none for the others.
    package init(_ kind: OptimizerKind, weightDecay: WeightDecay? = nil) {
        switch kind {
        case .sgd: self = .sgd(weightDecay: weightDecay ?? 0)
        case .momentum: self = .momentum(weightDecay: weightDecay ?? 0)
        case .nesterov: self = .nesterov(weightDecay: weightDecay ?? 0)
        case .adagrad: self = .adagrad(weightDecay: weightDecay ?? 0)
        case .rmsprop: self = .rmsprop(weightDecay: weightDecay ?? 0)
        case .adam: self = .adam(weightDecay: weightDecay ?? 0)
        case .adamw: self = .adamw(weightDecay: weightDecay ?? 0.01)
        }
    }

    package var kind: OptimizerKind {
        switch self {
        case .sgd: .sgd
        case .momentum: .momentum
        case .nesterov: .nesterov
        case .adagrad: .adagrad
        case .rmsprop: .rmsprop
        case .adam: .adam
        case .adamw: .adamw
        }
    }

    package var weightDecay: WeightDecay {
        switch self {
        case .sgd(let decay), .momentum(_, let decay), .nesterov(_, let decay), .adagrad(_, let decay),
            .rmsprop(_, _, let decay), .adam(_, let decay), .adamw(_, let decay):
            decay
        }
    }

    /// A fresh optimizer, before its first step.
    package func makeOptimizer() -> any Optimizer {
        switch self {
        case .sgd(let decay): StochasticGradientDescent(weightDecay: decay)
        case .momentum(let momentum, let decay): Momentum(momentum: momentum, weightDecay: decay)
        case .nesterov(let momentum, let decay): Nesterov(momentum: momentum, weightDecay: decay)
        case .adagrad(let epsilon, let decay): AdaGrad(epsilon: epsilon, weightDecay: decay)
        case .rmsprop(let smoothing, let epsilon, let decay):
            RMSprop(smoothing: smoothing, epsilon: epsilon, weightDecay: decay)
        case .adam(let moments, let decay): Adam(moments, weightDecay: decay)
        case .adamw(let moments, let decay): AdamW(moments, weightDecay: decay)
        }
    }

    /// The optimizer as it was after `step` steps: it goes on bit for bit.
    ///
    /// - Throws: ``OptimizerStateError`` if the slots are not those that this optimizer keeps for these parameters.
    package func makeOptimizer(
        step: Int, slots: NamedTensors, for parameters: [Parameter]
    ) throws(OptimizerStateError) -> any Optimizer {
        var optimizer = makeOptimizer()
        let kept = type(of: optimizer).slotNames
        guard step >= 0 else { throw .negativeStep(step) }
        // In the order of the parameters, whatever order they were stored in.
        var ordered = NamedTensors()
        if step > 0 || slots.count > 0 {
            for parameter in parameters {
                for slot in kept {
                    let name = "\(parameter.name)/\(slot)"
                    guard let tensor = slots[name] else { throw .missing(slot: name, kind: kind) }
                    guard tensor.shape == parameter.value.shape else {
                        throw .shape(slot: name, found: tensor.shape, expected: parameter.value.shape)
                    }
                    ordered[name] = tensor
                }
            }
        }
        if let stranger = slots.names.first(where: { ordered[$0] == nil }) {
            throw .unknown(slot: stranger, kind: kind)
        }
        optimizer.slots = ordered
        optimizer.step = step
        return optimizer
    }
}
