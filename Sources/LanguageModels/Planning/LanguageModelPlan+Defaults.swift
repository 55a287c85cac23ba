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
    /// Passes over the text, and the units that are read at least, where no time limit ends the run before.
    var passes: Int
    var leastUnits: Int

    /// By the length of a text: the sizes for fewer units to train on than this.
    private static let byLength: [(below: Int, sizes: Self)] = [
        (2_000, .init(64, 1, 32, 0.2, lanes: 4, window: 32, passes: 0, leastUnits: 100_000)),
        (20_000, .init(128, 1, 64, 0.3, lanes: 4, window: 32, passes: 30)),
        (60_000, .init(256, 1, 64, 0.4, lanes: 4, window: 32, passes: 12)),
        (300_000, .init(512, 1, 64, 0.4, lanes: 8, window: 32, passes: 8)),
        (700_000, .init(512, 1, 128, 0.4, lanes: 8, window: 32, passes: 8)),
        (1_500_000, .init(768, 1, 128, 0.4, lanes: 16, window: 32, passes: 6)),
        (5_000_000, .init(512, 2, 128, 0.25, lanes: 64, window: 64, passes: 5, leastUnits: 12_000_000)),
        (20_000_000, .init(512, 2, 128, 0.1, lanes: 64, window: 64, passes: 2, leastUnits: 20_000_000)),
        (.max, .init(768, 2, 128, 0.1, lanes: 64, window: 64, passes: 1, leastUnits: 40_000_000)),
    ]

    private init(
        _ hidden: Int, _ layers: Int, _ embedding: Int, _ dropout: Double, lanes: Int, window: Int, passes: Int,
        leastUnits: Int = 0
    ) {
        (self.hidden, self.layers, self.embedding, self.dropout) = (hidden, layers, embedding, dropout)
        (self.lanes, self.window, self.passes, self.leastUnits) = (lanes, window, passes, leastUnits)
    }

    /// The sizes follow from the text and the time limit, and never from the machine, whose speed is taken to be an
    /// ordinary one.
    ///
    /// In little time a large model reads too little to learn: then model, lanes and window are those for a shorter
    /// text, the longest one for whose model the time is enough. And what is read fewer times is less in danger of being
    /// learned by heart: the dropout shrinks with the passes.
    init(training: Int, classes: Int, timeLimit: Double?) {
        let longest = Self.byLength.firstIndex { training < $0.below } ?? Self.byLength.count - 1
        self = Self.byLength[longest].sizes
        guard let timeLimit else { return }
        let fitting = Self.byLength[...longest].last { $0.sizes.learns(in: timeLimit, classes: classes) }
        let sizes = (fitting ?? Self.byLength[0]).sizes
        (hidden, layers, embedding) = (sizes.hidden, sizes.layers, sizes.embedding)
        (lanes, window) = (sizes.lanes, sizes.window)
        let share = unitsRead(in: timeLimit, classes: classes) / Double(units(of: training))
        dropout = (100 * dropout * min(1, share)).rounded() / 100
    }

    /// Whether more passes may make a model better. A short text is learned by heart in them by a model of these sizes,
    /// but perhaps not by a far smaller one; of a long text the passes are few for the sake of time.
    func morePassesHelp(_ model: LanguageModelConfiguration) -> Bool {
        leastUnits > 1_000_000 || 2 * model.parameterCount < self.model(classes: model.classes).parameterCount
    }

    /// Units read in a run without a time limit.
    func units(of training: Int) -> Int { max(leastUnits, passes * training) }

    /// Whether so many seconds are enough for the model to learn more than a smaller one would: to read one unit for
    /// each of its parameters.
    private func learns(in seconds: Double, classes: Int) -> Bool {
        unitsRead(in: seconds, classes: classes) >= Double(model(classes: classes).parameterCount)
    }

    /// What an ordinary machine reads in so many seconds of training.
    private func unitsRead(in seconds: Double, classes: Int) -> Double {
        seconds * RunDefaults.ordinaryOperationsPerSecond / model(classes: classes).trainingOperationsPerUnit
    }

    private func model(classes: Int) -> LanguageModelConfiguration {
        let layer = LayerSpecification(.lstm, hidden: hidden)
        return LanguageModelConfiguration(
            classes: classes, embedding: embedding, stack: Array(repeating: layer, count: layers), dropout: dropout)
    }
}

extension LanguageModelPlan {
    /// The plan for a text: what the options fix, and what follows from the sizes for the rest.
    /// - Parameter start: whose weights it begins with; its sizes are then the model's, and it learns more slowly.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package static func plan(
        for corpus: CorpusSummary, options: LanguageModelOptions, startingFrom start: LanguageModelStart? = nil
    ) throws(RunError) -> LanguageModelPlan {
        var plan = try plan(for: corpus, options: options, model: start?.configuration)
        plan.startedFrom = start?.point
        return plan
    }

    /// - Parameter fixedModel: the sizes of a model whose weights training starts from; nil: a new one.
    package static func plan(
        for corpus: CorpusSummary, options: LanguageModelOptions, model fixedModel: LanguageModelConfiguration?
    ) throws(RunError) -> LanguageModelPlan {
        try options.validate()
        // Who gives a length means that length, however long it takes.
        let timeLimit = options.steps == nil && options.epochs == nil ? options.timeLimit : nil
        func defaults(in time: Double?) -> LanguageModelDefaults {
            LanguageModelDefaults(training: corpus.training, classes: corpus.classes, timeLimit: time)
        }
        let sizes = defaults(in: timeLimit), unlimited = defaults(in: nil)
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
        let steps = max(200, (sizes.units(of: corpus.training) + lanes * window - 1) / (lanes * window))
        // About an epoch between evaluations, at least a dozen in a run, and at most a twentieth of the time spent on
        // them; never a function of the steps that a time limit may choose.
        let affordable = 20 * ValidationCost.unitsRead(corpus.validation) / (3 * lanes * window)
        let hidden = model.stack.map(\.hidden).max() ?? 1
        var settings = try RunSettings(
            options,
            defaults: RunDefaults(
                stepsPerEpoch: stepsPerEpoch, steps: steps, moreStepsHelp: unlimited.morePassesHelp(model),
                warmUp: max(1, min(50, steps / 20)), leastWarmUp: 1,
                optimizer: .adamw, weightDecay: nil, learningRate: { $0.defaultRate(hidden: hidden) },
                schedule: .cosine, clipNorm: 1, evaluateEvery: max(10, affordable, min(stepsPerEpoch, steps / 12))))
        if fixedModel != nil, options.learningRate == nil { settings.learningRate *= StartingPoint.rateFraction }
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

    /// Lanes of at least two windows, so that carrying state means something; logits of at most 8 million numbers. Windows
    /// that follow each other in a lane are no longer than it is, whatever is given.
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
        guard options.randomWindows != true else { return (lanes, window) }
        return (lanes, min(window, (training - 1) / lanes))
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
