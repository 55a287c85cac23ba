/// Why a request cannot be answered.
package enum ServedModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No run of the store has this name; nil: the store has none of the kind.
    case unknownModel(String?, kind: String)
    /// The run is no model that can do this.
    case wrongKind(String, expected: String)
    /// The run has saved no weights yet, or they cannot be used; with the reason.
    case unusable(String, reason: String)
    /// A value that the request gave, by the name of its field.
    case invalid(String, reason: String)
    /// Too many texts are scored or wait for their turn already.
    case busy
    /// The server is about to end.
    case stopping

    package var description: String {
        switch self {
        case .unknownModel(let name?, _): "no run is named '\(name)': /v1/models lists them"
        case .unknownModel(nil, let kind): "the store has no model of \(kind) yet"
        case .wrongKind(let name, let expected): "run '\(name)' is no model of \(expected)"
        case .unusable(let name, let reason): "run '\(name)' cannot be used: \(reason)"
        case .invalid(let field, let reason): "\(field): \(reason)"
        case .busy: "too many texts are being written, scored and waited for: try again in a moment"
        case .stopping: "the server is ending"
        }
    }
}
