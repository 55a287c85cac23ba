package import Kernels
package import TensorCore
import TextCorpora
package import Training
package import TrainingRuns

/// Everything that decides what a run computes: with the same text and build, the same plan gives the same bytes.
/// Stored with the run as JSON.
package struct LanguageModelPlan: RunPlan, Hashable {
    package var model: LanguageModelConfiguration
    /// N, lanes of text read side by side.
    package var lanes: Int
    /// T, units back-propagated through.
    package var window: Int
    package var randomWindows: Bool
    package var clipValue: Double?
    /// Of the recurrent layers' products in training. What is trained is in single precision, and so is all use of it:
    /// validation, scores and texts.
    package var precision = ProductPrecision.single
    /// Steps between samples; nil: none.
    package var sampleEvery: Int?
    /// The run whose weights this one began with; nil: random weights.
    package var startedFrom: StartingPoint?
    package var settings: RunSettings

    /// ", bf16" behind the size of a window; nothing in single precision.
    package var precisionNote: String { precision.note }

    package var inOtherPrecision: (name: String, plan: LanguageModelPlan)? {
        guard model.hasKernels else { return nil }
        var other = self
        other.precision = precision.other
        return (other.precision.rawValue, other)
    }

    package var parameterShapes: [(name: String, shape: Shape)] { model.parameterShapes }
    package var trainingMemory: Int { model.trainingMemory(lanes: lanes, window: window) }
    package static let memoryOptions = "`hidden`, `layers` (or sizes in `stack`), `batch` or `window`"

    package var clipping: GradientClipping {
        GradientClipping(maximumNorm: settings.clipNorm, maximumValue: clipValue.map { Float($0) })
    }

    /// What comes from a store may have been damaged, or written by others: whatever training would stop the program
    /// for is looked at before it starts.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    func check(with record: CorpusRecord) throws(RunError) {
        func require(_ holds: Bool, _ what: String) throws(RunError) {
            guard holds else { throw .damagedCheckpoint("its plan has \(what)") }
        }
        try require(
            model.classes == record.vocabulary.count,
            "\(model.classes) classes, its vocabulary \(record.vocabulary.count) units")
        try record.checkParts()
        let units = record.split.training.count
        try require(lanes < units, "\(lanes) lanes for \(units) units")
        try require(
            precision == .single || model.hasKernels, "half precision and a layer that is only computed in single")
        try checkSteps()
        try LanguageModelOptionTable.checkStored(StoredTextRun(plan: self, corpus: record))
    }
}

// MARK: As it is stored

extension LanguageModelPlan {
    private enum CodingKeys: String, CodingKey {
        case model, lanes, window
        case randomWindows = "random_windows"
        case clipValue = "clip_value"
        case precision
        case sampleEvery = "sample_every"
        case startedFrom = "started_from"
    }

    /// The settings stand among its own keys.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        model = try values.decode(LanguageModelConfiguration.self, forKey: .model)
        lanes = try values.decode(Int.self, forKey: .lanes)
        window = try values.decode(Int.self, forKey: .window)
        randomWindows = try values.decode(Bool.self, forKey: .randomWindows)
        clipValue = try values.decodeIfPresent(Double.self, forKey: .clipValue)
        precision = try values.decodeIfPresent(ProductPrecision.self, forKey: .precision) ?? .single
        sampleEvery = try values.decodeIfPresent(Int.self, forKey: .sampleEvery)
        startedFrom = try values.decodeIfPresent(StartingPoint.self, forKey: .startedFrom)
        settings = try RunSettings(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try settings.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(model, forKey: .model)
        try values.encode(lanes, forKey: .lanes)
        try values.encode(window, forKey: .window)
        try values.encode(randomWindows, forKey: .randomWindows)
        try values.encodeIfPresent(clipValue, forKey: .clipValue)
        // Left out as it was before there was a choice: the record of such a run is the same.
        if precision != .single { try values.encode(precision, forKey: .precision) }
        try values.encodeIfPresent(sampleEvery, forKey: .sampleEvery)
        try values.encodeIfPresent(startedFrom, forKey: .startedFrom)
    }
}
