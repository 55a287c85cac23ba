import ArgumentParser
import CommandLineSupport
import LanguageModels
import TextCorpora
import Training

extension TrainingOptions {
    init(_ model: ModelArguments, _ schedule: ScheduleArguments) {
        self.init()
        cell = model.cell
        hidden = model.hidden
        layers = model.layers
        stack = model.stack
        embedding = model.embedding
        dropout = model.dropout
        lanes = schedule.batch
        window = schedule.window
        randomWindows = schedule.randomWindows ? true : nil
        epochs = schedule.epochs
        steps = schedule.steps
        timeLimit = schedule.timeLimit?.seconds
        optimizer = schedule.optimizer
        learningRate = schedule.learningRate
        self.schedule = schedule.schedule
        warmUp = schedule.warmUp
        weightDecay = schedule.weightDecay
        clipNorm = schedule.clipNorm
        clipValue = schedule.clipValue
        validation = schedule.validation
        test = schedule.test
        patience = schedule.patience
        evaluateEvery = schedule.evaluateEvery
        saveEvery = schedule.saveEvery
        sampleEvery = schedule.sampleEvery
        minimumCount = schedule.minimumCount
        seed = schedule.seed
    }
}

extension ModelArguments {
    /// Options that were given, with what a run has stored instead.
    func given(besides model: ModelConfiguration) -> [(option: String, stored: String)] {
        let stack = model.stack.map(\.description).joined(separator: ",")
        return GivenOptions.list(
            ("--cell", cell, "--stack \(stack)"), ("--hidden", hidden, "--stack \(stack)"),
            ("--layers", layers, "--stack \(stack)"), ("--stack", self.stack, "--stack \(stack)"),
            ("--embedding", embedding, "--embedding \(model.embedding)"),
            ("--dropout", dropout, "--dropout \(model.dropout)"))
    }
}

extension ScheduleArguments {
    /// Options that were given and that a resumed run does not take, with what it has stored instead.
    func given(besides plan: TrainingPlan, _ record: CorpusRecord) -> [(option: String, stored: String)] {
        func text(_ value: (some Any)?, _ option: String) -> String {
            value.map { "\(option) \($0)" } ?? "no \(option)"
        }
        return GivenOptions.list(
            ("--batch", batch, "--batch \(plan.lanes)"), ("--window", window, "--window \(plan.window)"),
            ("--random-windows", randomWindows ? true : nil, "--random-windows: \(plan.randomWindows)"),
            ("--optimizer", optimizer, "--optimizer \(plan.optimizer.kind.rawValue)"),
            ("--lr", learningRate, "--lr \(plan.learningRate)"),
            ("--schedule", schedule, "--schedule \(plan.schedule.rawValue)"),
            ("--warm-up", warmUp, "--warm-up \(plan.warmUp)"),
            ("--weight-decay", weightDecay, "--weight-decay \(plan.optimizer.weightDecay.coefficient)"),
            ("--clip-norm", clipNorm, text(plan.clipNorm, "--clip-norm")),
            ("--clip-value", clipValue, text(plan.clipValue, "--clip-value")),
            ("--validation", validation, "--validation \(record.split.validation.count)"),
            ("--test", test, "--test \(record.split.test.count)"),
            ("--patience", patience, text(plan.patience, "--patience")),
            ("--eval-every", evaluateEvery, "--eval-every \(plan.evaluateEvery)"),
            ("--save-every", saveEvery, text(plan.saveEvery, "--save-every")),
            ("--sample-every", sampleEvery, text(plan.sampleEvery, "--sample-every")),
            ("--min-count", minimumCount, "--min-count \(record.vocabulary.minimumCount)"),
            ("--seed", seed, "--seed \(plan.seed)"))
    }
}
