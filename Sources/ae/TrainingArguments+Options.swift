import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images
import TrainingRuns

extension AutoencoderOptions {
    /// - Throws: `RunError.invalidOption` for what belongs to another kind of model.
    init(
        _ network: NetworkArguments, _ batches: BatchArguments, _ optimization: OptimizationArguments
    ) throws(RunError) {
        self.init()
        optimization.apply(to: &self)
        architecture = network.architecture
        code = network.code
        kind = try AutoencoderKind(
            network.kind ?? .plain, noise: network.noise, masking: network.masking, sparsity: network.sparsity,
            freeNats: network.freeNats)
        divergenceWarmUp = network.divergenceWarmUp
        channels = network.channels
        hidden = network.hidden
        batch = batches.batch
        augmentation = Augmentation(
            shift: batches.shift ?? 0, flipsHorizontally: batches.flip, brightness: Float(batches.brightness ?? 0))
    }
}

extension GivenOptions {
    mutating func add(_ arguments: NetworkArguments, besides plan: AutoencoderPlan) {
        let model = plan.model, kind = "--kind \(model.kind.name)"
        add("--code", arguments.code, stored: model.code)
        add("--architecture", arguments.architecture, stored: model.architecture.rawValue)
        add("--kind", arguments.kind, stored: model.kind.name)
        for option in model.kind.options { add(option.name, arguments.value(of: option.name), stored: option.value) }
        for name in ["--noise", "--masking", "--sparsity", "--free-nats"] {
            add(name, arguments.value(of: name), text: kind)
        }
        add("--kl-warm-up", arguments.divergenceWarmUp, stored: plan.divergenceWarmUp)
        add("--channels", arguments.channels, text: "--channels \(model.channelsArgument)")
        add("--hidden", arguments.hidden, stored: model.hidden)
    }

    mutating func add(_ arguments: BatchArguments, besides plan: AutoencoderPlan) {
        add("--batch", arguments.batch, stored: plan.batch)
        add("--augment-shift", arguments.shift, stored: plan.augmentation.shift)
        add("--augment-flip", flag: arguments.flip, stored: plan.augmentation.flipsHorizontally)
        add("--augment-brightness", arguments.brightness, stored: plan.augmentation.brightness)
    }

    mutating func add(_ arguments: PictureArguments, besides plan: AutoencoderPlan, _ record: PictureRecord) {
        let heldOut = record.heldOutPaths.map { "--held-out \(ShellText.quoted($0))" }
        let validation =
            heldOut.isEmpty ? "--validation \(record.rule.argument)" : heldOut.joined(separator: " ")
        add("--size", arguments.size, text: "--size \(plan.model.format.sizeArgument)")
        add("--gray", flag: arguments.isGray, stored: plan.model.format.isGray)
        add(
            "--background", arguments.background?.name, stored: plan.model.format.background.name)
        add("--validation", arguments.validation, text: validation)
        add("--held-out", arguments.heldOut.isEmpty ? nil : true, text: validation)
        add(
            "--strict", arguments.isStrict ? true : nil,
            text: "\(NumberText.count(record.unreadable, "picture")) left out")
    }
}

extension NetworkArguments {
    /// What was given for an option that one kind of model has.
    fileprivate func value(of option: String) -> Double? {
        switch option {
        case "--noise": noise
        case "--masking": masking
        case "--sparsity": sparsity
        case "--free-nats": freeNats
        default: nil
        }
    }
}

extension AutoencoderKind {
    /// Its numbers, as options are typed.
    var options: [(name: String, value: Double)] {
        switch self {
        case .plain: []
        case .denoising(let noise, let masking): [("--noise", noise), ("--masking", masking)]
        case .sparse(let weight): [("--sparsity", weight)]
        case .variational(let freeNats): [("--free-nats", freeNats)]
        }
    }
}
