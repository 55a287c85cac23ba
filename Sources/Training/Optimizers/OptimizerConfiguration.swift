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
    package func makeOptimizer() -> any UpdateRule {
        switch self {
        case .sgd(let decay): StochasticGradientDescent(weightDecay: decay)
        case .momentum(let momentum, let decay): Momentum(momentum: momentum, weightDecay: decay)
        case .nesterov(let momentum, let decay): Momentum(momentum: momentum, isNesterov: true, weightDecay: decay)
        case .adagrad(let epsilon, let decay): AdaGrad(epsilon: epsilon, weightDecay: decay)
        case .rmsprop(let smoothing, let epsilon, let decay):
            RMSprop(smoothing: smoothing, epsilon: epsilon, weightDecay: decay)
        case .adam(let moments, let decay): Adam(moments, weightDecay: decay)
        case .adamw(let moments, let decay): Adam(moments, weightDecay: decay, isDecayDecoupled: true)
        }
    }
}

/// The optimizers by name, as a command line writes them.
package enum OptimizerKind: String, CaseIterable, Codable, Sendable {
    case sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw

    /// Numbers that are kept for each number trained.
    package var slots: Int {
        switch self {
        case .sgd: 0
        case .momentum, .nesterov, .adagrad, .rmsprop: 1
        case .adam, .adamw: 2
        }
    }

    /// PyTorch's learning rate when nobody says.
    package var defaultRate: Double {
        switch self {
        case .sgd, .momentum, .nesterov, .adam, .adamw: 1e-3
        case .adagrad, .rmsprop: 1e-2
        }
    }
}

/// Stored flat, `{"kind":"adamw","beta1":0.9,…}`, with only what the optimizer has: people read it in the store.
/// A hyper-parameter that is missing, or outside of its range, is a decoding error.
extension OptimizerConfiguration: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, momentum, smoothing, beta1, beta2, epsilon
        case weightDecay = "weight_decay"
        case decayScope = "weight_decay_scope"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(weightDecay.coefficient, forKey: .weightDecay)
        try container.encode(weightDecay.scope, forKey: .decayScope)
        switch self {
        case .sgd: break
        case .momentum(let momentum, _), .nesterov(let momentum, _):
            try container.encode(momentum, forKey: .momentum)
        case .adagrad(let epsilon, _):
            try container.encode(epsilon, forKey: .epsilon)
        case .rmsprop(let smoothing, let epsilon, _):
            try container.encode(smoothing, forKey: .smoothing)
            try container.encode(epsilon, forKey: .epsilon)
        case .adam(let moments, _), .adamw(let moments, _):
            try container.encode(moments.beta1, forKey: .beta1)
            try container.encode(moments.beta2, forKey: .beta2)
            try container.encode(moments.epsilon, forKey: .epsilon)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys, _ isValid: (Float) -> Bool, _ range: String) throws -> Float {
            let value = try container.decode(Float.self, forKey: key)
            guard isValid(value) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "\(key.rawValue) is \(range), not \(value)")
            }
            return value
        }
        func fraction(_ key: CodingKeys) throws -> Float { try number(key, { (0..<1).contains($0) }, "in [0, 1)") }
        func epsilon() throws -> Float { try number(.epsilon, { $0 > 0 && $0.isFinite }, "above 0") }
        func moments() throws -> AdamMoments {
            try AdamMoments(beta1: fraction(.beta1), beta2: fraction(.beta2), epsilon: epsilon())
        }
        let decay = WeightDecay(
            try number(.weightDecay, { $0 >= 0 && $0.isFinite }, "0 or more"),
            scope: try container.decode(WeightDecay.Scope.self, forKey: .decayScope))
        switch try container.decode(OptimizerKind.self, forKey: .kind) {
        case .sgd: self = .sgd(weightDecay: decay)
        case .momentum: self = try .momentum(fraction(.momentum), weightDecay: decay)
        case .nesterov: self = try .nesterov(fraction(.momentum), weightDecay: decay)
        case .adagrad: self = try .adagrad(epsilon: epsilon(), weightDecay: decay)
        case .rmsprop: self = try .rmsprop(smoothing: fraction(.smoothing), epsilon: epsilon(), weightDecay: decay)
        case .adam: self = try .adam(moments(), weightDecay: decay)
        case .adamw: self = try .adamw(moments(), weightDecay: decay)
        }
    }
}
