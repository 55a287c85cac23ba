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
