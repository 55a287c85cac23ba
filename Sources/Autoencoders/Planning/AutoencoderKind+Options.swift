package import TrainingRuns

extension AutoencoderKind {
    /// The kinds by name, as a command line writes them.
    package enum Name: String, CaseIterable, Sendable {
        case plain, denoising, sparse, variational
    }

    /// A kind with what was said of it, and everyday numbers for the rest: noise of 0.2 unless masking was asked for, a
    /// weight of 0.001 on sparse codes, no free nats.
    /// - Throws: ``RunError/invalidOption(_:reason:)`` for a number that belongs to another kind.
    package init(
        _ name: Name, noise: Double? = nil, masking: Double? = nil, sparsity: Double? = nil, freeNats: Double? = nil
    ) throws(RunError) {
        func belongs(_ value: Double?, _ option: String, to kind: Name) throws(RunError) {
            try OptionCheck.require(
                value == nil || name == kind, option, "is for --kind \(kind.rawValue), and this is \(name.rawValue)")
        }
        try belongs(noise, "--noise", to: .denoising)
        try belongs(masking, "--masking", to: .denoising)
        try belongs(sparsity, "--sparsity", to: .sparse)
        try belongs(freeNats, "--free-nats", to: .variational)
        switch name {
        case .plain: self = .plain
        case .denoising: self = .denoising(noise: noise ?? (masking == nil ? 0.2 : 0), masking: masking ?? 0)
        case .sparse: self = .sparse(weight: sparsity ?? 0.001)
        case .variational: self = .variational(freeNats: freeNats ?? 0)
        }
    }
}
