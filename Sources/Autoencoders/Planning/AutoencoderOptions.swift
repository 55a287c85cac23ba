package import Checkpoints
package import Images
package import Kernels
package import TrainingRuns

/// What somebody may fix before an autoencoder is trained: `options.code = 20`. Everything left out follows from the
/// pictures, see ``AutoencoderPlan``.
package typealias AutoencoderOptions = GivenOptions<AutoencoderOptionTable>

/// All options of training an autoencoder, in the order of the help.
package struct AutoencoderOptionTable: OptionTable {
    package static let table = AutoencoderOptionTable()
    package static let options = collected()
    package typealias Run = StoredPictureRun
    package typealias Option<Value: Hashable & Sendable> = RunOption<StoredPictureRun, Value>

    // MARK: Model

    /// K, numbers in a code.
    package let code = Option<Int>(
        .model, "code", .count(1...AutoencoderConfiguration.largestLayer, of: "numbers"), "size",
        "Numbers that stand for a picture.",
        run: \.plan.model.code)

    package let architecture = Option<AutoencoderConfiguration.Architecture>(
        .model, "architecture", .name, "name", "Which network; book: that of Deep Learning from Scratch.",
        details: "The book's: 318,480 parameters at 28x28 with a code of 28.", run: \.plan.model.architecture)

    package let kindName = Option<AutoencoderKind.Name>(
        .model, "kind", .name, "name", "What is asked of codes besides bringing pictures back.",
        details: "Denoising models learn to clean pictures, sparse ones codes that are mostly zero, variational ones "
            + "codes from which new pictures can be drawn.",
        // A run that began with another's weights may be of that one's kind without a word, or of another.
        again: .given { $0.plan.startedFrom == nil && $0.kind == .plain ? nil : $0.kind.kindName },
        run: \.kind.kindName)

    package let noise = Option<Double>(
        .model, "noise", .notNegative, "deviation",
        "Denoising: deviation of the noise, of values in 0...1 (default: 0.2).",
        storedText: { $0.text("noise", $0.kind.noise) }, run: \.kind.noise)

    package let masking = Option<Double>(
        .model, "masking", .share, "share", "Denoising: share of the pixels blackened (default: 0).",
        storedText: { $0.text("masking", $0.kind.masking) }, run: \.kind.masking)

    package let sparsity = Option<Double>(
        .model, "sparsity", .notNegative, "weight", "Sparse: what a code's mean adds to the loss (default: 0.001).",
        storedText: { $0.text("sparsity", $0.kind.sparsity) }, run: \.kind.sparsity)

    package let freeNats = Option<Double>(
        .model, "free-nats", .notNegative, "nats",
        "Variational: nats of each number that cost nothing (default: 0).",
        storedText: { $0.text("free-nats", $0.kind.freeNats) }, run: \.kind.freeNats)

    /// Steps over which the weight of a variational model's divergence rises from 0 to 1.
    package let divergenceWarmUp = Option<Int>(
        .model, "kl-warm-up", .count(0...largestStepCount, of: "steps"), "steps",
        "Variational: steps in which the divergence comes to its full weight.", run: \.plan.divergenceWarmUp)

    /// Channels of each level, from the pictures inwards.
    package let channels = Option<[Int]>(
        .model, "channels", .channels, "list", "Channels of each level, from the pictures inwards: 32,64, or none.",
        details: "Each level halves the sides.", run: { $0.isBook ? nil : $0.plan.model.channels })

    package let hidden = Option<Int>(
        .model, "hidden", .count(0...AutoencoderConfiguration.largestLayer, zero: "none"), "units",
        "Units between the innermost level and the code; 0: none.", run: { $0.isBook ? nil : $0.plan.model.hidden })

    // MARK: Training

    package let batch = Option<Int>(
        .training, "batch", .count(), "count", "Pictures in a step.", run: \.plan.batch)

    package let shift = Option<Int>(
        .training, "augment-shift", .count(0...4096, of: "pixels"), "pixels",
        "Move training pictures by up to so many pixels (default: a sixteenth of the longer side; the book's: 0).",
        run: \.plan.augmentation.shift)

    package let flipsHorizontally = Option<Bool>(
        .training, "augment-flip", .flag, nil, "Mirror every second training picture left to right.",
        run: \.plan.augmentation.flipsHorizontally)

    package let brightness = Option<Double>(
        .training, "augment-brightness", .within(0...1), "share",
        "Make training pictures brighter or darker by up to this (default: 0).",
        run: { Double("\($0.plan.augmentation.brightness)") })

    package let precision = Option<ProductPrecision>(
        .training, "precision", .name, "kind",
        "Products in single or in half precision (default: single).",
        details:
            "Up to 1.5 times as fast on AMD's processors with AVX-512 BF16; no faster than single precision on others, "
            + "Intel's too. A dry run says what it gives here. Weights, sums and all use of the model stay in single "
            + "precision.", run: \.plan.precision)

    package let common = CommonOptions<StoredPictureRun>()

    // MARK: Pictures

    package let size = Option<PictureSize>(
        .data, "size", .size, "WxH", "Fit pictures into this size: 64x48.",
        details: "Default: follows from the pictures.",
        again: .given {
            $0.plan.startedFrom != nil || $0.format.size == $0.pictures.suggestedFormat.size ? nil : $0.format.size
        },
        run: \.format.size)

    package let isGray = Option<Bool>(
        .data, "gray", or: ["grey"], .flag, nil, "Leave color out.",
        again: .given { $0.plan.startedFrom == nil && $0.format.isGray && !$0.pictures.suggestedFormat.isGray },
        run: \.format.isGray)

    package let background = Option<Color>(
        .data, "background", .color, "color", "What transparent parts show: white, black, gray or #rrggbb.",
        details: "Default: white, or black where over white all pictures look the same.",
        again: .given {
            $0.format.background == $0.pictures.suggestedFormat.background ? nil : $0.format.background
        }, run: \.format.background)

    package let rule = Option<CollectionSplit.Rule>(
        .data, "validation", .splitRule, "portion", "Held out: 0.1, 500, last:1000 or none (default: 0.1).",
        details: "A share or a number is drawn from all; the same whatever `seed` is.",
        again: .given { $0.pictures.rule == .fraction(0.1) ? nil : $0.pictures.rule }, storedText: \.heldOutText)

    package let heldOutPaths = Option<[String]>(
        .data, "held-out", .paths, "path",
        "Hold out these pictures instead, and do not train on them; may be repeated.",
        details: "Of a run that is resumed: where those it holds out are now.", changesOnResume: true,
        again: .given { $0.pictures.heldOutPaths.isEmpty ? nil : $0.pictures.heldOutPaths },
        storedText: \.heldOutText)

    package let isStrict = Option<Bool>(
        .data, "strict", .flag, nil,
        "Fail if a file that may be a picture cannot be read, instead of leaving it out.", again: .never,
        storedText: { "\($0.pictures.unreadable) \($0.pictures.unreadable == 1 ? "picture" : "pictures") left out" })

    // MARK: Together

    /// What the weights of a model decide, which another run starts from: its sizes, and those of the pictures.
    package static func isDecidedByWeights(_ option: any AnyRunOption<StoredPictureRun>) -> Bool {
        let decided: [any AnyRunOption<StoredPictureRun>] = [
            table.code, table.architecture, table.channels, table.hidden, table.size, table.isGray,
        ]
        return decided.contains { $0.name == option.name }
    }

    package static func checkTogether(_ options: AutoencoderOptions) throws(RunError) {
        func require(_ holds: Bool, _ option: String, _ reason: String) throws(RunError) {
            guard holds else { throw .invalidOption(option, reason: reason) }
        }
        let kind = try options.givenKind()
        try require(
            options.divergenceWarmUp == nil || kind.isVariational, "kl-warm-up",
            "is for `kind` variational: other kinds have no divergence")
        if options.architecture == .book {
            try require(options.channels == nil, "channels", "the book's architecture has its own: leave this out")
            try require(
                options.hidden == nil, "hidden", "the book's architecture has no hidden layer: leave this out")
        }
        try require(
            options.rule == nil || options.heldOutPaths == nil, "validation", "give it or `held-out`, not both")
    }
}

// MARK: Several options in one value

extension GivenOptions<AutoencoderOptionTable> {
    /// The kind with its numbers.
    /// - Throws: ``RunError/invalidOption(_:reason:)`` for a number that belongs to another kind.
    func givenKind() throws(RunError) -> AutoencoderKind {
        try AutoencoderKind(
            self.kindName ?? .plain, noise: self.noise, masking: self.masking, sparsity: self.sparsity,
            freeNats: self.freeNats)
    }

    /// Whether they say something of a kind without naming it: of that of the model they start from.
    var speakOfUnnamedKind: Bool {
        self.kindName == nil
            && (self.divergenceWarmUp != nil
                || [self.noise, self.masking, self.sparsity, self.freeNats].contains { $0 != nil })
    }

    /// Without what they say of a kind that they do not name: what can be checked before a start is known.
    package var withoutUnnamedKind: Self {
        guard speakOfUnnamedKind else { return self }
        var others = self
        (others.noise, others.masking, others.sparsity, others.freeNats) = (nil, nil, nil, nil)
        others.divergenceWarmUp = nil
        return others
    }

    /// The same of options that ``validate()`` lets pass.
    package var kind: AutoencoderKind {
        get { (try? givenKind()) ?? .plain }
        set {
            self.kindName = newValue.kindName
            (self.noise, self.masking) = (newValue.noise, newValue.masking)
            (self.sparsity, self.freeNats) = (newValue.sparsity, newValue.freeNats)
        }
    }

    package var augmentation: Augmentation {
        get {
            Augmentation(
                shift: self.shift ?? 0, flipsHorizontally: self.flipsHorizontally ?? false,
                brightness: Float(self.brightness ?? 0))
        }
        set {
            (self.shift, self.flipsHorizontally) = (newValue.shift, newValue.flipsHorizontally)
            self.brightness = Double("\(newValue.brightness)")
        }
    }

    /// Which pictures, and how they are fitted and held out.
    package func selection(_ paths: [String], loading: LoadingOptions) -> PictureSelection {
        var selection = PictureSelection(paths: paths)
        selection.heldOutPaths = self.heldOutPaths ?? []
        selection.size = self.size
        selection.isGray = self.isGray ?? false
        selection.background = self.background
        selection.rule = self.rule
        selection.loading = loading
        return selection
    }
}

// MARK: What a run has

/// What an autoencoder was trained with.
package struct StoredPictureRun: PlannedRun {
    package var plan: AutoencoderPlan
    package var pictures: PictureRecord

    package init(plan: AutoencoderPlan, pictures: PictureRecord) { (self.plan, self.pictures) = (plan, pictures) }

    package init(_ run: Checkpoints.Run) throws(StoreError) {
        plan = try run.configuration(as: AutoencoderPlan.self)
        pictures = try run.corpus(as: PictureRecord.self)
    }

    fileprivate var kind: AutoencoderKind { plan.model.kind }
    fileprivate var format: PictureFormat { plan.model.format }
    fileprivate var isBook: Bool { plan.model.architecture == .book }

    /// A number that one kind of model has.
    fileprivate func text(_ option: String, _ number: Double?) -> String {
        number.map { "`\(option)` \($0)" } ?? "`kind` \(kind.name)"
    }

    fileprivate var heldOutText: String {
        let paths = pictures.heldOutPaths.map { "`held-out` \($0)" }
        return paths.isEmpty ? "`validation` \(pictures.rule.typed)" : paths.joined(separator: " ")
    }

    /// The options that make the run again, bit for bit, from its pictures.
    package var repeatingOptions: AutoencoderOptions {
        let summary = PictureSummary(
            format: format, training: pictures.trainingCount, validation: pictures.validationCount)
        let start = plan.startedFrom.map { AutoencoderStart(configuration: plan.model, point: $0) }
        return AutoencoderOptions(repeating: self) {
            try AutoencoderPlan.plan(for: summary, options: $0, startingFrom: start)
        }
    }
}
