import Autoencoders
import Checkpoints
import Foundation
import Images
import TensorCore
import Testing
import TestSupport
import Training

/// A folder of its own for a test, with pictures made here; removed with the value.
final class PictureFolder {
    private let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
    }

    /// With spots of light on a dark ground: something that three numbers say all about.
    convenience init(spots count: Int, width: Int = 12, height: Int = 12, channels: Int = 1, seed: Int = 1) throws {
        try self.init()
        for index in 0..<count {
            try write(Self.spot(index + 1000 * seed, width: width, height: height, channels: channels))
        }
    }

    private var written = 0

    var pictures: String { path + "/pictures" }

    func file(_ name: String) -> String { "\(pictures)/\(name)" }

    func write(_ picture: Picture, to name: String? = nil) throws {
        written += 1
        try write(PNG.encode(picture), to: name ?? String(format: "%04d.png", written))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }

    func store(_ name: String = "store.sqlite") throws -> CheckpointStore {
        try CheckpointStore.open(at: "\(path)/\(name)", access: .readWrite)
    }

    static func spot(_ number: Int, width: Int, height: Int, channels: Int) -> Picture {
        var state = UInt64(truncatingIfNeeded: number &+ 77) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        func draw() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
        let x = draw() * Double(width - 1), y = draw() * Double(height - 1)
        let radius = (0.1 + 0.15 * draw()) * Double(max(width, height))
        var picture = Picture(width: width, height: height, channels: channels, filledWith: 0)
        for row in 0..<height {
            for column in 0..<width {
                let distance = pow(Double(column) - x, 2) + pow(Double(row) - y, 2)
                let light = 255 * exp(-distance / (2 * radius * radius))
                for channel in 0..<channels {
                    picture[column, row, channel] = UInt8(channel == 2 ? 255 - light : light)
                }
            }
        }
        return picture
    }
}

/// Pictures ready to train on: with principal components in the number of the plan's code.
func prepared(
    _ folder: PictureFolder, components: Int = 4, in context: ComputeContext,
    _ change: (inout PictureSelection) -> Void = { _ in }
) throws -> PreparedPictures {
    var selection = PictureSelection(paths: [folder.pictures])
    change(&selection)
    return try #require(try PreparedPictures.read(selection, in: context, components: { _ in components }))
}

/// A plan for a small model; everything can be changed afterwards.
func smallPlan(
    _ pictures: PreparedPictures, _ kind: AutoencoderKind = .plain, steps: Int = 40,
    _ change: (inout AutoencoderOptions) -> Void = { _ in }
) throws -> AutoencoderPlan {
    var options = AutoencoderOptions()
    options.kind = kind
    (options.code, options.channels, options.hidden) = (4, [5], 14)
    (options.batch, options.steps, options.warmUp, options.evaluateEvery) = (
        min(9, pictures.summary.training), steps, 5, 8
    )
    change(&options)
    return try AutoencoderPlan.plan(for: pictures.summary, options: options)
}

/// Every kind of model, with all that random numbers have a part in.
let everyKind: [AutoencoderKind] = [
    .plain, .denoising(noise: 0.2, masking: 0.3), .sparse(weight: 0.01), .variational(freeNats: 0.05),
]

extension AutoencoderKind: CustomTestStringConvertible {
    public var testDescription: String { name }
}
