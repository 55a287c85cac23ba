package import Checkpoints
package import Kernels
package import TextCorpora
import Training
package import TrainingRuns

/// What somebody may fix before a language model is trained: `options.window = 64`. Everything left out follows from
/// the text, see ``LanguageModelPlan``.
package typealias LanguageModelOptions = GivenOptions<LanguageModelOptionTable>

/// All options of training a language model, in the order of the help.
package struct LanguageModelOptionTable: OptionTable {
    package static let table = LanguageModelOptionTable()
    package static let options = collected()
    package typealias Run = StoredTextRun
    package typealias Option<Value: Hashable & Sendable> = RunOption<StoredTextRun, Value>

    // MARK: Model

    package let cell = Option<LayerSpecification.Cell>(
        .model, "cell", .name, "kind", "Kind of recurrent layer.", storedText: \.stackText)

    package let hidden = Option<Int>(
        .model, "hidden", .count(LayerSpecification.sizes), "units", "Units of each layer.", storedText: \.stackText)

    package let layers = Option<Int>(
        .model, "layers", .count(1...LayerSpecification.largestCount), "count", "Layers, one on the other.",
        storedText: \.stackText)

    package let stack = Option<[LayerSpecification]>(
        .model, "stack", .stack, "layers",
        "Layers one by one: lstm:256,gru:128, or rnn:256:128 with an output projection.",
        details: "Instead of `cell`, `hidden` and `layers`.", run: \.plan.model.stack)

    package let embedding = Option<Int>(
        .model, "embedding", .count(0...65_536, zero: "one-hot"), "size",
        "Values that stand for one character; 0 reads it one-hot.", run: \.plan.model.embedding)

    package let dropout = Option<Double>(
        .model, "dropout", .share, "share", "Share of each layer's outputs dropped while training, from 0 to 1.",
        run: \.plan.model.dropout)

    // MARK: Training

    /// N, lanes of text read side by side.
    package let lanes = Option<Int>(
        .training, "batch", .count(), "lanes", "Places of the text read side by side.", key: "lanes", run: \.plan.lanes)

    /// T, units back-propagated through.
    package let window = Option<Int>(
        .training, "window", .count(), "characters", "Characters in one step of each lane.", run: \.plan.window)

    /// Windows start anywhere instead of following each other; the state starts from zero in each.
    package let randomWindows = Option<Bool>(
        .training, "random-windows", .flag, nil, "Windows start anywhere, from a state of zero.",
        run: \.plan.randomWindows)

    package let clipValue = Option<Double>(
        .training, "clip-value", .positiveInSinglePrecision, "value", "Largest value of a single gradient.",
        run: \.plan.clipValue)

    package let precision = Option<ProductPrecision>(
        .training, "precision", .name, "kind",
        "Products of recurrent layers in single or in half precision (default: single).",
        details:
            "Up to 1.8 times as fast on AMD's processors with AVX-512 BF16; no faster than single precision on others, "
            + "Intel's too. A dry run says what it gives here. Weights and sums stay in single precision, and so does "
            + "the use of the model.", run: \.plan.precision)

    package let heldOut = Option<HeldOutPart>(
        .training, "validation", .heldOutPart, "portion", "Held out of the text: 0.1, 10% or 5000 (default: 0.1).",
        details: "From its end, from blocks or from lines everywhere: tail:0.1, spread:0.1, lines:0.1. Default: lines "
            + "for lists of short lines, spread for several files, else tail.",
        again: .given(\.validationAgain), storedText: { "`validation` \($0.corpus.split.validation.count)" })

    package let test = Option<Portion>(
        .training, "test", .portion, "portion",
        "Left alone besides, in the same way, for charnn eval `part` test (default: 0).",
        again: .given(\.testAgain), storedText: { "`test` \($0.corpus.split.test.count)" })

    package let sampleEvery = Option<Int>(
        .training, "sample-every", .count(), "steps", "Steps between samples.", run: \.plan.sampleEvery)

    /// Of up to 256 characters all are listed unless a number is given.
    package let minimumCount = Option<Int>(
        .training, "min-count", .count(), "count", "Rarer characters share one symbol.",
        again: .given {
            $0.vocabulary.minimumCount > 1 || $0.vocabulary.count > 256 ? $0.vocabulary.minimumCount : nil
        },
        storedText: { "`min-count` \($0.vocabulary.minimumCount)" })

    package let common = CommonOptions<StoredTextRun>()

    // MARK: Text

    package let unit = Option<TextUnit>(
        .data, "unit", .name, "unit", "What one step reads and writes: scalar, byte or grapheme.",
        details: "Default: scalar, a Unicode code point. Bytes are the file's own, or UTF-8's if an encoding is named.",
        again: .given { $0.corpus.unit != .scalar && $0.plan.startedFrom == nil ? $0.corpus.unit : nil },
        run: \.corpus.unit)

    package let encoding = Option<String>(
        .data, "encoding", .word, "name", "The text's encoding, such as gb18030, shift-jis, latin1.",
        details: "Default: a byte-order mark's, else UTF-8.", again: .given(\.corpus.encoding), run: \.corpus.encoding)

    package let keepsCarriageReturns = Option<Bool>(
        .data, "keep-cr", .flag, nil, "Keep CR LF and CR line ends instead of turning them into LF.",
        again: .given(\.corpus.keepCarriageReturns), run: \.corpus.keepCarriageReturns)

    package let invalidBytes = Option<InvalidBytePolicy>(
        .data, "invalid", .name, "way",
        "Bytes that are not valid in the encoding: error, replace (by U+FFFD) or skip.", details: "Default: error.",
        again: .given(\.corpus.invalidBytes), run: { $0.corpus.invalidBytes ?? .error })

    package let isStrict = Option<Bool>(
        .data, "strict", .flag, nil, "Fail if anything but a hidden file would be left out.", again: .never,
        storedText: { _ in "a text that is known by its fingerprint" })

    // MARK: Together

    package static func checkTogether(_ options: LanguageModelOptions) throws(RunError) {
        guard options.stack != nil else { return }
        for (name, isGiven) in [
            ("cell", options.cell != nil), ("hidden", options.hidden != nil), ("layers", options.layers != nil),
        ] where isGiven {
            throw .invalidOption("stack", reason: "says all about the layers: leave `\(name)` out")
        }
    }
}

extension GivenOptions<LanguageModelOptionTable> {
    package var readingOptions: ReadingOptions {
        var reading = ReadingOptions(
            unit: self.unit ?? .scalar, encoding: self.encoding,
            keepCarriageReturns: self.keepsCarriageReturns ?? false, invalidBytes: self.invalidBytes ?? .error)
        reading.isStrict = self.isStrict ?? false
        return reading
    }
}

// MARK: What a run has

/// What a language model was trained with.
package struct StoredTextRun: PlannedRun {
    package var plan: LanguageModelPlan
    package var corpus: CorpusRecord

    package init(plan: LanguageModelPlan, corpus: CorpusRecord) { (self.plan, self.corpus) = (plan, corpus) }

    package init(_ run: Checkpoints.Run) throws(StoreError) {
        plan = try run.configuration(as: LanguageModelPlan.self)
        corpus = try run.corpus(as: CorpusRecord.self)
    }

    var vocabulary: Vocabulary { corpus.vocabulary }

    fileprivate var stackText: String { "`stack` \(LayerSpecification.text(plan.model.stack))" }

    /// Shares of a text may round; numbers of units cannot.
    fileprivate var validationAgain: HeldOutPart? {
        guard let heldOut = corpus.heldOut else {
            return corpus.split == corpus.defaultSplit
                ? nil : HeldOutPart(rule: nil, portion: .count(corpus.split.validation.count))
        }
        guard heldOut.rule != heldOut.suggested || heldOut.validation != 0.1 else { return nil }
        return HeldOutPart(
            rule: heldOut.rule == heldOut.suggested ? nil : heldOut.rule, portion: heldOut.validation)
    }

    fileprivate var testAgain: Portion? {
        guard let heldOut = corpus.heldOut else {
            let test = corpus.split.test
            return test.isEmpty || corpus.split == corpus.defaultSplit ? nil : .count(test.count)
        }
        return heldOut.test == 0 ? nil : heldOut.test
    }

    /// The options that make the run again, bit for bit, from its text.
    package var repeatingOptions: LanguageModelOptions {
        let summary = CorpusSummary(
            training: corpus.split.training.count, validation: corpus.split.validation.count,
            classes: corpus.vocabulary.count)
        // Sizes are those of the run that it started from. The dropout of that one nobody knows here: its own is always
        // said, as what follows without an option is a share that no run has.
        var start = plan.startedFrom.map { _ in plan.model }
        start?.dropout = -1
        return LanguageModelOptions(repeating: self) { options in
            try LanguageModelPlan.plan(for: summary, options: options, model: start)
        }
    }
}
