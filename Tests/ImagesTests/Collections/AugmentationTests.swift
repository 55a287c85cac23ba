import Foundation
import Images
import TensorCore
import Testing
import TestSupport

struct AugmentationTests {
    private let folder: TemporaryFolder
    private let context = ComputeContext(threads: 1)
    private let source: any PictureSource
    private let format = PictureFormat(width: 7, height: 5, channels: 3)

    init() throws {
        folder = try TemporaryFolder()
        for index in 0..<10 {
            // Values that brightness cannot cut off.
            var picture = Picture.noise(width: 7, height: 5, channels: 3)
            picture.pixels = picture.pixels.enumerated().map { UInt8(60 + (Int($1) + $0 + index) % 120) }
            try folder.add("\(index).png", picture)
        }
        let collection = try ImageCollection.scan([folder.path])
        source = try #require(try collection.pictures(in: format))
    }

    private func augmented(
        _ augmentation: Augmentation, _ indices: [Int], epoch: Int = 1, seed: UInt64 = 4
    ) throws -> PictureBatch {
        var batch = try source.batch(indices)
        augmentation.apply(to: &batch, stream: RandomStream(seed: seed, stream: 7), epoch: epoch, in: context)
        return batch
    }

    @Test func nothingIsChangedUnlessAskedFor() throws {
        #expect(try augmented(.none, [1, 2]).pixels == source.batch([1, 2]).pixels)
    }

    @Test func anAugmentationSurvivesJSON() throws {
        let augmentation = Augmentation(shift: 2, flipsHorizontally: true, brightness: 0.125)
        let data = try JSONEncoder().encode(augmentation)
        #expect(try JSONDecoder().decode(Augmentation.self, from: data) == augmentation)
        let damaged = "{\"shift\":-1,\"flipsHorizontally\":true,\"brightness\":0}"
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Augmentation.self, from: Data(damaged.utf8)) }
    }

    @Test func aPictureDoesNotDependOnItsBatch() throws {
        let all = Augmentation(shift: 2, flipsHorizontally: true, brightness: 0.1)
        let together = try augmented(all, [0, 3, 5, 7])
        let alone = try augmented(all, [5])
        #expect(alone.pixels == Array(together.pixels[2 * format.count..<3 * format.count]))
        #expect(try augmented(all, [5], epoch: 2).pixels != alone.pixels)
        #expect(try augmented(all, [5], seed: 5).pixels != alone.pixels)
    }

    @Test func picturesOfABatchChangeDifferently() throws {
        let indices = Array(0..<10)
        let before = try source.batch(indices), after = try augmented(Augmentation(brightness: 0.2), indices)
        let changes = indices.map { Int(after.pixels[$0 * format.count]) - Int(before.pixels[$0 * format.count]) }
        #expect(Set(changes).count >= 6)
    }

    /// Every result is one of the shifted, mirrored and brightened pictures, each of these happens, and no other.
    @Test func everyChangeIsOneOfThoseAskedFor() throws {
        let (shift, brightness) = (1, 0.02 as Float)
        let augmentation = Augmentation(shift: shift, flipsHorizontally: true, brightness: brightness)
        let original = try source.batch([4]).picture(0)
        var seen: Set<[Int]> = []
        for epoch in 0..<400 {
            let changed = try augmented(augmentation, [4], epoch: epoch).picture(0)
            let added = Int(changed[3, 2, 0])
            var matches: [[Int]] = []
            for number in 0..<18 {
                let (right, down, mirrored) = (number % 3 - 1, number / 3 % 3 - 1, number / 9)
                func source(_ x: Int, _ y: Int, _ c: Int) -> Int {
                    let column = min(max(x - right, 0), 6), row = min(max(y - down, 0), 4)
                    return Int(original[mirrored == 1 ? 6 - column : column, row, c])
                }
                let bright = added - source(3, 2, 0)
                let isSame = (0..<7 * 5 * 3).allSatisfy { index -> Bool in
                    let (x, y, c) = (index / 3 % 7, index / 21, index % 3)
                    return Int(changed[x, y, c]) == source(x, y, c) + bright
                }
                if isSame && abs(bright) <= 5 { matches.append([right, down, mirrored, bright]) }
            }
            #expect(matches.count == 1)
            seen.formUnion(matches)
        }
        #expect(Set(seen.map { [$0[0], $0[1], $0[2]] }).count == 18)
        #expect(Set(seen.map { $0[3] }) == Set(-5...5))
    }
}
