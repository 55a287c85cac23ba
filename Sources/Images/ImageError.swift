package import ByteStreams
import Foundation

/// What can be wrong with a file of pictures or numbers, or with what was asked of it.
///
/// Every description says where (the path), what, and what to do.
package enum ImageError: Error, Equatable, Sendable {
    case noSuchFile(path: String)
    /// The file could not be opened or read; `reason` is the system's own text.
    case unreadable(path: String, reason: String)
    /// The content is no picture, whatever the name says; `reason` is what it is instead ("it is a text file").
    case notAPicture(path: String, reason: String)
    /// The data end before the picture or the numbers do.
    case truncated(path: String, reason: String)
    /// The data contradict themselves or their format.
    case damaged(path: String, reason: String)
    /// Nothing is wrong with the file, but this kind is not read.
    case unsupported(path: String, reason: String)
    /// More pixels than are decoded: found in the header, before anything is allocated.
    case tooLarge(path: String, width: Int, height: Int, limit: Int)
    /// The system would not give this many bytes.
    case outOfMemory(path: String, bytes: Int)
    /// The file could not be written; `reason` is the system's own text.
    case unwritable(path: String, reason: String)
    /// A file of labels that does not fit the images beside it.
    case labelCount(path: String, labels: Int, images: Int)
    /// No path was given.
    case noPaths
    /// A folder, or an array, without a picture that can be used; `skipped` sums up what else is there.
    case noPictures(path: String, skipped: String)
    /// Every one of `count` pictures failed; `first` is the message of the first.
    case nothingReadable(count: Int, first: String)
    /// A size asked for as text.
    case invalidSize(text: String, longest: Int)
    /// A color asked for as text.
    case invalidColor(text: String)
    /// The pictures to be held out do not fit the collection.
    case invalidSplit(reason: String)
}

extension ImageError: CustomStringConvertible, LocalizedError {
    package var description: String {
        switch self {
        case .noSuchFile(let path):
            "\(path): no such file"
        case .unreadable(let path, let reason):
            "\(path): cannot be read: \(reason)"
        case .notAPicture(let path, let reason):
            "\(path): is not a picture: \(reason). PNG and JPEG pictures, IDX and NumPy arrays are read, whatever their "
                + "names end in"
        case .truncated(let path, let reason):
            "\(path): is cut short: \(reason). Copy or download it again"
        case .damaged(let path, let reason):
            "\(path): is damaged: \(reason). Copy or download it again, or open and save it with another program"
        case .unsupported(let path, let reason):
            "\(path): cannot be used: \(reason)"
        case .tooLarge(let path, let width, let height, let limit):
            "\(path): is too large: \(width) × \(height) pixels, and up to \(limit / 1_000_000) million are decoded. "
                + "Make it smaller with another program"
        case .outOfMemory(let path, let bytes):
            "\(path): not enough memory: \(bytes) bytes are needed in one piece"
        case .unwritable(let path, let reason):
            "\(path): cannot be written: \(reason)"
        case .labelCount(let path, let labels, let images):
            "\(path): holds \(labels) labels for \(images) images: put the labels that belong to the images beside them"
        case .noPaths:
            "no pictures given: name one or more folders, picture files, or arrays (IDX, .npy)"
        case .noPictures(let path, let skipped):
            skipped.isEmpty
                ? "\(path): holds no pictures"
                : "\(path): holds no pictures that can be used (skipped: \(skipped)). PNG and JPEG files, IDX and NumPy "
                    + "arrays are read"
        case .nothingReadable(let count, let first):
            "none of the \(count) pictures could be read; the first: \(first)"
        case .invalidSize(let text, let longest):
            "\"\(text)\" is no size: width by height in pixels, such as 64x48, each from 1 to \(longest)"
        case .invalidColor(let text):
            "\"\(text)\" is no color: white, black, gray, or #rrggbb in hexadecimal digits"
        case .invalidSplit(let reason):
            reason
        }
    }

    package var errorDescription: String? { description }
}

extension ImageError: WritingFailure {}

extension ImageError: StreamFailure {
    package static func gzip(_ fault: GzipFault, path: String, compressed: Int, decompressed: Int) -> ImageError {
        switch fault {
        case .truncated: .truncated(path: path, reason: "the gzip data end in the middle")
        case .damaged(let reason): .damaged(path: path, reason: "zlib says \"\(reason)\"")
        case .otherDataFollow: .damaged(path: path, reason: "other data follow the gzip data")
        case .expandsTooFar:
            .unsupported(path: path, reason: "\(compressed) bytes of gzip data become more than \(decompressed)")
        case .outOfMemory: .outOfMemory(path: path, bytes: 1 << 16)
        }
    }
}
