import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora

/// Every number that was chosen, in a few lines.
struct PlanDescription {
    let plan: LanguageModelPlan
    let corpus: PreparedCorpus
    let context: ComputeContext

    var lines: [String] { textLines + [modelLine] + trainingLines }

    private var unit: TextUnit { corpus.vocabulary.unit }

    private func units(_ count: Int) -> String { "\(NumberText.grouped(count)) \(unit.name(count: count))" }

    private var textLines: [String] {
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
        return ["Text      \(corpus.report)"] + corpus.report.notes.map { "          \($0)" }
            + ["          \(units(corpus.record.count)), \(distinct): \(parts.joined(separator: ", "))"] + heldOutLines
    }

    /// Nothing of the end of a text, which is what everybody expects.
    private var heldOutLines: [String] {
        switch corpus.record.heldOut?.rule ?? .tail {
        case .tail: []
        case .lines:
            ["          held out: whole lines from everywhere, equal ones together (--validation tail: the end)"]
        case .spread:
            ["          held out: blocks or files from everywhere (--validation tail: the end)"]
        }
    }

    private var modelLine: String {
        let model = plan.model
        let input = model.embedding == 0 ? "one-hot" : "embedding \(model.embedding)"
        let stack = model.stack.map(\.description).joined(separator: ",")
        let memory = model.trainingMemory(lanes: plan.lanes, window: plan.window)
        return "Model     \(input), \(stack), dropout \(NumberText.exact(model.dropout)): "
            + "\(NumberText.grouped(model.parameterCount)) parameters, about \(NumberText.bytes(memory)) to train"
    }

    private var trainingLines: [String] {
        let windows = plan.randomWindows ? "random windows" : "window"
        return TrainingLines.lines(
            of: plan, batch: "\(plan.lanes) lanes × \(windows) \(plan.window)",
            clips: plan.clipValue.map { ["values clipped at \(NumberText.exact($0))"] } ?? [], in: context)
    }

    /// Bytes at the peak of training, the text included.
    private var memory: Int { plan.model.trainingMemory(lanes: plan.lanes, window: plan.window) + corpus.memory }

    /// The same with what it costs.
    var dryRun: DryRun {
        DryRun(
            lines: lines, memory: memory, data: "text", units: unit.name(count: 2),
            json: [
                "parameters": .int(plan.model.parameterCount),
                "stack": .string(plan.model.stack.map(\.description).joined(separator: ",")),
                "embedding": .int(plan.model.embedding), "dropout": .number(plan.model.dropout),
                "lanes": .int(plan.lanes), "window": .int(plan.window),
                "training_units": .int(corpus.split.training.count),
                "validation_units": .int(corpus.split.validation.count),
                "vocabulary": .int(corpus.vocabulary.count),
            ])
    }
}
