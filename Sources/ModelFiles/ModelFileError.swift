import ByteStreams
import Foundation

/// What can be wrong with a file that models are exchanged in. Descriptions say what, where, and what to do.
package enum ModelFileError: Error, Equatable, Sendable {
    case noSuchFile(path: String)
    /// `reason` is the system's own text.
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The file is none of its format, or contradicts it.
    case damaged(path: String, reason: String)
    /// A tensor that is stored in a type that has no single-precision numbers.
    case unsupportedType(path: String, tensor: String, type: String)
    /// A tensor has a name that the format cannot hold.
    case invalidName(String)
    /// The program was built without the library that the format needs, which a trait of the package brings.
    case notBuiltIn(format: String, trait: String)
    /// More than a file of the format can hold.
    case tooLarge(format: String)
}

extension ModelFileError: FileFailure, WritingFailure {}

extension ModelFileError: CustomStringConvertible, LocalizedError {
    package var description: String {
        switch self {
        case .noSuchFile(let path): "\(path): no such file"
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .damaged(let path, let reason):
            "\(path): is no safetensors file, or a damaged one: \(reason). Copy or save it again"
        case .unsupportedType(let path, let tensor, let type):
            "\(path): the tensor \(tensor) holds numbers of type \(type); F32, F16, BF16 and F64 are read. Convert it first, "
                + "in PyTorch with .float()"
        case .notBuiltIn(let format, let trait):
            "this program was built without \(format). scripts/install builds it with everything; by hand, "
                + "`swift build -c release --traits \(trait)` does"
        case .tooLarge(let format): "the model is too large for a file in the format of \(format), which ends at 2 GB"
        case .invalidName(let name): "a tensor cannot be called '\(name)' in this format"
        }
    }

    package var errorDescription: String? { description }
}
