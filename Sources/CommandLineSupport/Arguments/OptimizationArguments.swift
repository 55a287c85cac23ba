package import ArgumentParser
package import Training
package import TrainingRuns

/// How a model is trained, whatever it learns from. Everything left out follows from the data.
package struct OptimizationArguments: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Passes over what there is to train on.", valueName: "passes"))
    package var epochs: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Steps of the whole run.", valueName: "count"))
    package var steps: Int?

    @Option(
        name: .customLong("time-limit"), parsing: .unconditional,
        help: ArgumentHelp(
            "Train for so long: 90s, 4m, 1h30m.",
            discussion: "When warm-up ends, the rate measured fixes a number of steps.", valueName: "time"),
        transform: Parse.timeSpan)
    package var timeLimit: TimeSpan?

    @Option(help: ArgumentHelp("How gradients change the weights.", valueName: "name"))
    package var optimizer: OptimizerKind?

    @Option(name: .customLong("lr"), parsing: .unconditional, help: ArgumentHelp("Learning rate.", valueName: "rate"))
    package var learningRate: Double?

    @Option(help: ArgumentHelp("How the learning rate falls.", valueName: "name"))
    package var schedule: ScheduleKind?

    @Option(
        name: .customLong("warm-up"), parsing: .unconditional,
        help: ArgumentHelp("Steps in which the learning rate rises.", valueName: "steps"))
    package var warmUp: Int?

    @Option(
        name: .customLong("weight-decay"), parsing: .unconditional,
        help: ArgumentHelp("Pulls weights toward 0.", valueName: "rate"))
    package var weightDecay: Double?

    @Option(
        name: .customLong("clip-norm"), parsing: .unconditional,
        help: ArgumentHelp("Largest norm of all gradients together; 0 or none: any.", valueName: "norm"),
        transform: Parse.numberOrNone)
    package var clipNorm: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Validations without improvement that end the run; none: nothing does; auto: a clear rise.",
            discussion: "Default: auto, or none where --steps or --epochs are given.", valueName: "count"),
        transform: Parse.patience)
    package var patience: Patience?

    @Option(
        name: .customLong("eval-every"), parsing: .unconditional,
        help: ArgumentHelp("Steps between validations.", valueName: "steps"))
    package var evaluateEvery: Int?

    @Option(
        name: .customLong("save-every"), parsing: .unconditional,
        help: ArgumentHelp("Steps between saves, besides those every minute.", valueName: "steps"))
    package var saveEvery: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Of all random numbers (default: 1).", valueName: "number"))
    package var seed: UInt64?

    package init() {}

    package func validate() throws {
        if steps != nil, epochs != nil { throw ValidationError("give --steps or --epochs, not both") }
    }

    /// Fixes in a plan's options what was given.
    package func apply(to options: inout some RunOptions) {
        options.epochs = epochs
        options.steps = steps
        options.timeLimit = timeLimit?.seconds
        options.optimizer = optimizer
        options.learningRate = learningRate
        options.schedule = schedule
        options.warmUp = warmUp
        options.weightDecay = weightDecay
        options.clipNorm = clipNorm
        options.patience = patience
        options.evaluateEvery = evaluateEvery
        options.saveEvery = saveEvery
        options.seed = seed
    }

    /// What a run that goes on takes of them.
    package var resumeOptions: ResumeOptions {
        ResumeOptions(steps: steps, epochs: epochs, timeLimit: timeLimit?.seconds)
    }
}

extension GivenOptions {
    /// The options that a run which goes on does not take.
    package mutating func add(_ arguments: OptimizationArguments, besides plan: some RunPlan) {
        add("--optimizer", arguments.optimizer, stored: plan.optimizer.kind.rawValue)
        add("--lr", arguments.learningRate, stored: plan.learningRate)
        add("--schedule", arguments.schedule, stored: plan.schedule.rawValue)
        add("--warm-up", arguments.warmUp, stored: plan.warmUp)
        add("--weight-decay", arguments.weightDecay, stored: plan.optimizer.weightDecay.coefficient)
        add("--clip-norm", arguments.clipNorm, stored: plan.clipNorm)
        add("--patience", arguments.patience, stored: plan.patience)
        add("--eval-every", arguments.evaluateEvery, stored: plan.evaluateEvery)
        add("--save-every", arguments.saveEvery, stored: plan.saveEvery)
        add("--seed", arguments.seed, stored: plan.seed)
    }
}
