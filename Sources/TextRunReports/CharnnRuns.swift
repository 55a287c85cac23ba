package import Checkpoints
package import CommandLineSupport
import FileTrees
import LanguageModels
package import ModelFiles
package import TensorCore
import TextCorpora
import Training
import TrainingRuns

/// What `runs`, `show`, `export` and `remove` need to know of this program.
package enum CharnnRuns: ModelProgram {
    package static let name = "charnn"
    package static let pageContents = "samples"
    package static let use = "sample"
    package static var runKind: String { LanguageModel.runKind }
    package static var finalMetric: String { LanguageModel.bestValidationMetric }

    package static func parameters(of run: Run) -> Int? {
        try? run.configuration(as: LanguageModelPlan.self).model.parameterCount
    }

    package static func details(of run: Run, _ record: RunRecord) throws -> RunDetails {
        let plan = try run.configuration(as: LanguageModelPlan.self), corpus = try run.corpus(as: CorpusRecord.self)
        return RunDetails(
            lines: lines(plan, corpus),
            options: LanguageModelOptionTable.values(of: StoredTextRun(plan: plan, corpus: corpus)) {
                corpus.importedFrom == nil || $0.section == .model
            },
            data: data(corpus),
            // Of one text and split the number of classes tells which characters are listed: all others are guessed as one.
            judgedBy: "\(corpus.fingerprint) \(corpus.unit.rawValue) \(corpus.split) \(heldOutRule(corpus)) "
                + "\(corpus.vocabulary.count)",
            lossUnit: "nats per \(corpus.unit.name(count: 1))", writes: true,
            loss: { "\(NumberText.fixed($0, 4)) nats per \(corpus.unit.name(count: 1))" },
            command: importCommand(corpus)
                ?? record.command(
                    of: self, paths: corpus.paths, plan: plan,
                    options: StoredTextRun(plan: plan, corpus: corpus).repeatingOptions),
            plannedSteps: plan.steps,
            json: [
                "imported_from": JSONValue(corpus.importedFrom),
                "started_from": plan.startedFrom.map { ["run": .string($0.run), "step": .int($0.step)] } ?? .null,
                "text": [
                    "paths": .array(corpus.paths.map(JSONValue.string)), "units": .int(corpus.count),
                    "unit": .string(corpus.unit.rawValue), "sha256": .string(corpus.fingerprint),
                    "classes": .int(corpus.vocabulary.count), "training_units": .int(corpus.split.training.count),
                    "validation_units": .int(corpus.split.validation.count),
                    "test_units": .int(corpus.split.test.count),
                    "held_out_rule": .string(heldOutRule(corpus)),
                    "invalid_bytes": .int(corpus.invalidByteCount ?? 0),
                ],
            ])
    }

    private static func importCommand(_ corpus: CorpusRecord) -> String? {
        guard let file = corpus.importedFrom else { return nil }
        let words = ["charnn", "import", file] + (corpus.importedVocabulary.map { ["--vocabulary", $0] } ?? [])
        return words.map(ShellText.quoted).joined(separator: " ")
    }

    private static func heldOutRule(_ corpus: CorpusRecord) -> String { (corpus.heldOut?.rule ?? .tail).rawValue }

    private static func data(_ corpus: CorpusRecord) -> [(name: String, value: String)] {
        let classes = ("classes", NumberText.grouped(corpus.vocabulary.count))
        if let file = corpus.importedFrom { return [("imported from", file), classes] }
        return [
            ("text", corpus.paths.joined(separator: " ")), ("SHA-256", corpus.fingerprint),
            (corpus.unit.name(count: 2), NumberText.grouped(corpus.count)), classes,
            ("to train on", NumberText.grouped(corpus.split.training.count)),
            ("to validate on", NumberText.grouped(corpus.split.validation.count)),
            ("left for a test", NumberText.grouped(corpus.split.test.count)), ("held out by", heldOutRule(corpus)),
        ]
    }

    package static func exchanged(_ run: RunSelection, from store: CheckpointStore, in context: ComputeContext) throws
        -> Safetensors
    {
        try SavedLanguageModel.load(run, from: store, in: context).exchanged()
    }

    package static func operatorGraph(
        _ run: RunSelection, for _: String, from store: CheckpointStore, in context: ComputeContext
    ) throws -> OperatorGraph {
        try SavedLanguageModel.load(run, from: store, in: context).operatorGraph()
    }

    private static func lines(_ plan: LanguageModelPlan, _ corpus: CorpusRecord) -> [(label: String, text: String)] {
        let model = plan.model, stack = model.stack.map(\.description).joined(separator: ",")
        let size = (
            "Model",
            "embedding \(model.embedding), \(stack), dropout \(NumberText.exact(model.dropout)): "
                + "\(NumberText.grouped(model.parameterCount)) parameters"
        )
        if let file = corpus.importedFrom {
            return [("Imported", "from \(file): \(corpus.vocabulary.count) classes"), size]
        }
        var lines = [
            (
                "Text",
                "\(corpus.paths.joined(separator: " ")): \(NumberText.grouped(corpus.count)) "
                    + "\(corpus.unit.name(count: corpus.count)), \(corpus.vocabulary.count) classes"
                    + invalidBytes(corpus)
            ),
            size,
            (
                "Training",
                "\(plan.lanes) lanes × window \(plan.window)\(plan.precisionNote), "
                    + "\(plan.optimizer.kind.rawValue), learning rate "
                    + "\(NumberText.exact(plan.learningRate)), \(plan.schedule.rawValue), seed \(plan.seed)"
            ),
        ]
        if let start = plan.startedFrom {
            lines.append(("From", "run '\(start.run)', step \(NumberText.grouped(start.step))"))
        }
        return lines
    }

    private static func invalidBytes(_ corpus: CorpusRecord) -> String {
        guard let count = corpus.invalidByteCount, count > 0 else { return "" }
        return ", \(NumberText.grouped(count)) invalid \(count == 1 ? "byte" : "bytes") "
            + (corpus.invalidBytes == .skip ? "left out" : "replaced")
    }
}
