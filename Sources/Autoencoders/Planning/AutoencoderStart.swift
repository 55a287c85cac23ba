import Checkpoints
import Images
package import TrainingRuns

/// The model whose weights a run begins with, without the weights.
package struct AutoencoderStart {
    let configuration: AutoencoderConfiguration
    let point: StartingPoint

    package init(configuration: AutoencoderConfiguration, point: StartingPoint) {
        (self.configuration, self.point) = (configuration, point)
    }

    /// Options that name its kind where they say something of it: what they leave out is as it was.
    func completing(_ options: AutoencoderOptions) -> AutoencoderOptions {
        guard options.speakOfUnnamedKind else { return options }
        var options = options
        let kind = configuration.kind
        options.kindName = kind.kindName
        (options.noise, options.masking) = (options.noise ?? kind.noise, options.masking ?? kind.masking)
        (options.sparsity, options.freeNats) = (options.sparsity ?? kind.sparsity, options.freeNats ?? kind.freeNats)
        return options
    }

    /// Its sizes for other pictures, and another kind where the weights serve it too.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    func model(for format: PictureFormat, _ options: AutoencoderOptions) throws(RunError) -> AutoencoderConfiguration {
        var model = configuration
        model.format = format
        guard options.kindName != nil else { return model }
        model.kind = try options.givenKind()
        guard model.kind.sharesWeights(with: configuration.kind) else {
            throw .invalidOption(
                "kind",
                reason:
                    "the model starts from run '\(point.run)', which is \(configuration.kind.name), and its weights "
                    + "do not serve a \(model.kind.name) one. Leave it out")
        }
        return model
    }
}

extension SavedAutoencoder {
    /// What a run with these options begins with.
    /// - Throws: ``RunError/invalidOption(_:reason:)`` if the options ask for what the weights decide.
    package func start(with options: AutoencoderOptions) throws(RunError) -> AutoencoderStart {
        try options.refuseSizes(
            ofStart: StoredPictureRun(plan: plan, pictures: record), named: run.name,
            where: AutoencoderOptionTable.isDecidedByWeights)
        return AutoencoderStart(
            configuration: plan.model,
            point: StartingPoint(run: run.name, step: step, weightsSHA256: fingerprint))
    }

    /// The same pictures, as this model sees them.
    package func selection(_ selection: PictureSelection) -> PictureSelection {
        var selection = selection
        (selection.size, selection.channels) = (format.size, format.channels)
        return selection
    }
}

extension AutoencoderKind {
    /// Whether models of both kinds compute the same from the same weights: noise is for the pictures of training.
    func sharesWeights(with other: Self) -> Bool {
        func computed(_ kind: Self) -> Name { kind.kindName == .denoising ? .plain : kind.kindName }
        return computed(self) == computed(other)
    }
}
