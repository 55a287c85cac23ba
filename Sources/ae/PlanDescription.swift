import Autoencoders
import CommandLineSupport
import Images
import TensorCore

/// Every number that was chosen, in a few lines.
struct PlanDescription {
    let plan: AutoencoderPlan
    let pictures: PreparedPictures
    let context: ComputeContext

    var lines: [String] {
        pictureLines + SkippedPictures(pictures.collections, failures: pictures.failures).lines()
            + pictures.remarks.map { "Note      \($0)" } + [modelLine]
            + TrainingLines.lines(of: plan, batch: batch, in: context) + baselineLines
    }

    private var pictureLines: [String] {
        let record = pictures.record, format = plan.model.format
        let found = pictures.collections.map(\.summary).joined(separator: "; held out: ")
        let split =
            "\(NumberText.grouped(record.trainingCount)) to train, "
            + "\(NumberText.grouped(record.validationCount)) to validate"
        return ["Pictures  \(found)", "          seen as \(format): \(split)"]
    }

    private var batch: String {
        var text = NumberText.count(plan.batch, "picture")
        let augmentation = plan.augmentation
        if augmentation.shift > 0 { text += ", moved by up to \(NumberText.count(augmentation.shift, "pixel"))" }
        if augmentation.flipsHorizontally { text += ", every second mirrored" }
        if augmentation.brightness > 0 { text += ", brightness changed by up to \(augmentation.brightness)" }
        return text
    }

    private var modelLine: String {
        let memory = plan.model.trainingMemory(batch: plan.batch)
        return "Model     \(plan.model.summary): \(NumberText.grouped(plan.model.parameterCount)) parameters, "
            + "about \(NumberText.bytes(memory)) to train"
    }

    private var baselineLines: [String] {
        if let baseline = pictures.baseline, baseline.components == 0 {
            return ["Baseline  none: the pictures to train on do not differ from each other"]
        }
        guard let text = LossText.baseline(pictures.baselineError, components: pictures.baseline?.components) else {
            return pictures.validationIndices.isEmpty
                ? [] : ["Baseline  none: too few pictures to train on for principal components"]
        }
        return ["Baseline  \(text), mean squared error of the pictures to validate, values in 0...1"]
    }

    /// The same with what it costs.
    var dryRun: DryRun {
        let record = pictures.record, format = plan.model.format, model = plan.model
        return DryRun(
            lines: lines, memory: model.trainingMemory(batch: plan.batch) + pictures.memory, data: "pictures",
            units: "images",
            json: [
                "parameters": .int(model.parameterCount), "architecture": .string(model.architecture.rawValue),
                "kind": .string(model.kind.name), "code": .int(model.code),
                "channels": .array(model.channels.map(JSONValue.int)), "hidden": .int(model.hidden),
                "width": .int(format.width), "height": .int(format.height), "planes": .int(format.channels),
                "batch": .int(plan.batch), "training_pictures": .int(record.trainingCount),
                "validation_pictures": .int(record.validationCount), "unreadable": .int(record.unreadable),
                "pca_mse": JSONValue(pictures.baselineError),
            ])
    }
}

extension AutoencoderConfiguration {
    /// "standard, code 32, levels of 32,64 channels, hidden 256, plain"
    var summary: String {
        var parts = ["\(architecture.rawValue)", "code \(code)"]
        if architecture == .standard {
            parts.append(channels.isEmpty ? "no convolutions" : "levels of \(channelsArgument) channels")
            parts.append(hidden > 0 ? "hidden \(hidden)" : "no hidden layer")
        }
        let options = kind.options.map { "\($0.name.dropFirst(2)) \(NumberText.exact($0.value))" }
        parts.append(options.isEmpty ? kind.name : "\(kind.name) (\(options.joined(separator: ", ")))")
        return parts.joined(separator: ", ")
    }
}
