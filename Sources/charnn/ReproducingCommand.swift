import CommandLineSupport
import LanguageModels
import TextCorpora
import Training

/// The command that makes a run again, bit for bit: the number of steps, and every option without which another plan
/// would follow from the text.
struct ReproducingCommand {
    let text: String

    /// - Parameter stopAfter: the step at which a run stopped that had not come to its end.
    init(plan: TrainingPlan, corpus: CorpusRecord, stopAfter: Int?) {
        var words = ["charnn", "train"] + corpus.paths + ["--steps", "\(plan.steps)"]
        if let stopAfter { words += ["--stop-after", "\(stopAfter)"] }
        if let start = plan.startedFrom { words += ["--from", start.run] }
        if corpus.unit != .scalar, plan.startedFrom == nil { words += ["--unit", corpus.unit.rawValue] }
        if let encoding = corpus.encoding { words += ["--encoding", encoding] }
        if corpus.keepCarriageReturns { words.append("--keep-cr") }
        // Shares of a text may round; numbers of units cannot.
        if corpus.split != corpus.defaultSplit {
            words += ["--validation", "\(corpus.split.validation.count)"]
            if !corpus.split.test.isEmpty { words += ["--test", "\(corpus.split.test.count)"] }
        }
        // Of up to 256 characters all are listed unless another number is asked for.
        if corpus.vocabulary.minimumCount > 1 || corpus.vocabulary.count > 256 {
            words += ["--min-count", "\(corpus.vocabulary.minimumCount)"]
        }
        words += Self.options(of: plan, for: corpus)
        text = words.map(ShellText.quoted).joined(separator: " ")
    }

    private static func options(of plan: TrainingPlan, for corpus: CorpusRecord) -> [String] {
        let summary = CorpusSummary(
            training: corpus.split.training.count, validation: corpus.split.validation.count,
            classes: corpus.vocabulary.count)
        var options = TrainingOptions()
        options.steps = plan.steps
        var words: [String] = []
        // One option changes what follows from the text for others: each is compared with those before it in place.
        for candidate in candidates(of: plan) {
            guard let derived = try? Self.plan(for: summary, options, like: plan), derived != plan else { break }
            if candidate.isNeeded(derived) {
                candidate.apply(&options)
                words += candidate.words
            }
        }
        return words
    }

    /// What follows from the text with these options, as far as bits depend on it.
    private static func plan(
        for summary: CorpusSummary, _ options: TrainingOptions, like plan: TrainingPlan
    ) throws -> TrainingPlan {
        var fixedModel: ModelConfiguration?
        if plan.startedFrom != nil {
            fixedModel = plan.model
        }
        var derived = try TrainingPlan.plan(for: summary, options: options, model: fixedModel)
        if plan.startedFrom != nil, options.learningRate == nil { derived.learningRate *= FineTuning.rateFraction }
        derived.startedFrom = plan.startedFrom
        derived.timeLimit = plan.timeLimit
        derived.stepsAreFixed = plan.stepsAreFixed
        derived.saveEvery = plan.saveEvery
        return derived
    }

    private struct Candidate {
        var words: [String]
        var isNeeded: (TrainingPlan) -> Bool
        var apply: (inout TrainingOptions) -> Void
    }

    private static func candidates(of plan: TrainingPlan) -> [Candidate] {
        var list: [Candidate] = []
        func add<Value: Equatable>(
            _ option: String, _ read: @escaping (TrainingPlan) -> Value, _ text: @escaping (Value) -> String?,
            _ apply: @escaping (inout TrainingOptions, Value) -> Void
        ) {
            let value = read(plan)
            guard let text = text(value) else { return }
            list.append(
                Candidate(
                    words: text.isEmpty ? [option] : [option, text], isNeeded: { read($0) != value },
                    apply: { apply(&$0, value) }))
        }
        func number(_ value: Double?) -> String? { value.map { "\($0)" } }
        if plan.startedFrom == nil {
            add("--stack", \.model.stack, { $0.map(\.description).joined(separator: ",") }) { $0.stack = $1 }
            add("--embedding", \.model.embedding, { "\($0)" }) { $0.embedding = $1 }
        }
        add("--dropout", \.model.dropout, { number($0) }) { $0.dropout = $1 }
        add("--batch", \.lanes, { "\($0)" }) { $0.lanes = $1 }
        add("--window", \.window, { "\($0)" }) { $0.window = $1 }
        add("--random-windows", \.randomWindows, { $0 ? "" : nil }) { $0.randomWindows = $1 }
        add("--optimizer", \.optimizer.kind, { $0.rawValue }) { $0.optimizer = $1 }
        add("--weight-decay", \.optimizer.weightDecay.coefficient, { "\($0)" }) { $0.weightDecay = Double($1) }
        add("--lr", \.learningRate, { number($0) }) { $0.learningRate = $1 }
        add("--schedule", \.schedule, { $0.rawValue }) { $0.schedule = $1 }
        add("--warm-up", \.warmUp, { "\($0)" }) { $0.warmUp = $1 }
        add("--clip-norm", \.clipNorm, { number($0) }) { $0.clipNorm = $1 }
        add("--clip-value", \.clipValue, { number($0) }) { $0.clipValue = $1 }
        add("--patience", \.patience, { $0.map(String.init) }) { $0.patience = $1 }
        add("--eval-every", \.evaluateEvery, { "\($0)" }) { $0.evaluateEvery = $1 }
        add("--sample-every", \.sampleEvery, { $0.map(String.init) }) { $0.sampleEvery = $1 }
        add("--seed", \.seed, { "\($0)" }) { $0.seed = $1 }
        return list
    }
}
