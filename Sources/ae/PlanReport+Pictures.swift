import PictureRunReports
import Autoencoders
import CommandLineSupport
import Images
import TensorCore
import TrainingRuns

extension PlanReport {
    /// Every number that was chosen for some pictures, in a few lines.
    init(_ plan: AutoencoderPlan, _ pictures: PreparedPictures, in context: ComputeContext) {
        let record = pictures.record, format = plan.model.format, model = plan.model
        let skipped = SkippedPictures(pictures.collections, failures: pictures.failures).lines()
        let notes = pictures.remarks.map { "Note      \(CommandText.typed($0))" }
        let training = TrainingLines.lines(of: plan, batch: Self.batch(plan), in: context)
        self.init(
            StoredPictureRun(plan: plan, pictures: record), options: AutoencoderOptionTable.self,
            lines: Self.lines(pictures) + skipped + notes + [Self.line(plan)] + training + Self.baseline(pictures),
            memory: pictures.memory, data: "pictures", units: "images",
            json: [
                "parameters": .int(model.parameterCount), "channels": .array(model.channels.map(JSONValue.int)),
                "hidden": .int(model.hidden), "width": .int(format.width), "height": .int(format.height),
                "planes": .int(format.channels), "training_pictures": .int(record.trainingCount),
                "validation_pictures": .int(record.validationCount), "unreadable": .int(record.unreadable),
                "pca_mse": JSONValue(pictures.baselineError),
            ])
    }

    private static func lines(_ pictures: PreparedPictures) -> [String] {
        let found = pictures.collections.map(\.summary).joined(separator: "; held out: ")
        let split =
            "\(NumberText.grouped(pictures.record.trainingCount)) to train, "
            + "\(NumberText.grouped(pictures.record.validationCount)) to validate"
        return ["Pictures  \(found)", "          seen as \(pictures.format): \(split)"]
    }

    private static func batch(_ plan: AutoencoderPlan) -> String {
        var text = NumberText.count(plan.batch, "picture")
        let augmentation = plan.augmentation
        if augmentation.shift > 0 { text += ", moved by up to \(NumberText.count(augmentation.shift, "pixel"))" }
        if augmentation.flipsHorizontally { text += ", every second mirrored" }
        if augmentation.brightness > 0 { text += ", brightness changed by up to \(augmentation.brightness)" }
        return text + plan.precisionNote
    }

    private static func line(_ plan: AutoencoderPlan) -> String {
        "Model     \(plan.model.summary): \(NumberText.grouped(plan.model.parameterCount)) parameters, "
            + "about \(NumberText.bytes(plan.trainingMemory)) to train"
    }

    private static func baseline(_ pictures: PreparedPictures) -> [String] {
        if let baseline = pictures.baseline, baseline.components == 0 {
            return ["Baseline  none: the pictures to train on do not differ from each other"]
        }
        guard let text = LossText.baseline(pictures.baselineError, components: pictures.baseline?.components) else {
            return pictures.validationIndices.isEmpty
                ? [] : ["Baseline  none: too few pictures to train on for principal components"]
        }
        return ["Baseline  \(text), mean squared error of the pictures to validate, values in 0...1"]
    }
}
