import CommandLineSupport
import LanguageModels
import TextCorpora

/// The command that makes a run again, bit for bit: the number of steps, and every option without which another plan
/// would follow from the text.
struct ReproducingCommand {
    let text: String

    /// - Parameter stopAfter: the step at which a run stopped that had not come to its end.
    init(plan: LanguageModelPlan, corpus: CorpusRecord, stopAfter: Int?) {
        var words = ["charnn", "train"] + corpus.paths + ["--steps", "\(plan.steps)"]
        if let stopAfter { words += ["--stop-after", "\(stopAfter)"] }
        if let start = plan.startedFrom { words += ["--from", start.run] }
        if corpus.unit != .scalar, plan.startedFrom == nil { words += ["--unit", corpus.unit.rawValue] }
        if let encoding = corpus.encoding { words += ["--encoding", encoding] }
        if corpus.keepCarriageReturns { words.append("--keep-cr") }
        if let policy = corpus.invalidBytes { words += ["--invalid", policy.rawValue] }
        // Shares of a text may round; numbers of units cannot.
        if let heldOut = corpus.heldOut {
            if heldOut.rule != heldOut.suggested || heldOut.validation != 0.1 {
                words += ["--validation", heldOut.argument]
            }
            if heldOut.test != 0 { words += ["--test", heldOut.test.argument] }
        } else if corpus.split != corpus.defaultSplit {
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

    private static func options(of plan: LanguageModelPlan, for corpus: CorpusRecord) -> [String] {
        let summary = CorpusSummary(
            training: corpus.split.training.count, validation: corpus.split.validation.count,
            classes: corpus.vocabulary.count)
        var options = LanguageModelOptions()
        options.steps = plan.steps
        return candidates(of: plan).words(besides: options) { try Self.plan(for: summary, $0, like: plan) }
    }

    /// What follows from the text with these options, as far as bits depend on it.
    private static func plan(
        for summary: CorpusSummary, _ options: LanguageModelOptions, like plan: LanguageModelPlan
    ) throws -> LanguageModelPlan {
        var fixedModel: LanguageModelConfiguration?
        if plan.startedFrom != nil {
            fixedModel = plan.model
        }
        var derived = try LanguageModelPlan.plan(for: summary, options: options, model: fixedModel)
        if plan.startedFrom != nil, options.learningRate == nil { derived.learningRate *= FineTuning.rateFraction }
        derived.startedFrom = plan.startedFrom
        derived.timeLimit = plan.timeLimit
        derived.stepsAreFixed = plan.stepsAreFixed
        derived.saveEvery = plan.saveEvery
        return derived
    }

    private static func candidates(of plan: LanguageModelPlan) -> ReproducingOptions<
        LanguageModelPlan, LanguageModelOptions
    > {
        var list = ReproducingOptions<LanguageModelPlan, LanguageModelOptions>(plan)
        if plan.startedFrom == nil {
            list.add("--stack", \.model.stack, { $0.map(\.description).joined(separator: ",") }) { $0.stack = $1 }
            list.add("--embedding", \.model.embedding, { "\($0)" }) { $0.embedding = $1 }
        }
        list.add("--dropout", \.model.dropout, { "\($0)" }) { $0.dropout = $1 }
        list.add("--batch", \.lanes, { "\($0)" }) { $0.lanes = $1 }
        list.add("--window", \.window, { "\($0)" }) { $0.window = $1 }
        list.add("--random-windows", \.randomWindows, { $0 ? "" : nil }) { $0.randomWindows = $1 }
        list.addOptimization()
        list.add("--clip-value", \.clipValue, { $0.map { "\($0)" } }) { $0.clipValue = $1 }
        list.addPacing()
        list.add("--sample-every", \.sampleEvery, { $0.map(String.init) }) { $0.sampleEvery = $1 }
        return list
    }
}
