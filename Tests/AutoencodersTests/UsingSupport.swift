import Autoencoders
import Checkpoints
import Foundation
import Images
import TensorCore
import Testing
import TestSupport
import TrainingRuns

extension TemporaryFolder {
    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String { try write(name, bytes) }

    @discardableResult
    func write(_ picture: Picture, to name: String) throws -> String { try write(name, PNG.encode(picture)) }
}

/// Small pictures that differ from each other.
enum Drawn {
    /// A bright disc on a dark ground, whose place follows from the number.
    static func disc(_ number: Int, width: Int = 12, height: Int = 12, channels: Int = 1) -> Picture {
        let centerX = Double((number * 7) % 5) + 3, centerY = Double((number * 11) % 7) + 2
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let distance =
                    ((Double(x) - centerX) * (Double(x) - centerX) + (Double(y) - centerY) * (Double(y) - centerY))
                let value = max(0, 230 - 22 * distance) + Double((number * 3) % 20)
                for channel in 0..<channels { pixels.append(UInt8(min(255, value / Double(channel + 1)))) }
            }
        }
        return Picture(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// A folder with so many discs in each of the classes "a" and "b".
    static func folder(_ count: Int = 10, width: Int = 12, height: Int = 12, channels: Int = 1) throws
        -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        for number in 0..<count {
            for (offset, label) in ["a", "b"].enumerated() {
                let picture = disc(2 * number + offset, width: width, height: height, channels: channels)
                try folder.write(picture, to: "pictures/\(label)/\(number).png")
            }
        }
        return folder
    }
}

/// A model that has seen its pictures for a few steps, in a store.
struct TrainedModel {
    let folder: TemporaryFolder
    let saved: SavedAutoencoder
    let context = ComputeContext(threads: 1)

    var pictures: String { folder.file("pictures") }
    var storePath: String { folder.file("store.sqlite") }

    init(
        _ kind: AutoencoderKind = .plain, code: Int = 3, steps: Int = 6, validation: CollectionSplit.Rule = .count(4),
        architecture: AutoencoderConfiguration.Architecture = .standard, folder: TemporaryFolder? = nil
    ) throws {
        self.folder = try folder ?? Drawn.folder()
        var selection = PictureSelection(paths: [self.folder.file("pictures")])
        selection.rule = validation
        var options = AutoencoderOptions()
        (options.kind, options.code, options.steps, options.batch) = (kind, code, steps, 5)
        (options.channels, options.hidden) = architecture == .book ? (nil, nil) : ([4], 8)
        options.architecture = architecture
        let prepared = try #require(try PreparedPictures.read(selection, in: context, components: { _ in code }))
        let plan = try AutoencoderPlan.plan(for: prepared.summary, options: options)
        let store = try CheckpointStore.open(at: self.folder.file("store.sqlite"), access: .readWrite)
        let training = try AutoencoderTraining(plan: plan, pictures: prepared, store: store, name: "test", in: context)
        _ = try training.train(shouldStop: { false }, onEvent: { _ in })
        saved = try SavedAutoencoder.load(.named("test"), from: store, in: context)
        try store.close()
    }

    func source(_ paths: String...) throws -> StreamedPictures {
        StreamedPictures(try ImageCollection.scan(paths.isEmpty ? [pictures] : paths), format: saved.format)
    }
}
