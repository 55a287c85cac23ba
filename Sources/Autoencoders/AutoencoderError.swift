import Foundation

/// What can go wrong with an autoencoder, apart from its pictures, its store and its run. Descriptions say what, where,
/// and what to do.
public enum AutoencoderError: Error, Equatable, Sendable {
    /// A run is resumed on pictures that are not those it was trained on.
    case otherPictures(run: String, expected: String, found: String)
    /// A run is resumed, and its pictures are not where they were.
    case picturesNotFound(run: String, paths: [String], reason: String)
    /// Codes that a model cannot decode.
    case codeLength(path: String, found: Int, expected: Int, run: String)
    case invalidCodes(path: String, reason: String)
    /// Something was asked of a model that it is not made for.
    case kind(run: String, kind: String, reason: String)
    /// Fewer pictures than are needed.
    case tooFewPictures(needed: Int, found: Int, purpose: String)
}

extension AutoencoderError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .otherPictures(let run, let expected, let found):
            "the pictures are not those that run '\(run)' was trained on (fingerprint \(found.prefix(12))…, recorded "
                + "\(expected.prefix(12))…). Give the original pictures, or start a new run"
        case .picturesNotFound(let run, let paths, let reason):
            "the pictures of run '\(run)' cannot be read again from \(paths.joined(separator: ", ")): \(reason). "
                + "Give their path: ae train PATH --resume \(run)"
        case .codeLength(let path, let found, let expected, let run):
            "\(path) holds codes of \(found) numbers, and run '\(run)' decodes codes of \(expected). Encode with the "
                + "same run, or name another with --run"
        case .invalidCodes(let path, let reason): "\(path) holds no codes: \(reason)"
        case .kind(let run, let kind, let reason): "run '\(run)' is a \(kind) model: \(reason)"
        case .tooFewPictures(let needed, let found, let purpose):
            "\(purpose) takes at least \(needed) pictures, and there \(found == 1 ? "is" : "are") \(found)"
        }
    }
}

extension AutoencoderError: LocalizedError {
    public var errorDescription: String? { description }
}
