import Foundation
import TextCorpora
import Training

/// Sizes that work for a text of so many units, found by measurement: see `Documentation/Defaults.md`.
struct SizeDefaults: Equatable {
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
        case ..<3_000_000: self.init(512, 2, 128, 0.5, lanes: 64, window: 128, units: 14 * training)
        case ..<20_000_000: self.init(512, 2, 128, 0.2, lanes: 64, window: 128, units: max(16_000_000, 5 * training))
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

extension TrainingPlan {
    /// The plan for a text: what the options fix, and what follows from the sizes for the rest.
    /// - Throws: ``LanguageModelError/invalidOption(_:reason:)``
    public static func plan(
        for corpus: CorpusSummary, options: TrainingOptions, model fixedModel: ModelConfiguration? = nil
    ) throws(LanguageModelError) -> TrainingPlan {
        try check(options)
        let defaults = SizeDefaults(training: corpus.training)
        let stack =
            options.stack
            ?? Array(
                repeating: StackLayer(options.cell ?? .lstm, hidden: options.hidden ?? defaults.hidden),
                count: options.layers ?? defaults.layers)
        let model =
            fixedModel
            ?? ModelConfiguration(
                classes: corpus.classes, embedding: options.embedding ?? defaults.embedding, stack: stack,
                dropout: options.dropout ?? defaults.dropout)

        // Lanes of at least two windows, so that carrying state means something; logits of at most 8 million numbers.
        var window = options.window ?? defaults.window
        if options.window == nil { window = max(2, min(window, (corpus.training - 1) / 4)) }
        var lanes = options.lanes ?? defaults.lanes
        if options.lanes == nil { lanes = max(1, min(lanes, (corpus.training - 1) / (2 * window))) }
        if options.window == nil { window = max(8, min(window, 8_000_000 / (lanes * corpus.classes))) }
        guard lanes < corpus.training else {
            throw .invalidOption(
                "--batch", reason: "\(lanes) lanes, but the text has \(corpus.training) units to train on")
        }

        let laneLength = (corpus.training - 1) / lanes
        let stepsPerEpoch = max(1, (laneLength + window - 1) / window)
        let wanted = options.epochs.map { Int(($0 * Double(stepsPerEpoch)).rounded(.up)) }
        let defaultSteps = max(200, (defaults.units + lanes * window - 1) / (lanes * window))
        let steps = options.steps ?? wanted ?? defaultSteps
        let optimizer = options.optimizer ?? .adamw
        let decay = options.weightDecay.map { WeightDecay(Float($0)) }
        // About an epoch between evaluations of a text of ordinary size, some twenty in a run of any size; never a
        // function of `steps` when a time limit is to choose them.
        let evaluateEvery = options.evaluateEvery ?? max(10, min(stepsPerEpoch, max(25, defaultSteps / 14)))
        return TrainingPlan(
            model: model, lanes: lanes, window: window, randomWindows: options.randomWindows ?? false, steps: steps,
            stepsPerEpoch: stepsPerEpoch, timeLimit: options.timeLimit,
            stepsAreFixed: options.timeLimit == nil || options.steps != nil || options.epochs != nil,
            optimizer: OptimizerConfiguration(optimizer, weightDecay: decay),
            learningRate: options.learningRate ?? optimizer.defaultRate(hidden: model.stack.map(\.hidden).max() ?? 1),
            schedule: options.schedule ?? .cosine,
            warmUp: options.warmUp ?? max(1, min(50, defaultSteps / 20)), clipNorm: options.clipNorm ?? 1,
            clipValue: options.clipValue, patience: options.patience, evaluateEvery: evaluateEvery,
            saveEvery: options.saveEvery, sampleEvery: options.sampleEvery ?? 4 * evaluateEvery, seed: options.seed ?? 1)
    }

    private static func check(_ options: TrainingOptions) throws(LanguageModelError) {
        func require(_ holds: Bool, _ option: String, _ reason: String) throws(LanguageModelError) {
            guard holds else { throw .invalidOption(option, reason: reason) }
        }
        func positive(_ value: Int?, _ option: String) throws(LanguageModelError) {
            try require(value.map { $0 >= 1 } ?? true, option, "must be at least 1, not \(value ?? 0)")
        }
        func above(_ value: Double?, _ option: String) throws(LanguageModelError) {
            try require(
                value.map { $0 > 0 && $0.isFinite } ?? true, option, "must be a number above 0, not \(value ?? 0)")
        }
        try positive(options.hidden, "--hidden")
        try positive(options.layers, "--layers")
        try positive(options.lanes, "--batch")
        try positive(options.window, "--window")
        try positive(options.steps, "--steps")
        try positive(options.patience, "--patience")
        try positive(options.evaluateEvery, "--eval-every")
        try positive(options.saveEvery, "--save-every")
        try positive(options.sampleEvery, "--sample-every")
        try positive(options.minimumCount, "--min-count")
        try above(options.epochs, "--epochs")
        try above(options.timeLimit, "--time-limit")
        try above(options.learningRate, "--lr")
        try above(options.clipNorm, "--clip-norm")
        try above(options.clipValue, "--clip-value")
        try require(
            options.hidden.map { $0 <= 65_536 } ?? true, "--hidden", "at most 65536, not \(options.hidden ?? 0)")
        try require(options.layers.map { $0 <= 64 } ?? true, "--layers", "at most 64, not \(options.layers ?? 0)")
        try require(
            options.embedding.map { (0...65_536).contains($0) } ?? true, "--embedding",
            "from 0 (one-hot) to 65536, not \(options.embedding ?? 0)")
        try require(
            options.dropout.map { (0..<1).contains($0) } ?? true, "--dropout",
            "from 0 to below 1, not \(options.dropout ?? 0)")
        try require(
            options.weightDecay.map { $0 >= 0 && $0.isFinite } ?? true, "--weight-decay",
            "0 or more, not \(options.weightDecay ?? 0)")
        try require(options.warmUp.map { $0 >= 0 } ?? true, "--warm-up", "0 or more steps, not \(options.warmUp ?? 0)")
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
