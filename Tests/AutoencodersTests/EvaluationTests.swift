import Autoencoders
import Checkpoints
import Foundation
import Images
import TensorCore
import TestSupport
import Testing
import TrainingRuns

/// What an evaluation says, computed again in Double from what the model made of the pictures.
@Suite struct EvaluationTests {
    let context = ComputeContext(threads: 2)

    func trained(
        _ kind: AutoencoderKind, _ change: (inout AutoencoderOptions) -> Void = { _ in }
    ) throws -> (folder: PictureFolder, pictures: PreparedPictures, task: AutoencoderTask, saved: SavedAutoencoder) {
        let folder = try PictureFolder(spots: 160, width: 10, height: 9), store = try folder.store()
        let pictures = try prepared(folder, components: 3, in: context) { $0.rule = .last(140) }
        let plan = try smallPlan(pictures, kind, steps: 30, change)
        let task = try train(plan, on: pictures, in: store).task
        return (folder, pictures, task, try SavedAutoencoder.load(.latest, from: store, in: context))
    }

    static func array(_ tensor: Tensor) -> ArrayND { ArrayND(shape: tensor.shape.dimensions, floats: tensor.values) }

    /// More pictures than a batch of the evaluation holds.
    @Test func errorsAreMeansOverAllValues() throws {
        let found = try trained(.plain)
        let evaluation = try #require(
            try found.saved.evaluate(found.pictures.validation, found.pictures.validationIndices, in: context))
        let batch = try found.pictures.validation.batch(found.pictures.validationIndices).tensor()
        let clean = Self.array(batch), made = Self.array(found.saved.reconstruct(batch, in: context))
        #expect(evaluation.images == 140)
        expectMatch(
            [evaluation.meanSquaredError, evaluation.meanAbsoluteError, evaluation.loss],
            [
                Oracle.meanSquaredError(made, clean), Oracle.meanAbsoluteError(made, clean),
                Oracle.meanSquaredError(made, clean),
            ], "errors", tolerance: 1e-6)
        #expect(evaluation.variational == nil)
        // The last line of training says the same of the same pictures.
        #expect(found.task.finalEvaluation == evaluation)

        // Principal components, from mean and directions alone.
        let principal = try #require(found.saved.baseline).principal
        let mean = Self.array(principal.mean).values, directions = Self.array(principal.components)
        let size = mean.count
        var squares = 0.0
        for image in 0..<140 {
            let centered = (0..<size).map { clean.values[image * size + $0] - mean[$0] }
            var rest = centered
            for row in 0..<directions.shape[0] {
                let direction = directions.values[row * size..<(row + 1) * size]
                let code = zip(direction, centered).reduce(0) { $0 + $1.0 * $1.1 }
                for (index, value) in direction.enumerated() { rest[index] -= code * value }
            }
            squares += rest.reduce(0) { $0 + $1 * $1 }
        }
        let expected = squares / Double(140 * size)
        expectMatch([try #require(evaluation.baselineError)], [expected], "pca_mse", tolerance: 1e-5)
        expectMatch([try #require(found.saved.record.baselineError)], [expected], "recorded", tolerance: 1e-5)
    }

    @Test func variationalNats() throws {
        let found = try trained(.variational(freeNats: 0.2)) { $0.code = 5 }
        let evaluation = try #require(
            try found.saved.evaluate(found.pictures.validation, found.pictures.validationIndices, in: context))
        let variational = try #require(evaluation.variational)
        let batch = try found.pictures.validation.batch(found.pictures.validationIndices).tensor()
        let clean = Self.array(batch)
        // Each pixel is black or white with its gray as the chance, which is all that even a perfect model knows.
        let entropy = clean.values.reduce(0) { sum, p in
            p == 0 || p == 1
                ? sum : sum - p * DeterministicMath.log(p) - (1 - p) * DeterministicMath.log(1 - p)
        }
        expectMatch([variational.floor], [entropy / 140], "floor", tolerance: 1e-6)
        #expect(variational.values == 90)
        expectMatch(
            [variational.bitsPerDimension], [variational.negativeELBO / 90 / DeterministicMath.log(2)],
            "bits per dimension",
            tolerance: 1e-9)
        #expect(evaluation.loss == variational.negativeELBO)
        #expect(variational.negativeELBO == variational.reconstruction + variational.divergence)
        #expect(variational.reconstruction > variational.floor)
        // Errors are those of the mean codes, without a draw.
        let made = Self.array(found.saved.reconstruct(batch, in: context))
        expectMatch([evaluation.meanSquaredError], [Oracle.meanSquaredError(made, clean)], "mse", tolerance: 1e-6)
        let means = found.saved.encode(batch, in: context)
        #expect(variational.activeUnits == ActiveUnits(posteriorMeans: means).count)
        // Again gives the same: the draws are always the same.
        let again = try found.saved.evaluate(found.pictures.validation, found.pictures.validationIndices, in: context)
        #expect(again == evaluation)
    }

    @Test func theBooksScaleIsTwiceAsLong() throws {
        let found = try trained(.plain) {
            ($0.architecture, $0.channels, $0.hidden) = (.book, nil, nil)
        }
        let evaluation = try #require(found.task.finalEvaluation)
        #expect(evaluation.loss == 4 * evaluation.meanSquaredError)
    }

    @Test func severalSourcesCountTogether() throws {
        let found = try trained(.plain)
        let training = (source: found.pictures.training, indices: found.pictures.trainingIndices)
        let validation = (source: found.pictures.validation, indices: found.pictures.validationIndices)
        let parts = try [[training], [validation], [training, validation]].map {
            try #require(try found.saved.evaluate($0, in: context))
        }
        #expect(parts.map(\.images) == [20, 140, 160])
        let both = (20 * parts[0].meanSquaredError + 140 * parts[1].meanSquaredError) / 160
        expectMatch([parts[2].meanSquaredError], [both], "mean squared error", tolerance: 1e-9)
        #expect(try found.saved.evaluate([training], in: context, shouldStop: { true }) == nil)
    }

    /// The run's own pictures are found again, split as they were.
    @Test func aRunFindsItsPictures() throws {
        let found = try trained(.plain)
        let again = try found.saved.pictures(in: context)
        #expect(again.trainingIndices == found.pictures.trainingIndices)
        #expect(again.validationIndices == Array(20..<160) && again.baseline == found.saved.baseline)
        // As many pictures, one of them another.
        try found.folder.write(PictureFolder.spot(9999, width: 10, height: 9, channels: 1), to: "0007.png")
        let other = thrown(AutoencoderError.self) { _ = try found.saved.pictures(in: context) }
        guard case .otherPictures? = other else {
            Issue.record("\(String(describing: other))")
            return
        }
        let missing = thrown(AutoencoderError.self) {
            _ = try found.saved.pictures(at: [found.folder.path + "/nowhere"], in: context)
        }
        guard case .picturesNotFound? = missing else {
            Issue.record("\(String(describing: missing))")
            return
        }
    }

    /// Runs of older programs recorded several paths as they were typed, which is known again where they are absolute.
    @Test func picturesOfOlderRunsAreFoundAgain() throws {
        let folder = try PictureFolder(spots: 12), other = try PictureFolder(spots: 9, seed: 2)
        let pictures = try prepared(folder, in: context) { $0.paths.append(other.pictures) }
        let store = try folder.store(), plan = try smallPlan(pictures, steps: 10)
        defer { try? store.close() }
        let typed = try ImageCollection.scan(pictures.record.paths).fingerprintByPaths()
        #expect(typed != pictures.record.fingerprint)
        for (fingerprint, isKnown) in [(pictures.record.fingerprint, true), (typed, true), ("another", false)] {
            var record = pictures.record
            record.fingerprint = fingerprint
            let run = try store.createRun(
                RunDescription(
                    baseName: "older", kind: AutoencoderTask.runKind, configuration: plan, corpus: record))
            try store.giveBack(run.id)
            func resume() throws { _ = try AutoencoderTraining.resume(run, store: store, in: context) }
            if isKnown { try resume() } else { #expect(throws: AutoencoderError.self) { try resume() } }
        }
    }

    /// A run that goes on is judged by the same loss of guessing as one that never stopped.
    @Test func guessingStaysWhatItWas() throws {
        let folder = try PictureFolder(spots: 30)
        let pictures = try prepared(folder, components: 2, in: context), store = try folder.store()
        defer { try? store.close() }
        let session = try AutoencoderTraining(
            plan: smallPlan(pictures, steps: 20), pictures: pictures, store: store, in: context)
        session.stopAfter = 9
        _ = try session.train()
        let guessing = try #require(session.task.guessingLoss)
        let resumed = try AutoencoderTraining.resume(session.run, store: store, in: context)
        #expect(resumed.task.guessingLoss == guessing)
    }

    /// Pictures that vanish while a run trains are said once; where none is left to validate, the run stops.
    @Test func picturesThatVanish() throws {
        let folder = try PictureFolder(spots: 30), other = try PictureFolder(spots: 6, seed: 2)
        let pictures = try prepared(folder, in: context) {
            $0.heldOutPaths = [other.pictures]
            // Read again in every epoch.
            $0.loading.memory = 1
        }
        let store = try folder.store()
        defer { try? store.close() }
        let session = try AutoencoderTraining(
            plan: smallPlan(pictures, steps: 40), pictures: pictures, store: store, in: context)
        try FileManager.default.removeItem(atPath: folder.file("0003.png"))
        for number in 1...2 { try FileManager.default.removeItem(atPath: other.file("000\(number).png")) }
        let failure = thrown(ImageError.self) {
            _ = try session.train(onEvent: {
                guard case .validated(let report) = $0, report.step == 16 else { return }
                for number in 3...6 { try? FileManager.default.removeItem(atPath: other.file("000\(number).png")) }
            })
        }
        guard case .nothingReadable(6, let first)? = failure, first.contains("0001.png") else {
            Issue.record("\(String(describing: failure))")
            return
        }
        let events = try store.events(of: session.run.id).filter { $0.kind.hasSuffix("pictures_missing") }
        let held = try #require(events.first { $0.kind == "held_out_pictures_missing" })
        #expect(held.message.hasPrefix("2 pictures held out cannot be read") && held.message.contains("0001.png"))
        let learned = try #require(events.first { $0.kind == "pictures_missing" })
        #expect(learned.message.hasPrefix("1 picture to train on cannot be read"), "\(learned.message)")
        #expect(events.count == 2)
        #expect(try store.run(session.run.id).status == .interrupted)
    }
}
