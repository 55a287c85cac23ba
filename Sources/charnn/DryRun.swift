import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

/// The plan, and what it would cost, on standard output.
struct DryRun {
    let plan: TrainingPlan
    let corpus: PreparedCorpus
    let description: PlanDescription
    let isJSON: Bool

    func run(console: Console, in context: ComputeContext) throws {
        console.status("Measuring a few steps")
        let task = LanguageModelTask(plan, corpus: corpus, in: context)
        let cost = try CostEstimate.measure(task, plan: plan, in: context)
        console.clearProgress()
        let output = StandardOutput()
        if isJSON {
            try output.line(json(cost).text)
        } else {
            for line in description.lines { try output.line(line) }
            try output.line("Memory    about \(NumberText.bytes(memory)) with the text")
            let rate = "\(NumberText.short(cost.unitsPerSecond)) \(corpus.vocabulary.unit.name(count: 2)) a second"
            try output.line("Time      about \(TimeSpan(seconds: cost.seconds)), measured at \(rate)")
            try output.line("Nothing was trained: leave --dry-run out to begin.")
        }
        try output.flush()
    }

    /// Bytes at the peak, the text included.
    private var memory: Int { plan.model.trainingMemory(lanes: plan.lanes, window: plan.window) + corpus.memory }

    private func json(_ cost: CostEstimate) -> JSONValue {
        [
            "parameters": .int(plan.model.parameterCount), "memory_bytes": .int(memory),
            "seconds": .number(cost.seconds), "seconds_per_step": .number(cost.secondsPerStep),
            "units_per_second": .number(cost.unitsPerSecond), "steps": .int(cost.steps),
            "stack": .string(plan.model.stack.map(\.description).joined(separator: ",")),
            "embedding": .int(plan.model.embedding), "dropout": .number(plan.model.dropout),
            "lanes": .int(plan.lanes), "window": .int(plan.window), "learning_rate": .number(plan.learningRate),
            "training_units": .int(corpus.split.training.count),
            "validation_units": .int(corpus.split.validation.count),
            "vocabulary": .int(corpus.vocabulary.count),
        ]
    }
}
