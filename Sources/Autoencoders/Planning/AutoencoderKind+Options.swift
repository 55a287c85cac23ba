package import TrainingRuns

extension AutoencoderKind {
    /// The kinds by name, as a command line writes them.
    package enum Name: String, CaseIterable, Sendable {
        case plain, denoising, sparse, variational
    }

    package var kindName: Name {
        switch self {
        case .plain: .plain
        case .denoising: .denoising
        case .sparse: .sparse
        case .variational: .variational
        }
    }

    /// As it is typed.
    package var name: String { kindName.rawValue }

    // The numbers that a kind has; nil: it has none such.
    package var noise: Double? { if case .denoising(let noise, _) = self { noise } else { nil } }
    package var masking: Double? { if case .denoising(_, let masking) = self { masking } else { nil } }
    package var sparsity: Double? { if case .sparse(let weight) = self { weight } else { nil } }
    package var freeNats: Double? { if case .variational(let nats) = self { nats } else { nil } }

    /// Its numbers by the names of their options.
    package var numbers: [(name: String, value: Double)] {
        [("noise", noise), ("masking", masking), ("sparsity", sparsity), ("free-nats", freeNats)]
            .compactMap { name, value in value.map { (name, $0) } }
    }

    /// A kind with what was said of it, and everyday numbers for the rest: noise of 0.2 unless masking was asked for, a
    /// weight of 0.001 on sparse codes, no free nats.
    /// - Throws: ``RunError/invalidOption(_:reason:)`` for a number that belongs to another kind.
    package init(
        _ name: Name, noise: Double? = nil, masking: Double? = nil, sparsity: Double? = nil, freeNats: Double? = nil
    ) throws(RunError) {
        func belongs(_ value: Double?, _ option: String, to kind: Name) throws(RunError) {
            guard value != nil, name != kind else { return }
            throw .invalidOption(
                option, reason: "is for `kind` \(kind.rawValue), and this is \(name.rawValue)")
        }
        try belongs(noise, "noise", to: .denoising)
        try belongs(masking, "masking", to: .denoising)
        try belongs(sparsity, "sparsity", to: .sparse)
        try belongs(freeNats, "free-nats", to: .variational)
        switch name {
        case .plain: self = .plain
        case .denoising: self = .denoising(noise: noise ?? (masking == nil ? 0.2 : 0), masking: masking ?? 0)
        case .sparse: self = .sparse(weight: sparsity ?? 0.001)
        case .variational: self = .variational(freeNats: freeNats ?? 0)
        }
    }
}
