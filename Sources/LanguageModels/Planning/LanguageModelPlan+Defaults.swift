import Foundation
import Kernels
import TextCorpora
import Training
package import TrainingRuns

/// Sizes for a text of so many units: see `Documentation/Defaults.md`.
struct LanguageModelDefaults: Equatable {
    var hidden: Int
    var layers: Int
    var embedding: Int
    var dropout: Double
    var lanes: Int
    var window: Int
    /// Units read over the whole run.
    var units: Int

    /// The sizes follow from the training units alone, so that a run does not depend on the machine.
    init(training: Int) {
        switch training {
        case ..<2_000: self.init(64, 1, 32, 0.2, lanes: 4, window: 32, units: 100_000)
        case ..<20_000: self.init(128, 1, 64, 0.3, lanes: 8, window: 64, units: 60 * training)
        case ..<60_000: self.init(256, 1, 64, 0.4, lanes: 16, window: 64, units: 50 * training)
        case ..<300_000: self.init(256, 2, 128, 0.5, lanes: 32, window: 96, units: 40 * training)
        case ..<1_500_000: self.init(512, 2, 128, 0.4, lanes: 64, window: 128, units: 12 * training)
        case ..<5_000_000: self.init(512, 2, 128, 0.25, lanes: 64, window: 128, units: max(15_000_000, 5 * training))
        case ..<20_000_000: self.init(512, 2, 128, 0.1, lanes: 64, window: 128, units: max(20_000_000, 2 * training))
        default: self.init(768, 2, 128, 0.1, lanes: 64, window: 128, units: max(40_000_000, training))
        }
    }

    private init(
        _ hidden: Int, _ layers: Int, _ embedding: Int, _ dropout: Double, lanes: Int, window: Int, units: Int
    ) {
        (self.hidden, self.layers, self.embedding, self.dropout) = (hidden, layers, embedding, dropout)
        (self.lanes, self.window, self.units) = (lanes, window, units)
    }
}

extension LanguageModelPlan {
    /// The plan for a text: what the options fix, and what follows from the sizes for the rest.
    /// - Parameter fixedModel: the sizes of a model whose weights training starts from; nil: a new one.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package static func plan(
        for corpus: CorpusSummary, options: LanguageModelOptions, model fixedModel: LanguageModelConfiguration? = nil
    ) throws(RunError) -> LanguageModelPlan {
        try options.validate()
        let sizes = LanguageModelDefaults(training: corpus.training)
        let model = model(fixedModel, options, sizes, classes: corpus.classes)
        let precision = options.precision ?? .single
        guard precision == .single || model.hasKernels else {
            throw .invalidOption(
                "precision",
                reason:
                    "a layer \(LayerSpecification.Cell.gruResetBefore.rawValue) is only computed in single precision")
        }
        let (lanes, window) = try cut(of: corpus, options, sizes)
        let stepsPerEpoch = LaneBatches.batchesPerEpoch(units: corpus.training, lanes: lanes, window: window)
        let steps = max(200, (sizes.units + lanes * window - 1) / (lanes * window))
        // About an epoch between evaluations, at least a dozen in a run, and at most a twentieth of the time spent on
        // them; never a function of the steps that a time limit may choose.
        let affordable = 20 * ValidationCost.unitsRead(corpus.validation) / (3 * lanes * window)
        let hidden = model.stack.map(\.hidden).max() ?? 1
        let settings = try RunSettings(
            options,
            defaults: RunDefaults(
                stepsPerEpoch: stepsPerEpoch, steps: steps, warmUp: max(1, min(50, steps / 20)), leastWarmUp: 1,
                optimizer: .adamw, weightDecay: nil, learningRate: { $0.defaultRate(hidden: hidden) },
                schedule: .cosine, clipNorm: 1, evaluateEvery: max(10, affordable, min(stepsPerEpoch, steps / 12))))
        return LanguageModelPlan(
            model: model, lanes: lanes, window: window, randomWindows: options.randomWindows ?? false,
            clipValue: options.clipValue, precision: precision,
            sampleEvery: options.sampleEvery ?? 4 * settings.evaluateEvery,
            settings: settings)
    }

    private static func model(
        _ fixed: LanguageModelConfiguration?, _ options: LanguageModelOptions, _ sizes: LanguageModelDefaults,
        classes: Int
    ) -> LanguageModelConfiguration {
        let layer = LayerSpecification(options.cell ?? .lstm, hidden: options.hidden ?? sizes.hidden)
        var model =
            fixed
            ?? LanguageModelConfiguration(
                classes: classes, embedding: options.embedding ?? sizes.embedding,
                stack: options.stack ?? Array(repeating: layer, count: options.layers ?? sizes.layers),
                dropout: sizes.dropout)
        // Weights of another model are matched with the text's own classes; dropout belongs to training.
        model.classes = classes
        if let dropout = options.dropout { model.dropout = dropout }
        return model
    }

    /// Lanes of at least two windows, so that carrying state means something; logits of at most 8 million numbers.
    private static func cut(
        of corpus: CorpusSummary, _ options: LanguageModelOptions, _ sizes: LanguageModelDefaults
    ) throws(RunError) -> (lanes: Int, window: Int) {
        let training = corpus.training
        func fits(_ value: Int?, _ option: String, _ what: String) throws(RunError) {
            guard let value, value >= training else { return }
            throw .invalidOption(option, reason: "\(value) \(what), but the text has \(training) units to train on")
        }
        try fits(options.lanes ?? 1, "batch", "lanes")
        try fits(options.window, "window", "steps")
        var window = options.window ?? max(2, min(sizes.window, (training - 1) / 4))
        let lanes = options.lanes ?? max(1, min(sizes.lanes, (training - 1) / (2 * window)))
        if options.window == nil { window = max(min(8, window), min(window, 8_000_000 / (lanes * corpus.classes))) }
        return (lanes, window)
    }
}

extension OptimizerKind {
    /// A rate to start from: what worked for recurrent networks of this width.
    func defaultRate(hidden: Int) -> Double {
        switch self {
        case .adam, .adamw: hidden > 600 ? 2e-3 : 3e-3
        case .rmsprop: 1e-3
        case .adagrad: 2e-2
        case .sgd: 0.5
        case .momentum, .nesterov: 0.1
        }
    }
}
