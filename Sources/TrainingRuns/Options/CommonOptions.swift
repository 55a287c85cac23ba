package import Training

/// The options that trainings of all kinds have.
package struct CommonOptions<Run: PlannedRun>: Sendable {
    package typealias Option<Value: Hashable & Sendable> = RunOption<Run, Value>

    /// Passes over the training part.
    package let epochs = Option<Double>(
        .training, "epochs", .positive, "passes", "Passes over what there is to train on.", changesOnResume: true,
        again: .never)

    package let steps = Option<Int>(
        .training, "steps", .count(), "count", "Steps of the whole run.", changesOnResume: true, again: .always,
        run: { $0.plan.steps })

    /// Seconds. When warm-up ends, the rate measured so far fixes the number of steps.
    package let timeLimit = Option<Double>(
        .training, "time-limit", .timeSpan, "time", "Train at most for so long: 90s, 4m, 1h30m.",
        details: "When warm-up ends, the rate measured fixes a number of steps; of a short text, the plan's at most.",
        key: "time_limit_seconds", changesOnResume: true, again: .never, run: { $0.plan.timeLimit })

    package let optimizer = Option<OptimizerKind>(
        .training, "optimizer", .name, "name", "How gradients change the weights.", run: { $0.plan.optimizer.kind })

    package let learningRate = Option<Double>(
        .training, "lr", .positive, "rate", "Learning rate.", key: "learning_rate", run: { $0.plan.learningRate })

    package let schedule = Option<ScheduleKind>(
        .training, "schedule", .name, "name", "How the learning rate falls.", run: { $0.plan.schedule })

    package let warmUp = Option<Int>(
        .training, "warm-up", .count(0...largestStepCount, of: "steps"), "steps",
        "Steps in which the learning rate rises.", run: { $0.plan.warmUp })

    package let weightDecay = Option<Double>(
        .training, "weight-decay", .notNegative, "rate", "Pulls weights toward 0.",
        run: { Double("\($0.plan.optimizer.weightDecay.coefficient)") })

    /// 0: the norm of the gradients is not limited.
    package let clipNorm = Option<Double>(
        .training, "clip-norm", .positiveOrNone, "norm", "Largest norm of all gradients together; 0 or none: any.",
        run: { $0.plan.clipNorm ?? 0 })

    /// Nil: automatic, unless the number of steps or epochs is given.
    package let patience = Option<Patience>(
        .training, "patience", .patience, "count",
        "Validations without improvement that end the run; none: nothing does; auto: a clear rise.",
        details: "Default: auto, or none where `steps` or `epochs` are given.",
        run: { $0.plan.patience ?? .unlimited })

    package let evaluateEvery = Option<Int>(
        .training, "eval-every", .count(), "steps", "Steps between validations.", run: { $0.plan.evaluateEvery })

    package let saveEvery = Option<Int>(
        .training, "save-every", .count(), "steps", "Steps between saves, besides those every minute.", again: .never,
        run: { $0.plan.saveEvery })

    package let seed = Option<UInt64>(
        .training, "seed", .seed, "number", "Where all random numbers begin (default: 1).",
        run: { $0.plan.seed })

    package init() {}

    /// In the order of the help.
    var options: [any AnyRunOption<Run>] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any AnyRunOption<Run> }
    }
}
