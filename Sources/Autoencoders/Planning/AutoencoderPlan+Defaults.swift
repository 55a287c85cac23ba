package import Images
import Kernels
import LayerEngines
import Layers
import TensorCore
import Training
package import TrainingRuns

/// What a plan follows from.
package struct PictureSummary: Hashable, Sendable {
    package var format: PictureFormat
    package var training: Int
    package var validation: Int

    package init(format: PictureFormat, training: Int, validation: Int) {
        (self.format, self.training, self.validation) = (format, training, validation)
    }
}

/// Sizes for pictures of a format: see `Documentation/Defaults.md`.
struct AutoencoderDefaults: Equatable {
    var code: Int
    var channels: [Int]
    var hidden: Int

    /// Levels until the longer side is at most 8, of pictures of fewer than 3,000 values at most 4: of 32 channels at
    /// first and twice as many in each, up to 256. Codes of 32, 64 or 128 numbers as the pictures have more values, and at
    /// most a quarter of them. A dense layer beside the code stands only where there is no level to precede it: behind one
    /// it makes a model learn pictures by heart, and slow.
    /// - Parameters: code and channels that are given.
    init(_ format: PictureFormat, code: Int? = nil, channels: [Int]? = nil) {
        let isSmall = Self.isSmall(format.count)
        var side = max(format.width, format.height), levels: [Int] = []
        while side > (isSmall ? 4 : 8) {
            levels.append(min(256, 32 << levels.count))
            side = (side + 1) / 2
        }
        self.channels = channels ?? levels
        self.code = code ?? max(1, min(isSmall ? 32 : format.count < 9_000 ? 64 : 128, format.count / 4))
        hidden = self.channels.isEmpty ? max(2 * self.code, min(256, max(16, 2 * format.count))) : 0
    }

    /// Pixels by which training pictures are moved at most, so that few are seen twice alike: what most kept a model from
    /// learning them by heart.
    static func shift(of format: PictureFormat) -> Int { max(format.width, format.height) / 16 }

    /// Pictures of so few values, 28×28 gray among them, learn from more levels and a higher rate; larger ones do not.
    static func isSmall(_ values: Int) -> Bool { values < 3_000 }
}

extension GivenOptions<AutoencoderOptionTable> {
    /// Numbers in a code of pictures of a format.
    package func codeSize(for format: PictureFormat) -> Int {
        self.code ?? (self.architecture == .book ? 28 : AutoencoderDefaults(format).code)
    }
}

extension AutoencoderPlan {
    /// The plan for some pictures: what the options fix, and what follows from the pictures for the rest.
    /// - Parameter start: whose weights it begins with; its sizes are then the model's.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package static func plan(
        for pictures: PictureSummary, options: AutoencoderOptions, startingFrom start: AutoencoderStart? = nil
    ) throws(RunError) -> AutoencoderPlan {
        let options = start?.completing(options) ?? options
        try options.validate()
        let model =
            if let start { try start.model(for: pictures.format, options) } else {
                try newModel(for: pictures.format, options)
            }
        let isBook = model.architecture == .book, training = pictures.training
        if let batch = options.batch, batch > training {
            throw .invalidOption("batch", reason: "\(batch) pictures, but there are \(training) to train on")
        }
        let batch = options.batch ?? min(training, isBook ? 60 : training < 1_000 ? 16 : 32)
        let stepsPerEpoch = max(1, training / batch)
        // The book's recipe is one pass over 60,000 pictures.
        let steps =
            isBook
            ? (60_000 + batch - 1) / batch
            : max(1_500, Self.defaultEpochs(model, training: training, stepsPerEpoch: stepsPerEpoch) * stepsPerEpoch)
        // At least a dozen evaluations in a run, and those cost no more than a tenth of the training between them.
        let affordable = 4 * pictures.validation / batch
        var settings = try RunSettings(
            options,
            defaults: RunDefaults(
                stepsPerEpoch: stepsPerEpoch, steps: steps, moreStepsHelp: true,
                warmUp: isBook ? 0 : max(1, min(100, steps / 20)),
                leastWarmUp: 0, optimizer: isBook ? .momentum : .adamw, weightDecay: isBook ? 0 : 1e-4,
                learningRate: { $0.defaultRate(values: pictures.format.count) }, schedule: isBook ? .constant : .cosine,
                clipNorm: isBook ? nil : 1,
                evaluateEvery: max(10, affordable, min(2 * stepsPerEpoch, steps / 16))))
        if start != nil, options.learningRate == nil { settings.learningRate *= StartingPoint.rateFraction }
        var augmentation = options.augmentation
        augmentation.shift = options.shift ?? (isBook ? 0 : AutoencoderDefaults.shift(of: pictures.format))
        // Never a function of the steps that a time limit fixes.
        let rise =
            options.divergenceWarmUp ?? (settings.stepsAreFixed ? settings.steps / 10 : min(300, steps / 10))
        return AutoencoderPlan(
            model: model, batch: batch, divergenceWarmUp: model.kind.isVariational ? rise : nil,
            augmentation: augmentation, precision: options.precision ?? .single, startedFrom: start?.point,
            settings: settings)
    }

    private static func newModel(
        for format: PictureFormat, _ options: AutoencoderOptions
    ) throws(RunError) -> AutoencoderConfiguration {
        let architecture = options.architecture ?? .standard, isBook = architecture == .book
        let kind = try options.givenKind()
        let sizes = AutoencoderDefaults(format, code: options.code, channels: options.channels)
        return AutoencoderConfiguration(
            architecture, format: format, code: options.codeSize(for: format),
            channels: isBook ? [] : sizes.channels,
            hidden: isBook ? 0 : options.hidden ?? sizes.hidden, kind: kind)
    }

    /// Passes that make 16,000 steps, between 30 and 120; but never more than an ordinary machine makes in three minutes,
    /// which are at least 5.
    private static func defaultEpochs(
        _ model: AutoencoderConfiguration, training: Int, stepsPerEpoch: Int
    ) -> Int {
        let operations = 2 * Double(model.trainingMultiplyAdds) * Double(max(1, training))
        let affordable = 180 * RunDefaults.ordinaryOperationsPerSecond / operations
        let wanted = min(120, max(30, 16_000 / stepsPerEpoch))
        return max(5, Int(min(affordable, Double(wanted))))
    }
}

extension AutoencoderConfiguration {
    /// Bytes that training takes: weights, gradients and two slots; activations and their gradients of a batch. A pass over
    /// what is held out keeps about a quarter of those of each picture, and its batches may be larger.
    package func trainingMemory(batch: Int) -> Int {
        let activations: Int  // for one picture, far from what an integer holds
        switch architecture {
        case .book: activations = (2 * 14 + 4 * 7 + 4 * format.channels) * format.width * format.height
        case .standard:
            activations = 6 * format.count + levels.reduce(0) { $0 + 4 * $1.inner.count + 4 * $1.outer.count }
        }
        let pictures = max(batch, PicturePass.batchSize(for: format) / 4)
        let lanes = ImageBlocks.blocks(for: min(pictures, Int.max - 15)) * ImageBlocks.blockSize
        return
            (16 * PlannedAmount(parameterCount) + 8 * PlannedAmount(lanes) * PlannedAmount(activations)
            + PlannedAmount(32 << 20)).value
    }
}

extension OptimizerKind {
    /// A rate to start from: what worked for convolutional networks of pictures of so many values. The book's momentum
    /// run has 0.01.
    func defaultRate(values: Int) -> Double {
        switch self {
        case .adam, .adamw: AutoencoderDefaults.isSmall(values) ? 4e-3 : 2e-3
        case .rmsprop: 5e-4
        case .adagrad: 1e-2
        case .sgd: 0.1
        case .momentum, .nesterov: 0.01
        }
    }
}
