import ArgumentParser
import Checkpoints
import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

/// The run that another one starts from.
struct FineTuningSource {
    let saved: SavedLanguageModel

    init(run name: String, store: StoreArguments, arguments: Train, context: ComputeContext) throws {
        let opened = try store.open(.readOnly)
        saved = try SavedLanguageModel.load(RunSelection(name), from: opened, in: context)
        try opened.close()
        // Dropout belongs to training, everything else to the weights.
        var sizes = GivenOptions(), model = arguments.model
        model.dropout = nil
        sizes.add(model, besides: saved.plan.model)
        if let first = sizes.first {
            throw RunError.invalidOption(
                first.option,
                reason: "the model starts from run '\(saved.run.name)' and has its sizes, \(first.stored). Leave it out"
            )
        }
        if let unit = arguments.text.unit, unit != saved.vocabulary.unit {
            throw RunError.invalidOption(
                "--unit", reason: "run '\(saved.run.name)' reads text as --unit \(saved.vocabulary.unit.rawValue)")
        }
    }

    /// The same sizes for another number of classes.
    func model(classes: Int, _ arguments: Train) -> LanguageModelConfiguration {
        var model = saved.plan.model
        model.classes = classes
        if let dropout = arguments.model.dropout { model.dropout = dropout }
        return model
    }

    /// Weights to begin with; the plan then says where they come from, and learns more slowly.
    func transfer(
        to corpus: PreparedCorpus, plan: inout LanguageModelPlan, hasRate: Bool, in context: ComputeContext
    ) -> FineTuning.Transfer {
        plan.startedFrom = StartingPoint(
            run: saved.run.name, step: saved.step, weightsSHA256: weightsSHA256(of: saved.model.weights))
        if !hasRate { plan.learningRate *= FineTuning.rateFraction }
        return FineTuning.transfer(
            from: saved.model, vocabulary: saved.vocabulary,
            to: LanguageModel(plan.model, seed: plan.seed, in: context), vocabulary: corpus.vocabulary)
    }

    func lines(_ transfer: FineTuning.Transfer, unit: TextUnit) -> [String] {
        func count(_ number: Int) -> String { "\(NumberText.grouped(number)) \(unit.name(count: number))" }
        var line = "From      run '\(saved.run.name)', step \(NumberText.grouped(saved.step))"
        line += "; \(count(transfer.newUnits)) new to it, \(count(transfer.lostUnits)) of its own not in this text"
        return [line]
    }
}
