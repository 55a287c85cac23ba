package import Images
package import Kernels
package import TensorCore
package import Training
package import TrainingRuns

/// Everything that decides what a run computes: with the same pictures and build, the same plan gives the same bytes.
/// Stored with the run as JSON.
package struct AutoencoderPlan: RunPlan, Hashable {
    package var model: AutoencoderConfiguration
    /// N, pictures in a step.
    package var batch: Int
    /// Steps over which the weight of a variational model's divergence rises from 0 to 1 (Bowman et al., 2016); nil for
    /// other kinds.
    package var divergenceWarmUp: Int?
    /// Random changes of each picture each time it is seen.
    package var augmentation: Augmentation
    /// Of the products in training. What is trained is in single precision, and so is all use of it:
    /// validation, scores, codes and pictures.
    package var precision = ProductPrecision.single
    /// The run whose weights this one began with; nil: random weights.
    package var startedFrom: StartingPoint?
    package var settings: RunSettings

    /// Autoencoders make no samples while they are trained.
    package var sampleEvery: Int? { nil }

    package var inOtherPrecision: (name: String, plan: AutoencoderPlan)? {
        var other = self
        other.precision = precision.other
        return (other.precision.rawValue, other)
    }

    package var parameterShapes: [(name: String, shape: Shape)] { model.parameterShapes }
    package var trainingMemory: Int { model.trainingMemory(batch: batch) }
    package static let memoryOptions = "`size`, `channels`, `hidden` or `batch`"

    /// ", bf16" behind the size of a batch; nothing in single precision.
    package var precisionNote: String { precision.note }

    package var clipping: GradientClipping { GradientClipping(maximumNorm: settings.clipNorm) }

    /// What comes from a store may have been damaged, or written by others: whatever training would stop the program
    /// for is looked at before it starts.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    func check(with record: PictureRecord) throws(RunError) {
        try checkSteps()
        try checkModel(with: record)
        guard batch <= max(1, record.trainingCount) else {
            throw .damagedCheckpoint("its plan has batches of \(batch) pictures")
        }
    }

    /// What using the model would stop the program for.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    func checkModel(with record: PictureRecord) throws(RunError) {
        let format = model.format, sides = 1...65_536
        guard sides.contains(format.width), sides.contains(format.height), [1, 3].contains(format.channels) else {
            throw .damagedCheckpoint("its model has impossible sizes: \(format)")
        }
        try AutoencoderOptionTable.checkStored(StoredPictureRun(plan: self, pictures: record))
    }
}

// MARK: As it is stored

extension AutoencoderPlan {
    private enum CodingKeys: String, CodingKey {
        case model, batch, augmentation, precision
        case divergenceWarmUp = "divergence_warm_up"
        case startedFrom = "started_from"
    }

    /// The settings stand among its own keys.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        model = try values.decode(AutoencoderConfiguration.self, forKey: .model)
        batch = try values.decode(Int.self, forKey: .batch)
        guard (1...largestStepCount).contains(batch) else {
            throw DecodingError.dataCorruptedError(
                forKey: .batch, in: values, debugDescription: "no step has \(batch) pictures")
        }
        divergenceWarmUp = try values.decodeIfPresent(Int.self, forKey: .divergenceWarmUp)
        augmentation = try values.decode(Augmentation.self, forKey: .augmentation)
        precision = try values.decodeIfPresent(ProductPrecision.self, forKey: .precision) ?? .single
        startedFrom = try values.decodeIfPresent(StartingPoint.self, forKey: .startedFrom)
        settings = try RunSettings(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try settings.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(model, forKey: .model)
        try values.encode(batch, forKey: .batch)
        try values.encodeIfPresent(divergenceWarmUp, forKey: .divergenceWarmUp)
        try values.encode(augmentation, forKey: .augmentation)
        // Left out as it was before there was a choice: the record of such a run is the same.
        if precision != .single { try values.encode(precision, forKey: .precision) }
        try values.encodeIfPresent(startedFrom, forKey: .startedFrom)
    }
}
