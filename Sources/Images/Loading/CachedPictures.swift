/// All pictures of a collection, fitted into a format and kept in memory as bytes.
package final class CachedPictures: PictureSource {
    package let collection: ImageCollection
    package let format: PictureFormat
    /// The pictures that could not be read; batches leave them out.
    package let failures: [PictureFailure]
    /// The pixels of all pictures that could be read, [pictures, channels, height, width].
    private let pixels: [UInt8]
    private let placements: [Placement]
    /// The place of each picture of the collection among those, or −1 if it could not be read.
    private let positions: [Int]
    private let failureOfIndex: [Int: PictureFailure]
    private let isStrict: Bool

    /// Reads every picture once, on threads of its own.
    ///
    /// - Parameter progress: called now and then with the pictures done so far; false ends the reading.
    /// - Returns: nil if `progress` ended it.
    /// - Throws: `ImageError.nothingReadable` if no picture could be read; under `isStrict` the first error.
    package static func read(
        _ collection: ImageCollection, format: PictureFormat, options: LoadingOptions = LoadingOptions(),
        progress: (_ done: Int) -> Bool = { _ in true }
    ) throws(ImageError) -> CachedPictures? {
        let count = collection.items.count
        let stream = StreamedPictures(collection, format: format, options: options)
            .stream(Array(0..<count), batchSize: 64)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(count * format.count)
        var placements: [Placement] = []
        var positions = [Int](repeating: -1, count: count)
        var failures: [PictureFailure] = []
        while let batch = try stream.next() {
            for (index, placement) in zip(batch.indices, batch.placements) {
                positions[index] = placements.count
                placements.append(placement)
            }
            pixels += batch.pixels
            failures += batch.failures
            guard progress(placements.count + failures.count) else { return nil }
        }
        if placements.isEmpty, let first = failures.first {
            throw .nothingReadable(count: failures.count, first: first.error.description)
        }
        return CachedPictures(
            collection, format: format, pixels: pixels, placements: placements, positions: positions,
            failures: failures, isStrict: options.isStrict)
    }

    private init(
        _ collection: ImageCollection, format: PictureFormat, pixels: [UInt8], placements: [Placement],
        positions: [Int], failures: [PictureFailure], isStrict: Bool
    ) {
        self.collection = collection
        self.format = format
        self.pixels = pixels
        self.placements = placements
        self.positions = positions
        self.failures = failures
        self.isStrict = isStrict
        failureOfIndex = Dictionary(uniqueKeysWithValues: failures.map { ($0.index, $0) })
    }

    package func batch(_ indices: [Int]) throws(ImageError) -> PictureBatch {
        let failures = indices.compactMap { failureOfIndex[$0] }
        if isStrict, let failure = failures.first { throw failure.error }
        let found = failures.isEmpty ? indices : indices.filter { positions[$0] >= 0 }
        let size = format.count
        let gathered = [UInt8](unsafeUninitializedCapacity: found.count * size) { buffer, initialized in
            pixels.withUnsafeBufferPointer { pixels in
                for (slot, index) in found.enumerated() {
                    let first = positions[index] * size
                    let source = UnsafeBufferPointer(rebasing: pixels[first..<first + size])
                    let target = UnsafeMutableBufferPointer(rebasing: buffer[slot * size..<(slot + 1) * size])
                    _ = target.initialize(fromContentsOf: source)
                }
            }
            initialized = found.count * size
        }
        return PictureBatch(
            format: format, indices: found, pixels: gathered, placements: found.map { placements[positions[$0]] },
            failures: failures)
    }

    /// The pixels of a picture as a number, the same for the same pixels within this process; nil where it cannot be read.
    package func contentHash(_ index: Int) -> Int? {
        withPixels(of: index) { pixels in
            var hasher = Hasher()
            hasher.combine(bytes: UnsafeRawBufferPointer(pixels))
            return hasher.finalize()
        }
    }

    /// Whether a picture is of one color, as the network sees it.
    package func isBlank(_ index: Int) -> Bool {
        let plane = format.size.pixels
        return withPixels(of: index) { pixels in
            stride(from: 0, to: pixels.count, by: plane).allSatisfy { first in
                pixels[first..<first + plane].allSatisfy { $0 == pixels[first] }
            }
        } ?? false
    }

    private func withPixels<Result>(of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        guard positions[index] >= 0 else { return nil }
        let first = positions[index] * format.count
        return pixels.withUnsafeBufferPointer { body(.init(rebasing: $0[first..<first + format.count])) }
    }

    package func stream(_ batches: @escaping @Sendable (Int) -> [Int]?) -> PictureStream {
        var number = 0
        return PictureStream { [self] () throws(ImageError) in
            guard let indices = batches(number) else { return nil }
            number += 1
            return try batch(indices)
        }
    }
}

extension ImageCollection {
    /// The pictures in a format: in memory where they fit into `options.memory`, otherwise read again each time.
    ///
    /// - Parameter progress: while they are read into memory: the pictures done so far; false ends the reading.
    /// - Returns: nil if `progress` ended it.
    package func pictures(
        in format: PictureFormat, options: LoadingOptions = LoadingOptions(),
        progress: (_ done: Int) -> Bool = { _ in true }
    ) throws(ImageError) -> (any PictureSource)? {
        guard items.count <= options.memory / format.count else {
            return StreamedPictures(self, format: format, options: options)
        }
        return try CachedPictures.read(self, format: format, options: options, progress: progress)
    }
}
