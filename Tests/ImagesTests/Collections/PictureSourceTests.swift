import Foundation
import Images
import TensorCore
import Testing
import TestSupport

struct PictureSourceTests {
    private let folder: TemporaryFolder
    private let format = PictureFormat(width: 12, height: 9, channels: 3)

    init() throws { folder = try TemporaryFolder() }

    /// Pictures of many sizes, every seventh cut short behind its header.
    private func mixedFolder(_ count: Int = 40) throws -> ImageCollection {
        for index in 0..<count {
            let channels = index % 3 == 0 ? 1 : 3
            let picture = Picture.noise(width: 1 + index * 3 % 31, height: 1 + index * 5 % 23, channels: channels)
            let name = String(format: "%03d.png", index)
            let bytes = try PNG.encode(picture)
            try folder.add(name, index % 7 == 3 ? Array(bytes.dropLast(20)) : bytes)
        }
        return try ImageCollection.scan([folder.path])
    }

    private func all(_ stream: PictureStream) throws -> [PictureBatch] {
        var batches: [PictureBatch] = []
        while let batch = try stream.next() { batches.append(batch) }
        return batches
    }

    @Test(arguments: [1, 2, 5]) func batchesComeInOrderWhateverTheThreads(_ threads: Int) throws {
        let collection = try mixedFolder()
        let source = StreamedPictures(collection, format: format, options: .init(threads: threads))
        let order = (0..<40).map { $0 * 17 % 40 }
        let batches = try all(source.stream(order, batchSize: 6))
        #expect(batches.count == 7)
        #expect(batches.flatMap { $0.indices } == order.filter { $0 % 7 != 3 })
        #expect(batches.flatMap { $0.failures.map(\.index) } == order.filter { $0 % 7 == 3 })
        for batch in batches {
            for (position, index) in batch.indices.enumerated() {
                let (pixels, placement) = format.fit(try collection.items[index].picture())
                #expect(Array(batch.pixels[position * format.count..<(position + 1) * format.count]) == pixels)
                #expect(batch.placements[position] == placement)
                #expect(batch.picture(position) == Picture(planar: pixels, format: format))
            }
        }
    }

    @Test func memoryAndFilesGiveTheSameBatches() throws {
        let collection = try mixedFolder()
        let cached = try #require(try collection.pictures(in: format) as? CachedPictures)
        let streamed = try #require(
            try collection.pictures(in: format, options: .init(memory: 1000)) as? StreamedPictures)
        #expect(cached.failures.map(\.name) == ["003.png", "010.png", "017.png", "024.png", "031.png", "038.png"])
        #expect(cached.count == 40 && streamed.count == 40)
        for (a, b) in try zip(
            all(cached.stream([5, 3, 39, 0, 10, 11, 5], batchSize: 3)),
            all(streamed.stream([5, 3, 39, 0, 10, 11, 5], batchSize: 3)))
        {
            #expect(a.indices == b.indices && a.pixels == b.pixels && a.placements == b.placements)
            #expect(a.failures.map(\.index) == b.failures.map(\.index))
            #expect(a.failures.map(\.error) == b.failures.map(\.error))
        }
        #expect(try cached.batch([3]).count == 0)
        #expect(try streamed.batch([3]).count == 0)
        #expect(try streamed.batch([]).count == 0)
        #expect(try cached.batch([0, 1]).pixels == streamed.batch([0, 1]).pixels)
    }

    @Test func strictReadingEndsWithTheFirstBadPicture() throws {
        let collection = try mixedFolder()
        let strict = LoadingOptions(isStrict: true)
        let stream = StreamedPictures(collection, format: format, options: strict).stream(Array(0..<9), batchSize: 3)
        #expect(try stream.next()?.indices == [0, 1, 2])
        #expect(throws: ImageError.self) { try stream.next() }
        #expect(throws: ImageError.self) { try collection.pictures(in: format, options: strict) }
    }

    @Test func nothingReadableIsAnError() throws {
        let bytes = try PNG.encode(Picture.noise(width: 20, height: 20, channels: 3))
        for name in ["a.png", "b.png"] { try folder.add(name, Array(bytes.dropLast(30))) }
        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.items.count == 2)
        #expect { try collection.pictures(in: format) } throws: { error in
            guard case .nothingReadable(let count, let first)? = error as? ImageError else { return false }
            return count == 2 && first.contains("a.png")
        }
    }

    /// Released in the middle, it ends its threads; asked on after the end, it stays at the end.
    @Test func aStreamCanBeLeft() throws {
        let collection = try mixedFolder(12)
        let source = StreamedPictures(collection, format: format, options: .init(threads: 3))
        for taken in 0..<4 {
            let stream = source.stream { number in [number % 12, (number + 5) % 12] }
            for _ in 0..<taken { #expect(try stream.next() != nil) }
        }
        let stream = source.stream([1, 2], batchSize: 2)
        #expect(try stream.next()?.indices == [1, 2])
        #expect(try stream.next() == nil)
        #expect(try stream.next() == nil)
        let gaps = source.stream { number in number < 4 ? number % 2 == 0 ? [] : [number] : nil }
        #expect(try all(gaps).map(\.indices) == [[], [1], [], []])
    }

    @Test func readingCanBeEnded() throws {
        let collection = try mixedFolder(12)
        var calls = 0
        let ended = try collection.pictures(in: format) { done in
            calls += 1
            return done < 1
        }
        #expect(ended == nil && calls == 1)
    }

    @Test func aBatchAsTensorGoesFromZeroToOne() throws {
        let picture = Picture(width: 2, height: 1, channels: 3, pixels: [0, 51, 102, 153, 204, 255])
        try folder.add("a.png", picture)
        try folder.add("b.png", Picture(width: 1, height: 1, channels: 1, filledWith: 10))
        let format = PictureFormat(width: 2, height: 1, channels: 3)
        let source = try #require(try ImageCollection.scan([folder.path]).pictures(in: format))
        let batch = try source.batch([1, 0])
        let tensor = batch.tensor()
        #expect(tensor.shape == [2, 3, 1, 2])
        let expected: [Float] = [10, 10, 10, 10, 10, 10, 0, 153, 51, 204, 102, 255]
        #expect(tensor.values == expected.map { $0 / 255 })
        #expect(batch.mask() == Tensor([1, 0, 1, 1], shape: [2, 1, 1, 2]))
    }

    /// A JPEG that is decoded at a fraction of its size keeps its own size and place, and looks the same.
    @Test func reducedDecodingShowsInNoSize() throws {
        let fixture = try #require(ImageFixture.shared.scaled.first)
        let whole = try decode(fixture.bytes)
        try folder.add("a.jpg", fixture.bytes)
        let collection = try ImageCollection.scan([folder.path])
        let format = PictureFormat(width: 4, height: 3, channels: 3)
        let batch = try StreamedPictures(collection, format: format).batch([0])
        let (pixels, placement) = format.fit(whole)
        #expect(batch.placements == [placement] && placement.original == whole.size)
        let differences = zip(batch.pixels, pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) <= 3 * differences.count)
        // Not what the whole picture gives, bit for bit: it was reduced.
        #expect(differences.contains { $0 > 0 })
    }

    /// Read a piece at a time, the whole array comes out.
    @Test func arraysAreReadPieceByPiece() throws {
        let bytes = (0..<500 * 8 * 8).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try NumPyArray.write(bytes, shape: [500, 8, 8], path: folder("many.npy"))
        let collection = try ImageCollection.scan([folder("many.npy")])
        let format = PictureFormat(width: 8, height: 8, channels: 1)
        let source = StreamedPictures(collection, format: format, options: .init(threads: 2))
        let batches = try all(source.stream(Array(0..<500), batchSize: 64))
        #expect(batches.flatMap(\.pixels) == bytes)
    }

    /// While one thread finds out which pictures the next batch holds, the others and the consumer go on.
    @Test func aBatchIsTakenWhileTheNextIsChosen() throws {
        let collection = try mixedFolder()
        let source = StreamedPictures(collection, format: format, options: .init(threads: 2))
        let mayChoose = DispatchSemaphore(value: 0)
        let stream = source.stream { number in
            if number == 1 { #expect(mayChoose.wait(timeout: .now() + 60) == .success) }
            return number < 2 ? [number, 20 + number] : nil
        }
        #expect(try stream.next()?.indices == [0, 20])
        mayChoose.signal()
        #expect(try stream.next()?.indices == [1, 21])
        #expect(try stream.next() == nil)
    }
}
