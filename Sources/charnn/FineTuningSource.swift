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

    init(run name: String, store: StoreArguments, options: LanguageModelOptions, context: ComputeContext) throws {
        let opened = try store.open(.readOnly)
        saved = try SavedLanguageModel.load(RunSelection(name), from: opened, in: context)
        try opened.close()
        let stored = StoredTextRun(plan: saved.plan, corpus: saved.corpus)
        // Dropout belongs to training, everything else of the model to the weights.
        try options.refuseSizes(ofStart: stored, named: saved.run.name) {
            $0.section == .model && $0.name != "dropout"
        }
        if let unit = options.unit, unit != saved.vocabulary.unit {
            throw RunError.invalidOption(
                "unit", reason: "run '\(saved.run.name)' reads text as `unit` \(saved.vocabulary.unit.rawValue)")
        }
    }

    /// Weights to begin with; the plan then says where they come from, and learns more slowly.
    func transfer(
        to corpus: PreparedCorpus, plan: inout LanguageModelPlan, hasRate: Bool, in context: ComputeContext
    ) -> FineTuning.Transfer {
        plan.startedFrom = StartingPoint(
            run: saved.run.name, step: saved.step, weightsSHA256: weightsSHA256(of: saved.model.weights))
        if !hasRate { plan.learningRate *= StartingPoint.rateFraction }
        return FineTuning.transfer(
            from: saved.model, vocabulary: saved.vocabulary,
            to: LanguageModel(plan.model, seed: plan.seed, in: context), vocabulary: corpus.vocabulary)
    }

    func line(_ transfer: FineTuning.Transfer, unit: TextUnit) -> String {
        func count(_ number: Int) -> String { "\(NumberText.grouped(number)) \(unit.name(count: number))" }
        return "From      run '\(saved.run.name)', step \(NumberText.grouped(saved.step)); "
            + "\(count(transfer.newUnits)) new to it, \(count(transfer.lostUnits)) of its own not in this text"
    }
}
