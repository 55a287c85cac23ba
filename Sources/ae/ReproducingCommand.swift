import Autoencoders
import CommandLineSupport
import Images

/// The command that makes a run again, bit for bit: the number of steps, and every option without which another plan
/// would follow from the pictures.
struct ReproducingCommand {
    let text: String

    /// - Parameter stopAfter: the step at which a run stopped that had not come to its end.
    init(plan: AutoencoderPlan, pictures: PictureRecord, stopAfter: Int?) {
        var words = ["ae", "train"] + pictures.paths + ["--steps", "\(plan.steps)"]
        if let stopAfter { words += ["--stop-after", "\(stopAfter)"] }
        let format = plan.model.format, suggested = pictures.suggestedFormat
        if format.size != suggested.size { words += ["--size", format.sizeArgument] }
        if format.isGray, !suggested.isGray { words.append("--gray") }
        if format.background != .white { words += ["--background", format.background.name] }
        for path in pictures.heldOutPaths { words += ["--held-out", path] }
        if pictures.rule != .fraction(0.1) { words += ["--validation", pictures.rule.argument] }
        words += Self.options(of: plan, for: pictures)
        text = words.map(ShellText.quoted).joined(separator: " ")
    }

    private static func options(of plan: AutoencoderPlan, for pictures: PictureRecord) -> [String] {
        let summary = PictureSummary(
            format: plan.model.format, training: pictures.trainingCount, validation: pictures.validationCount)
        var options = AutoencoderOptions()
        options.steps = plan.steps
        return candidates(of: plan).words(besides: options) { options in
            var derived = try AutoencoderPlan.plan(for: summary, options: options)
            // As far as bits depend on it.
            derived.timeLimit = plan.timeLimit
            derived.stepsAreFixed = plan.stepsAreFixed
            derived.saveEvery = plan.saveEvery
            return derived
        }
    }

    private static func candidates(of plan: AutoencoderPlan) -> ReproducingOptions<AutoencoderPlan, AutoencoderOptions>
    {
        var list = ReproducingOptions<AutoencoderPlan, AutoencoderOptions>(plan)
        list.add("--architecture", \.model.architecture, { $0.rawValue }) { $0.architecture = $1 }
        let kind = plan.model.kind
        list.add(
            words: ["--kind", kind.name] + kind.options.flatMap { [$0.name, "\($0.value)"] }, \.model.kind
        ) { $0.kind = $1 }
        list.add("--code", \.model.code, { "\($0)" }) { $0.code = $1 }
        if plan.model.architecture == .standard {
            list.add("--channels", \.model.channels, { _ in plan.model.channelsArgument }) { $0.channels = $1 }
            list.add("--hidden", \.model.hidden, { "\($0)" }) { $0.hidden = $1 }
        }
        list.add("--kl-warm-up", \.divergenceWarmUp, { $0.map(String.init) }) { $0.divergenceWarmUp = $1 }
        list.add("--batch", \.batch, { "\($0)" }) { $0.batch = $1 }
        list.addOptimization()
        list.addPacing()
        list.add("--augment-shift", \.augmentation.shift, { $0 > 0 ? "\($0)" : nil }) { options, shift in
            options.augment { $0.shift = shift }
        }
        list.add("--augment-flip", \.augmentation.flipsHorizontally, { $0 ? "" : nil }) { options, flips in
            options.augment { $0.flipsHorizontally = flips }
        }
        list.add("--augment-brightness", \.augmentation.brightness, { $0 > 0 ? "\($0)" : nil }) { options, brightness in
            options.augment { $0.brightness = brightness }
        }
        return list
    }
}

extension AutoencoderOptions {
    fileprivate mutating func augment(_ change: (inout Augmentation) -> Void) {
        var changed = augmentation ?? .none
        change(&changed)
        augmentation = changed
    }
}
