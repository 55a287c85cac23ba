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

    /// Levels until the longer side is at most 8, of 32 channels at first and twice as many in each, up to 256. Codes of
    /// 32, 64 or 128 numbers as the pictures have more values, and at most a quarter of them. The dense layer of a
    /// variational model is twice as wide: on MNIST 104.2 nats an image instead of 104.8. Pictures of 3,000 values and
    /// more have none: it learns a few scenes by heart (photographs at 64×64 in color: 0.0195 with it, 0.0147 without).
    init(_ format: PictureFormat, code wanted: Int?, isVariational: Bool = false) {
        var side = max(format.width, format.height), channels: [Int] = []
        while side > 8 {
            channels.append(min(256, 32 << channels.count))
            side = (side + 1) / 2
        }
        self.channels = channels
        code = wanted ?? max(1, min(format.count < 3_000 ? 32 : format.count < 9_000 ? 64 : 128, format.count / 4))
        hidden =
            format.count >= 3_000
            ? 0
            : channels.isEmpty
                ? min(256, max(16, 2 * format.count)) : max(isVariational ? 512 : 256, 2 * code)
    }
}

extension GivenOptions<AutoencoderOptionTable> {
    /// Numbers in a code of pictures of a format.
    package func codeSize(for format: PictureFormat) -> Int {
        self.code ?? (self.architecture == .book ? 28 : AutoencoderDefaults(format, code: nil).code)
    }
}

extension AutoencoderPlan {
    /// The plan for some pictures: what the options fix, and what follows from the pictures for the rest.
    /// - Parameter start: whose weights it begins with; its sizes are then the model's.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package static func plan(
        for pictures: PictureSummary, options: AutoencoderOptions, startingFrom start: AutoencoderStart? = nil
    ) throws(RunError) -> AutoencoderPlan {
        try options.validate()
        let model =
            if let start { try start.model(for: pictures.format, options) } else {
                try newModel(for: pictures.format, options)
            }
        let isBook = model.architecture == .book, training = pictures.training
        if let batch = options.batch, batch > training {
            throw .invalidOption("batch", reason: "\(batch) pictures, but there are \(training) to train on")
        }
        let batch = options.batch ?? min(training, isBook ? 60 : training < 1_000 ? 32 : training < 4_000 ? 64 : 128)
        let stepsPerEpoch = max(1, training / batch)
        // The book's recipe is one pass over 60,000 pictures.
        let steps =
            isBook
            ? (60_000 + batch - 1) / batch
            : max(1_500, Self.defaultEpochs(model, training: training) * stepsPerEpoch)
        // At least a dozen evaluations in a run, and those cost no more than a tenth of the training between them.
        let affordable = 4 * pictures.validation / batch
        var settings = try RunSettings(
            options,
            defaults: RunDefaults(
                stepsPerEpoch: stepsPerEpoch, steps: steps, warmUp: isBook ? 0 : max(1, min(100, steps / 20)),
                leastWarmUp: 0, optimizer: isBook ? .momentum : .adamw, weightDecay: isBook ? 0 : 1e-4,
                learningRate: \.defaultPictureRate, schedule: isBook ? .constant : .cosine, clipNorm: isBook ? nil : 1,
                evaluateEvery: max(10, affordable, min(2 * stepsPerEpoch, steps / 16))))
        if start != nil, options.learningRate == nil { settings.learningRate *= StartingPoint.rateFraction }
        // Never a function of the steps that a time limit fixes.
        let rise =
            options.divergenceWarmUp ?? (settings.stepsAreFixed ? settings.steps / 10 : min(300, steps / 10))
        return AutoencoderPlan(
            model: model, batch: batch, divergenceWarmUp: model.kind.isVariational ? rise : nil,
            augmentation: options.augmentation, precision: options.precision ?? .single, startedFrom: start?.point,
            settings: settings)
    }

    private static func newModel(
        for format: PictureFormat, _ options: AutoencoderOptions
    ) throws(RunError) -> AutoencoderConfiguration {
        let architecture = options.architecture ?? .standard, isBook = architecture == .book
        let kind = try options.givenKind()
        let sizes = AutoencoderDefaults(format, code: options.code, isVariational: kind.isVariational)
        return AutoencoderConfiguration(
            architecture, format: format, code: options.codeSize(for: format),
            channels: isBook ? [] : options.channels ?? sizes.channels,
            hidden: isBook ? 0 : options.hidden ?? sizes.hidden, kind: kind)
    }

    /// Passes that take some three minutes on two cores, between 5 and 60.
    private static func defaultEpochs(_ model: AutoencoderConfiguration, training: Int) -> Int {
        let budget = 5e13, cost = 6 * model.multiplyAddsPerPicture * Double(max(1, training))
        return max(5, min(60, Int(min(budget / cost, 60))))
    }
}

extension AutoencoderConfiguration {
    /// Of a forward pass; training costs three times as many.
    var multiplyAddsPerPicture: Double {
        var count = 0.0
        switch architecture {
        case .book: return 28 * Double(format.width * format.height) * 350 + Double(2 * parameterCount)
        case .standard:
            for level in levels {
                let pair = Double(level.outer.channels * level.inner.channels)
                let innerArea = Double(level.inner.height * level.inner.width)
                count += pair * innerArea * Double(level.kernel.area + level.transposedKernel.area)
            }
            let inner = Double(innermost.count)
            return count + (hidden > 0 ? 2 * inner * Double(hidden) : 2 * inner * Double(code))
        }
    }

    /// Bytes that training takes: weights, gradients and two slots; activations and their gradients of a batch.
    package func trainingMemory(batch: Int) -> Int {
        let activations: Int  // for one picture, far from what an integer holds
        switch architecture {
        case .book: activations = (2 * 14 + 4 * 7 + 4 * format.channels) * format.width * format.height
        case .standard:
            activations = 6 * format.count + levels.reduce(0) { $0 + 4 * $1.inner.count + 4 * $1.outer.count }
        }
        let lanes = ImageBlocks.blocks(for: min(batch, Int.max - 15)) * ImageBlocks.blockSize
        return
            (16 * PlannedAmount(parameterCount) + 8 * PlannedAmount(lanes) * PlannedAmount(activations)
            + PlannedAmount(32 << 20)).value
    }
}

extension OptimizerKind {
    /// A rate to start from: what worked for convolutional networks. The book's momentum run has 0.01.
    var defaultPictureRate: Double {
        switch self {
        case .adam, .adamw: 2e-3
        case .rmsprop: 5e-4
        case .adagrad: 1e-2
        case .sgd: 0.1
        case .momentum, .nesterov: 0.01
        }
    }
}
