import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

extension PlanReport {
    /// Every number that was chosen for a text, in a few lines.
    init(_ plan: LanguageModelPlan, _ corpus: PreparedCorpus, in context: ComputeContext) {
        let windows = plan.randomWindows ? "random windows" : "window"
        let training = TrainingLines.lines(
            of: plan, batch: "\(plan.lanes) lanes × \(windows) \(plan.window)\(plan.precisionNote)",
            clips: plan.clipValue.map { ["values clipped at \(NumberText.exact($0))"] } ?? [], in: context)
        self.init(
            StoredTextRun(plan: plan, corpus: corpus.record), options: LanguageModelOptionTable.self,
            lines: Self.lines(corpus) + [Self.line(plan)] + training, memory: corpus.memory, data: "text",
            units: corpus.vocabulary.unit.name(count: 2),
            json: [
                "parameters": .int(plan.model.parameterCount), "vocabulary": .int(corpus.vocabulary.count),
                "training_units": .int(corpus.split.training.count),
                "validation_units": .int(corpus.split.validation.count),
            ])
    }

    private static func lines(_ corpus: PreparedCorpus) -> [String] {
        let split = corpus.split, vocabulary = corpus.vocabulary
        var parts = ["\(NumberText.grouped(split.training.count)) to train"]
        parts.append("\(NumberText.grouped(split.validation.count)) to validate")
        if !split.test.isEmpty { parts.append("\(NumberText.grouped(split.test.count)) left for a test") }
        let listed = vocabulary.count - (vocabulary.hasReplacement ? 1 : 0)
        var distinct = "\(NumberText.grouped(listed)) distinct"
        if vocabulary.minimumCount > 1 {
            distinct += " that occur \(vocabulary.minimumCount) times or more"
        }
        if vocabulary.isFull { distinct += ", the most frequent: no more are listed" }
        let count = corpus.record.count
        let units = "\(NumberText.grouped(count)) \(vocabulary.unit.name(count: count))"
        return ["Text      \(corpus.report)"]
            + (corpus.report.notes.map(CommandText.typed) + ["\(units), \(distinct): \(parts.joined(separator: ", "))"]
            + heldOut(corpus)).map { "          \($0)" }
    }

    /// Nothing of the end of a text, which is what everybody expects.
    private static func heldOut(_ corpus: PreparedCorpus) -> [String] {
        switch corpus.record.heldOut?.rule ?? .tail {
        case .tail: []
        case .lines: ["held out: whole lines from everywhere, equal ones together (--validation tail: the end)"]
        case .spread: ["held out: blocks or files from everywhere (--validation tail: the end)"]
        }
    }

    private static func line(_ plan: LanguageModelPlan) -> String {
        let model = plan.model
        let input = model.embedding == 0 ? "one-hot" : "embedding \(model.embedding)"
        return "Model     \(input), \(LayerSpecification.text(model.stack)), "
            + "dropout \(NumberText.exact(model.dropout)): \(NumberText.grouped(model.parameterCount)) parameters, "
            + "about \(NumberText.bytes(plan.trainingMemory)) to train"
    }
}
