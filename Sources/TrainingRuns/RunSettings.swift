package import Training

/// What plans of all kinds of training say of it. Stored with a run among the keys of its plan.
package struct RunSettings: Codable, Hashable, Sendable {
    /// Optimizer steps of the whole run. With a time limit it is provisional until warm-up ends.
    package var steps: Int
    /// Steps of one pass over the training part.
    package var stepsPerEpoch: Int
    /// Seconds, if a time limit was given.
    package var timeLimit: Double?
    /// Whether `steps` is final.
    package var stepsAreFixed: Bool
    /// The most steps that a time limit may choose; nil: as many as fit into it.
    package var mostSteps: Int?
    package var optimizer: OptimizerConfiguration
    package var learningRate: Double
    package var schedule: ScheduleKind
    package var warmUp: Int
    /// Largest norm of all gradients together; nil: any.
    package var clipNorm: Double?
    /// How long the run goes on although validation finds nothing better; nil: to its last step.
    package var patience: Patience?
    package var evaluateEvery: Int
    /// Steps between saves besides those of the clock; nil: the clock alone decides, at least every minute.
    package var saveEvery: Int?
    /// Where all random numbers begin.
    package var seed: UInt64

    package init(
        steps: Int, stepsPerEpoch: Int, optimizer: OptimizerConfiguration, learningRate: Double, schedule: ScheduleKind,
        warmUp: Int, clipNorm: Double?, patience: Patience?, evaluateEvery: Int, seed: UInt64
    ) {
        (self.steps, self.stepsPerEpoch, stepsAreFixed) = (steps, stepsPerEpoch, true)
        (self.optimizer, self.learningRate, self.schedule, self.warmUp) = (optimizer, learningRate, schedule, warmUp)
        (self.clipNorm, self.patience) = (clipNorm, patience)
        (self.evaluateEvery, self.seed) = (evaluateEvery, seed)
    }

    enum CodingKeys: String, CodingKey {
        case steps, optimizer, schedule, patience, seed
        case stepsPerEpoch = "steps_per_epoch"
        case timeLimit = "time_limit_seconds"
        case stepsAreFixed = "steps_are_fixed"
        case mostSteps = "most_steps"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case clipNorm = "clip_norm"
        case evaluateEvery = "evaluate_every"
        case saveEvery = "save_every"
    }
}

/// What follows from the data for the settings that nobody gives.
package struct RunDefaults {
    /// Floating-point operations of training in a second on two cores of an ordinary processor. Plans that have a time in
    /// view take it for the machine's speed, so that they follow from the data alone.
    package static let ordinaryOperationsPerSecond = 3e11

    package var stepsPerEpoch: Int
    package var steps: Int
    /// Whether more steps than these may be of use to who has the time for them.
    package var moreStepsHelp: Bool
    package var warmUp: Int
    /// However few steps there are.
    package var leastWarmUp: Int
    package var optimizer: OptimizerKind
    /// Nil: the optimizer's own.
    package var weightDecay: Float?
    package var learningRate: (OptimizerKind) -> Double
    package var schedule: ScheduleKind
    package var clipNorm: Double?
    package var evaluateEvery: Int

    package init(
        stepsPerEpoch: Int, steps: Int, moreStepsHelp: Bool, warmUp: Int, leastWarmUp: Int, optimizer: OptimizerKind,
        weightDecay: Float?, learningRate: @escaping (OptimizerKind) -> Double, schedule: ScheduleKind,
        clipNorm: Double?, evaluateEvery: Int
    ) {
        (self.stepsPerEpoch, self.steps, self.evaluateEvery) = (stepsPerEpoch, steps, evaluateEvery)
        (self.moreStepsHelp, self.warmUp, self.leastWarmUp) = (moreStepsHelp, warmUp, leastWarmUp)
        (self.optimizer, self.weightDecay, self.learningRate) = (optimizer, weightDecay, learningRate)
        (self.schedule, self.clipNorm) = (schedule, clipNorm)
    }
}

extension RunSettings {
    /// What options fix, and defaults for the rest.
    /// - Throws: ``RunError/invalidOption(_:reason:)`` for epochs of too many steps.
    package init<Table: OptionTable>(
        _ options: GivenOptions<Table>, defaults: RunDefaults
    ) throws(RunError) {
        let epochs = try options.epochs.map { epochs throws(RunError) in
            try Self.steps(for: epochs, of: defaults.stepsPerEpoch)
        }
        let fixed = options.steps ?? epochs
        let wanted = fixed ?? defaults.steps
        stepsPerEpoch = defaults.stepsPerEpoch
        timeLimit = options.timeLimit
        // A time limit fixes the steps when warm-up ends: enough steps to measure the rate by, and none before that
        // whose learning rate depends on their number.
        stepsAreFixed = options.timeLimit == nil || fixed != nil
        warmUp =
            options.warmUp
            ?? (stepsAreFixed
                ? min(defaults.warmUp, max(defaults.leastWarmUp, wanted / 2)) : max(20, defaults.warmUp))
        steps = stepsAreFixed ? wanted : max(wanted, warmUp + 2)
        mostSteps = stepsAreFixed || defaults.moreStepsHelp ? nil : steps
        let kind = options.optimizer ?? defaults.optimizer
        optimizer = OptimizerConfiguration(
            kind, weightDecay: (options.weightDecay.map { Float($0) } ?? defaults.weightDecay).map { WeightDecay($0) })
        learningRate = options.learningRate ?? defaults.learningRate(kind)
        schedule = options.schedule ?? defaults.schedule
        clipNorm = options.clipNorm.map { $0 > 0 ? $0 : nil } ?? defaults.clipNorm
        // Who gives a number of steps wants them done.
        patience = (options.patience ?? (fixed == nil ? .automatic : .unlimited)).limited
        evaluateEvery = options.evaluateEvery ?? defaults.evaluateEvery
        saveEvery = options.saveEvery
        seed = options.seed ?? 1
    }

    /// Steps of so many passes over the training part.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    static func steps(for epochs: Double, of stepsPerEpoch: Int) throws(RunError) -> Int {
        let steps = (epochs * Double(stepsPerEpoch)).rounded(.up)
        guard steps >= 1, steps <= Double(largestStepCount) else {
            throw .invalidOption(
                "epochs", reason: "\(epochs) of \(stepsPerEpoch) steps each are not 1 to \(largestStepCount) steps")
        }
        return Int(steps)
    }
}
