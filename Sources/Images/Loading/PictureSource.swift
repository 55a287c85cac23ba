import Kernels
import Requirements

/// Pictures of a collection, fitted into a format, by index: in memory, or read again each time.
///
/// Both kinds deliver the same batches: what cannot be read is left out and listed, and bytes depend on the indices
/// only, not on threads or on memory.
package protocol PictureSource: Sendable {
    var collection: ImageCollection { get }
    var format: PictureFormat { get }
    /// The pictures known not to be readable. A source that reads when asked finds out then, and knows none before.
    var failures: [PictureFailure] { get }

    /// Reads these pictures, now.
    ///
    /// - Throws: under `isStrict`, the error of the first picture that could not be read.
    func batch(_ indices: [Int]) throws(ImageError) -> PictureBatch

    /// A stream of batches, which are made ahead of time where that takes time.
    ///
    /// - Parameter batches: the indices of batch 0, 1, 2, …, and nil after the last; called once for each, in order,
    ///   from any thread.
    func stream(_ batches: @escaping @Sendable (_ number: Int) -> [Int]?) -> PictureStream
}

extension PictureSource {
    /// Pictures in the collection; an index is less than that.
    package var count: Int { collection.items.count }

    /// All indices but those of pictures that are known not to be readable.
    package var usableIndices: [Int] {
        let unusable = Set(failures.map(\.index))
        return (0..<count).filter { !unusable.contains($0) }
    }

    /// These pictures in batches of one size; the last may be smaller.
    package func stream(_ indices: [Int], batchSize: Int) -> PictureStream {
        require(batchSize >= 1, "batches of \(batchSize) pictures")
        return stream { number in
            let first = number * batchSize
            return first < indices.count ? Array(indices[first..<min(first + batchSize, indices.count)]) : nil
        }
    }
}

/// Batches in order. For one consumer; threads that work ahead stop when it is released.
package final class PictureStream {
    private let produce: () throws(ImageError) -> PictureBatch?

    init(_ produce: @escaping () throws(ImageError) -> PictureBatch?) {
        self.produce = produce
    }

    /// The next batch, waited for if need be, or nil after the last.
    ///
    /// - Throws: under `isStrict`, the error of the first picture that could not be read.
    package func next() throws(ImageError) -> PictureBatch? { try produce() }
}

/// Settings for reading pictures.
package struct LoadingOptions: Sendable {
    /// Threads that decode, beside those that compute; nil for as many as the process may use processors.
    package var threads: Int?
    /// Whether a picture that cannot be read is an error; otherwise it is left out and listed.
    package var isStrict: Bool
    /// Bytes that decoded pictures may take in memory; more than that are read again in every epoch.
    package var memory: Int

    /// - Parameter memory: nil for 2 GB, or a quarter of the memory that this process may take if that is less. What is read does not
    ///   depend on it, only how often.
    package init(threads: Int? = nil, isStrict: Bool = false, memory: Int? = nil) {
        self.threads = threads
        self.isStrict = isStrict
        self.memory = memory ?? min(2 << 30, MemoryLimit.current.bytes / 4)
    }
}
