import Foundation
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
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package static func plan(
        for corpus: CorpusSummary, options: LanguageModelOptions, model fixedModel: LanguageModelConfiguration? = nil
    ) throws(RunError) -> LanguageModelPlan {
        try options.validate()
        let defaults = LanguageModelDefaults(training: corpus.training)
        let stack =
            options.stack
            ?? Array(
                repeating: LayerSpecification(options.cell ?? .lstm, hidden: options.hidden ?? defaults.hidden),
                count: options.layers ?? defaults.layers)
        var model =
            fixedModel
            ?? LanguageModelConfiguration(
                classes: corpus.classes, embedding: options.embedding ?? defaults.embedding, stack: stack,
                dropout: options.dropout ?? defaults.dropout)
        // Weights of another model are matched with the text's own classes; dropout belongs to training.
        model.classes = corpus.classes
        if let dropout = options.dropout { model.dropout = dropout }

        let training = corpus.training
        func fits(_ value: Int?, _ option: String, _ what: String) throws(RunError) {
            guard let value, value >= training else { return }
            throw .invalidOption(option, reason: "\(value) \(what), but the text has \(training) units to train on")
        }
        try fits(options.lanes ?? 1, "--batch", "lanes")
        try fits(options.window, "--window", "steps")
        // Lanes of at least two windows, so that carrying state means something; logits of at most 8 million numbers.
        var window = options.window ?? max(2, min(defaults.window, (training - 1) / 4))
        let lanes = options.lanes ?? max(1, min(defaults.lanes, (training - 1) / (2 * window)))
        if options.window == nil { window = max(min(8, window), min(window, 8_000_000 / (lanes * corpus.classes))) }
        let stepsPerEpoch = LaneBatches.batchesPerEpoch(units: training, lanes: lanes, window: window)
        let wanted = try options.epochs.map { epochs throws(RunError) in
            try Self.steps(for: epochs, of: stepsPerEpoch)
        }
        let defaultSteps = max(200, (defaults.units + lanes * window - 1) / (lanes * window))
        let stepsAreFixed = options.timeLimit == nil || options.steps != nil || options.epochs != nil
        // A time limit fixes the steps when warm-up ends: enough steps to measure the rate by, and none before that
        // whose learning rate depends on their number.
        let usualWarmUp = max(1, min(50, defaultSteps / 20))
        let fixedSteps = options.steps ?? wanted ?? defaultSteps
        let warmUp = options.warmUp ?? (stepsAreFixed ? min(usualWarmUp, max(1, fixedSteps / 2)) : max(20, usualWarmUp))
        let steps = stepsAreFixed ? fixedSteps : max(fixedSteps, warmUp + 2)
        let optimizer = options.optimizer ?? .adamw
        let decay = options.weightDecay.map { WeightDecay(Float($0)) }
        // About an epoch between evaluations, at least a dozen in a run, and at most a twentieth of the time spent on
        // them; never a function of `steps`, which a time limit may choose.
        let affordable = 20 * ValidationCost.unitsRead(corpus.validation) / (3 * lanes * window)
        let evaluateEvery = options.evaluateEvery ?? max(10, affordable, min(stepsPerEpoch, defaultSteps / 12))
        return LanguageModelPlan(
            model: model, lanes: lanes, window: window, randomWindows: options.randomWindows ?? false, steps: steps,
            stepsPerEpoch: stepsPerEpoch, timeLimit: options.timeLimit,
            stepsAreFixed: stepsAreFixed,
            optimizer: OptimizerConfiguration(optimizer, weightDecay: decay),
            learningRate: options.learningRate ?? optimizer.defaultRate(hidden: model.stack.map(\.hidden).max() ?? 1),
            schedule: options.schedule ?? .cosine,
            warmUp: warmUp, clipNorm: options.clipNorm.map { $0 > 0 ? $0 : nil } ?? 1,
            clipValue: options.clipValue, patience: options.plannedPatience, evaluateEvery: evaluateEvery,
            saveEvery: options.saveEvery, sampleEvery: options.sampleEvery ?? 4 * evaluateEvery, seed: options.seed ?? 1
        )
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
