import Autodiff
import Autoencoders
import Checkpoints
import Images
import Layers
import TensorCore
import Testing
import TestSupport
import TrainingRuns

/// Every kind of model learns what it is for. Spots of light are described by three numbers.
@Suite struct LearningTests {
    let context = ComputeContext(threads: 2)

    func learned(
        _ kind: AutoencoderKind, steps: Int = 400, _ change: (inout AutoencoderOptions) -> Void = { _ in }
    ) throws -> (saved: SavedAutoencoder, pictures: PreparedPictures, evaluation: AutoencoderEvaluation) {
        let folder = try PictureFolder(spots: 300), store = try folder.store()
        let pictures = try prepared(folder, components: 4, in: context)
        let plan = try smallPlan(pictures, kind, steps: steps) {
            ($0.channels, $0.hidden, $0.batch, $0.learningRate) = ([16], 64, 32, 0.004)
            change(&$0)
        }
        try train(plan, on: pictures, in: store)
        let saved = try SavedAutoencoder.load(.latest, from: store, in: context)
        let evaluation = try #require(
            try saved.evaluate(pictures.validation, pictures.validationIndices, in: context))
        #expect(evaluation.images == 30 && evaluation.failures.isEmpty)
        return (saved, pictures, evaluation)
    }

    @Test func plainModelsBeatPrincipalComponents() throws {
        let found = try learned(.plain)
        let baseline = try #require(found.evaluation.baselineError)
        #expect(found.pictures.baseline?.components == 4)
        #expect(found.evaluation.meanSquaredError < baseline / 2, "\(found.evaluation)")
        #expect(found.evaluation.loss == found.evaluation.meanSquaredError)
    }

    @Test func denoisingModelsClean() throws {
        let found = try learned(.denoising(noise: 0.3, masking: 0.1))
        let clean = try found.pictures.validation.batch(found.pictures.validationIndices).tensor()
        let spoiled = found.saved.spoiled(clean, by: RandomStream(seed: 5), in: context)
        let cleaned = found.saved.reconstruct(spoiled, in: context)
        let before = Self.squaredError(spoiled, clean), after = Self.squaredError(cleaned, clean)
        #expect(before > 0.02 && after < before / 3, "from \(before) to \(after)")
        // It is measured as it was trained: on spoiled pictures.
        #expect(found.evaluation.meanSquaredError > 0.5 * after && found.evaluation.meanSquaredError < 2 * after)
    }

    @Test func sparseCodesAreMostlyZero() throws {
        func codes(_ weight: Double) throws -> (share: Double, error: Double) {
            let found = try learned(.sparse(weight: weight)) { ($0.code, $0.hidden) = (24, 64) }
            let codes = found.saved.encode(
                try found.pictures.validation.batch(found.pictures.validationIndices).tensor(), in: context)
            #expect(codes.values.allSatisfy { $0 >= 0 })
            return (Double(codes.values.count { $0 < 1e-4 }) / Double(codes.count), found.evaluation.meanSquaredError)
        }
        let free = try codes(0), sparse = try codes(0.01)
        #expect(sparse.share > free.share + 0.15 && sparse.share > 0.5, "\(free.share), \(sparse.share)")
        #expect(sparse.error < 0.02, "\(sparse.error)")
    }

    @Test func variationalCodesAreNearTheUnitGaussian() throws {
        let found = try learned(.variational(freeNats: 0), steps: 700) { $0.code = 6 }
        let variational = try #require(found.evaluation.variational)
        // A model that says nothing would cost the entropy of the mean picture, with no active unit.
        #expect(variational.activeUnits >= 3 && variational.activeUnits <= 6)
        #expect(variational.negativeELBO == variational.reconstruction + variational.divergence)
        #expect(variational.reconstruction > variational.floor && variational.divergence > 1)
        #expect(found.evaluation.loss == variational.negativeELBO)
        let silent = try Self.silentNats(found.pictures)
        #expect(variational.negativeELBO < silent - 3, "\(variational), \(silent) for saying nothing")
        // Codes drawn from the unit Gaussian are spots again: mostly dark, with some light.
        let drawn = found.saved.decode(RandomStream(seed: 3).normal([64, 6], in: context), in: context).values
        let light = Double(drawn.count { $0 > 0.5 }) / Double(drawn.count)
        #expect(light > 0.01 && light < 0.4, "\(light)")
    }

    /// The mean squared difference of two batches.
    static func squaredError(_ a: Tensor, _ b: Tensor) -> Double {
        zip(a.values, b.values).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) } / Double(a.count)
    }

    /// Nats an image of a model that gives the mean of the held-out pictures for each.
    static func silentNats(_ pictures: PreparedPictures) throws -> Double {
        let batch = try pictures.validation.batch(pictures.validationIndices).tensor()
        let size = pictures.format.count, images = batch.count / size, values = batch.values
        return (0..<size).reduce(0) { sum, pixel in
            let mean = (0..<images).reduce(0) { $0 + Double(values[$1 * size + pixel]) } / Double(images)
            return sum - mean * DeterministicMath.log(mean) - (1 - mean) * DeterministicMath.log(1 - mean)
        }
    }
}
