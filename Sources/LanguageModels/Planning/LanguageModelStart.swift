import Checkpoints
package import TensorCore
package import TextCorpora
package import TrainingRuns

/// The model whose weights a run begins with.
package struct LanguageModelStart {
    private let model: LanguageModel
    private let plan: LanguageModelPlan
    private let corpus: CorpusRecord
    package let run: String
    package let step: Int

    /// - Parameters:
    ///   - plan: what the model was trained by.
    ///   - corpus: what it was trained on.
    ///   - run: its name.
    ///   - step: the one whose weights these are.
    package init(_ model: LanguageModel, plan: LanguageModelPlan, corpus: CorpusRecord, run: String, step: Int) {
        (self.model, self.plan, self.corpus, self.run, self.step) = (model, plan, corpus, run, step)
    }

    package init(_ saved: SavedLanguageModel) {
        self.init(saved.model, plan: saved.plan, corpus: saved.corpus, run: saved.run.name, step: saved.step)
    }

    /// Dropout belongs to training, everything else of the model to the weights.
    /// - Throws: ``RunError/invalidOption(_:reason:)`` if the options ask for what the weights decide.
    package func check(_ options: LanguageModelOptions) throws(RunError) {
        try options.refuseSizes(ofStart: StoredTextRun(plan: plan, corpus: corpus), named: run) {
            $0.section == .model && $0.name != "dropout"
        }
        let unit = corpus.vocabulary.unit
        if let other = options.unit, other != unit {
            throw RunError.invalidOption("unit", reason: "run '\(run)' reads text as `unit` \(unit.rawValue)")
        }
    }

    /// How a text is read into the units that the model knows.
    package func reading(_ options: ReadingOptions) -> ReadingOptions {
        var options = options
        (options.unit, options.unitIsFixed) = (corpus.vocabulary.unit, true)
        return options
    }

    var configuration: LanguageModelConfiguration { plan.model }

    var point: StartingPoint {
        StartingPoint(run: run, step: step, weightsSHA256: weightsSHA256(of: model.weights))
    }

    /// The weights that a run with this plan and vocabulary begins with.
    package func transfer(
        to vocabulary: Vocabulary, plan: LanguageModelPlan, in context: ComputeContext
    ) -> FineTuning.Transfer {
        FineTuning.transfer(
            from: model, vocabulary: corpus.vocabulary,
            to: LanguageModel(plan.model, seed: plan.seed, in: context), vocabulary: vocabulary)
    }
}
