import Autoencoders
package import Checkpoints
package import CommandLineSupport
import FileTrees
import Images
package import ModelFiles
package import TensorCore
import Training
import TrainingRuns

/// What `runs`, `show`, `export` and `remove` need to know of this program.
package enum AeRuns: ModelProgram {
    package static let name = "ae"
    package static let pageContents = "what the model makes of the codes that the store keeps, and their map"
    package static let use = "reconstruct images"
    package static let graphNote = " (.encoder.onnx and .decoder.onnx a half of it)"
    package static let scoreDecimals = 5
    package static var runKind: String { AutoencoderTask.runKind }
    package static var finalMetric: String { AutoencoderTask.finalMetric }

    package static func parameters(of run: Run) -> Int? {
        try? run.configuration(as: AutoencoderPlan.self).model.parameterCount
    }

    package static func details(of run: Run, _ record: RunRecord) throws -> RunDetails {
        let plan = try run.configuration(as: AutoencoderPlan.self), pictures = try run.corpus(as: PictureRecord.self)
        return RunDetails(
            lines: lines(plan, pictures),
            options: AutoencoderOptionTable.values(of: StoredPictureRun(plan: plan, pictures: pictures)) {
                pictures.importedFrom == nil || $0.section == .model
            },
            data: data(pictures),
            judgedBy: "\(pictures.fingerprint) \(pictures.validationCount) \(pictures.rule) "
                + "\(plan.model.format) \(plan.model.kind.isVariational) \(plan.model.architecture)",
            lossUnit: plan.model.kind.isVariational
                ? "nats an image" : "squared error" + (plan.model.architecture == .book ? " on -1...1" : ""),
            writes: false,
            loss: { LossText.loss($0, of: plan.model) },
            command: pictures.importedFrom.map {
                "ae import \(ShellText.quoted($0)) --size \(plan.model.format.width)x\(plan.model.format.height)"
            }
                ?? record.command(
                    of: self, paths: pictures.paths, plan: plan,
                    options: StoredPictureRun(plan: plan, pictures: pictures).repeatingOptions),
            plannedSteps: pictures.importedFrom == nil ? plan.steps : 0,
            json: [
                "imported_from": JSONValue(pictures.importedFrom),
                "started_from": plan.startedFrom.map { ["run": .string($0.run), "step": .int($0.step)] } ?? .null,
                "pictures": [
                    "paths": .array(pictures.paths.map(JSONValue.string)),
                    "held_out_paths": .array(pictures.heldOutPaths.map(JSONValue.string)),
                    "count": .int(pictures.count), "training": .int(pictures.trainingCount),
                    "validation": .int(pictures.validationCount), "unreadable": .int(pictures.unreadable),
                    "sha256": .string(pictures.fingerprint), "width": .int(plan.model.format.width),
                    "height": .int(plan.model.format.height), "planes": .int(plan.model.format.channels),
                ],
                "architecture": .string(plan.model.architecture.rawValue), "kind": .string(plan.model.kind.name),
                "code": .int(plan.model.code), "pca_mse": JSONValue(pictures.baselineError),
                "pca_components": JSONValue(pictures.baselineComponents),
            ])
    }

    private static func data(_ pictures: PictureRecord) -> [(name: String, value: String)] {
        if let file = pictures.importedFrom { return [("imported from", file)] }
        return [
            ("pictures", (pictures.paths + pictures.heldOutPaths).joined(separator: " ")),
            ("SHA-256", pictures.fingerprint), ("to train on", NumberText.grouped(pictures.trainingCount)),
            ("to validate on", NumberText.grouped(pictures.validationCount)),
            ("unreadable", NumberText.grouped(pictures.unreadable)),
        ]
    }

    package static func exchanged(
        _ run: RunSelection, from store: CheckpointStore, in context: ComputeContext
    ) throws -> Safetensors {
        try SavedAutoencoder.load(run, from: store, in: context).exchanged()
    }

    package static func operatorGraph(
        _ run: RunSelection, for file: String, from store: CheckpointStore, in context: ComputeContext
    ) throws -> OperatorGraph {
        // digits.encoder.onnx, digits.decoder.onnx, or both in digits.onnx.
        let half = AutoencoderHalf(rawValue: RawPath(bytes: RawPath(file).stem).ending)
        return try SavedAutoencoder.load(run, from: store, in: context).operatorGraph(half)
    }

    private static func lines(
        _ plan: AutoencoderPlan, _ pictures: PictureRecord
    ) -> [(label: String, text: String)] {
        let model = plan.model
        let size = ("Model", "\(model.summary): \(NumberText.grouped(model.parameterCount)) parameters")
        if let file = pictures.importedFrom {
            return [("Imported", "from \(file): pictures of \(model.format)"), size]
        }
        var found =
            "\((pictures.paths + pictures.heldOutPaths).joined(separator: " ")): "
            + "\(NumberText.grouped(pictures.trainingCount)) to train, "
            + "\(NumberText.grouped(pictures.validationCount)) to validate"
        if pictures.unreadable > 0 { found += ", \(NumberText.grouped(pictures.unreadable)) that cannot be read" }
        let start = plan.startedFrom.map { ("From", "run '\($0.run)', step \(NumberText.grouped($0.step))") }
        return [
            ("Pictures", "\(found); seen as \(model.format)"),
            size,
            (
                "Training",
                "\(NumberText.count(plan.batch, "picture")) a step\(plan.precisionNote), \(plan.optimizer.kind.rawValue), "
                    + "learning rate "
                    + "\(NumberText.exact(plan.learningRate)), \(plan.schedule.rawValue), seed \(plan.seed)"
            ),
            ("Baseline", LossText.baseline(pictures.baselineError, components: pictures.baselineComponents) ?? "none"),
        ] + [start].compactMap(\.self)
    }
}
