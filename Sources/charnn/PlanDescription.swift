import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora
import Training

/// Every number that was chosen, in a few lines.
struct PlanDescription {
    let plan: TrainingPlan
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
        return [
            "Text      \(corpus.report)",
            "          \(units(corpus.record.count)), \(distinct): \(parts.joined(separator: ", "))",
        ]
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
        let length =
            plan.stepsAreFixed
            ? "\(NumberText.count(plan.steps, "step")) (\(NumberText.short(plan.epochs)) epochs)"
            : "as many steps as fit into \(TimeSpan(seconds: plan.timeLimit ?? 0))"
        let limit = plan.stepsAreFixed ? plan.timeLimit.map { ", at most \(TimeSpan(seconds: $0))" } ?? "" : ""
        let windows = plan.randomWindows ? "random windows" : "window"
        var clips: [String] = []
        if let norm = plan.clipNorm { clips.append("norm clipped at \(NumberText.exact(norm))") }
        if let value = plan.clipValue { clips.append("values clipped at \(NumberText.exact(value))") }
        let decay = plan.optimizer.weightDecay.coefficient
        var every = "validation every \(NumberText.count(plan.evaluateEvery, "step"))"
        if let sampling = plan.sampleEvery { every += ", a sample every \(NumberText.grouped(sampling))" }
        if let saving = plan.saveEvery { every += ", saved every \(NumberText.grouped(saving))" }
        if let patience = plan.patience {
            every += ", ends after \(NumberText.count(patience, "validation")) without improvement"
        }
        let optimizer =
            [
                plan.optimizer.kind.rawValue, "learning rate \(NumberText.exact(plan.learningRate))",
                "\(plan.schedule.rawValue) after \(NumberText.count(plan.warmUp, "step")) of warm-up",
                "weight decay \(decay)",
            ] + clips
        return [
            "Training  \(length) of \(plan.lanes) lanes × \(windows) \(plan.window)\(limit)",
            "          \(optimizer.joined(separator: ", "))",
            "          \(every); seed \(plan.seed), \(NumberText.count(context.workers.count, "thread")), "
                + context.instructionSet.rawValue,
        ]
    }
}
