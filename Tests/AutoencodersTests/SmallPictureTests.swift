import Autoencoders
import Checkpoints
import Images
import TensorCore
import Testing
import TestSupport
import TrainingRuns

/// Pictures of any size train, and come back at their own.
@Suite struct SmallPictureTests {
    @Test(arguments: [(1, 1, 1), (1, 1, 3), (1, 7, 1), (19, 2, 3), (9, 9, 1), (27, 45, 1)])
    func anySizeTrains(width: Int, height: Int, channels: Int) throws {
        let folder = try PictureFolder(spots: 20, width: width, height: height, channels: channels)
        let store = try folder.store(), context = ComputeContext(threads: 1)
        let pictures = try prepared(folder, components: 2, in: context)
        #expect(pictures.format == PictureFormat(width: width, height: height, channels: channels))
        for architecture in AutoencoderConfiguration.Architecture.allCases {
            var options = AutoencoderOptions()
            (options.architecture, options.steps, options.batch) = (architecture, 12, 6)
            let plan = try AutoencoderPlan.plan(for: pictures.summary, options: options)
            let result = try train(plan, on: pictures, in: store).result
            #expect(result.steps == 12 && result.score?.loss.isFinite == true)
            let saved = try SavedAutoencoder.load(.latest, from: store, in: context)
            let batch = try pictures.training.batch([0, 1, 2])
            let made = saved.reconstruct(batch.tensor(), in: context)
            #expect(made.shape == [3, channels, height, width])
            #expect(made.values.allSatisfy { $0 >= 0 && $0 <= 1 })
        }
    }

    @Test func oneColorOfManyPixelsIsLearned() throws {
        let folder = try PictureFolder(), store = try folder.store()
        for index in 0..<12 {
            try folder.write(Picture(width: 1, height: 1, channels: 1, filledWith: UInt8(20 * index)))
        }
        let pictures = try prepared(folder, components: 1, in: ComputeContext(threads: 1))
        let plan = try AutoencoderPlan.plan(for: pictures.summary, options: AutoencoderOptions())
        let found = try train(plan, on: pictures, in: store)
        #expect(try #require(found.result.score).loss < 0.001)
    }

    @Test(arguments: [1, 2, 3]) func hardlyAnyPictures(count: Int) throws {
        let folder = try PictureFolder(spots: count), store = try folder.store()
        let pictures = try prepared(folder, components: 4, in: ComputeContext(threads: 1))
        #expect(pictures.trainingIndices.count == max(1, count - 1))
        #expect(pictures.validationIndices.count == min(1, count - 1))
        #expect((pictures.baseline == nil) == (count < 3))
        let plan = try smallPlan(pictures, .variational(freeNats: 0), steps: 9)
        let found = try train(plan, on: pictures, in: store)
        #expect((found.result.score == nil) == (count == 1))
    }

    /// Pictures of other shapes are fitted in, and say where they lie.
    @Test func mixedSizesComeBackAtTheirOwn() throws {
        let folder = try PictureFolder(), context = ComputeContext(threads: 1)
        let sizes = [(30, 10, 1), (9, 27, 3), (64, 64, 3), (5, 5, 1), (1, 1, 1), (40, 31, 3)]
        for (index, size) in sizes.enumerated() {
            try folder.write(PictureFolder.spot(index, width: size.0, height: size.1, channels: size.2))
        }
        let pictures = try prepared(folder, components: 2, in: context)
        #expect(pictures.format.channels == 3)
        let batch = try pictures.training.batch(Array(sizes.indices)), made = batch.tensor().values
        for (index, size) in sizes.enumerated() {
            let count = pictures.format.count
            let back = batch.placements[index].restored(
                from: made[index * count..<(index + 1) * count], in: pictures.format)
            #expect((back.width, back.height, back.channels) == size)
        }
    }
}
