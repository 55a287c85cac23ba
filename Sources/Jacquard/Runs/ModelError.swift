import Autoencoders
import Checkpoints
public import Foundation
import Images
import LanguageModels
import TextCorpora
import TrainingRuns

/// What went wrong with a text, with pictures, or with a run of ``TextModel`` or ``PictureModel``. The description says
/// what, where, and what to do; a store's own errors come as `StoreError`.
public struct ModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What an error is about.
    public enum Kind: Equatable, Sendable {
        /// An option or a parameter out of its range, by its name: `learningRate`, `topP`; of `kind`, `noise` or `masking`.
        case option(String)
        /// The text or the pictures: a file that is not there, cannot be read, or holds too little.
        case data
        /// A run: it has nothing to go on from, diverged, or does not fit its checkpoint.
        case run
        /// This machine has no memory, or no room on its disk, for what was asked.
        case resources
    }

    /// What the error is about.
    public let kind: Kind
    /// A sentence for people.
    public let description: String

    init(_ kind: Kind, _ description: String) { (self.kind, self.description) = (kind, description) }

    /// Runs a body and gives the errors of the modules below as errors of the face.
    /// - Parameter isStored: whether what the body trains is in a store.
    static func translating<Result>(isStored: Bool = true, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as RunError {
            throw ModelError(Kind(error), OptionNames.inSwift(error.text(for: .developer, isStored: isStored)))
        } catch let error as any DataError {
            throw ModelError(.data, OptionNames.inSwift(error.textForDeveloper))
        }
    }

    /// - Throws: a ``ModelError`` about a parameter, if the condition does not hold.
    static func check(_ condition: Bool, _ parameter: String, _ reason: @autoclosure () -> String) throws(ModelError) {
        guard condition else { throw ModelError(.option(parameter), "`\(parameter)`: \(reason())") }
    }
}

/// Libraries set the names of options in backquotes, as the commands have them; here they are those of Swift properties.
private enum OptionNames {
    private static let others = ["lr": "learningRate", "gray": "isGray"]

    static func inSwift(name: String) -> String {
        others[name]
            ?? name.split(separator: "-").enumerated().map { $0 == 0 ? String($1) : $1.capitalized }.joined()
    }

    /// Backquotes within a word are its own: of the name of a file.
    static func inSwift(_ message: String) -> String {
        message.replacing(/(^|[\s("'])`([a-z]+(?:-[a-z]+)*)`(?!\.?\w)/) { "\($0.1)`\(inSwift(name: String($0.2)))`" }
    }
}

extension ModelError: LocalizedError {
    /// The description, for code that shows `localizedDescription`.
    public var errorDescription: String? { description }
}

extension ModelError.Kind {
    fileprivate init(_ error: RunError) {
        switch error {
        case .invalidOption(let option, _), .fixedByRun(_, let option, _):
            self = .option(OptionNames.inSwift(name: option))
        case .notEnoughMemory, .notEnoughSpace: self = .resources
        case .damagedCheckpoint, .weightsAlone, .diverged, .worseThanGuessing, .runFinished, .runLost, .nothingSaved:
            self = .run
        }
    }
}

/// Errors about what a model learns from or is shown.
private protocol DataError: Error {
    /// The description, with what can be done by functions.
    var textForDeveloper: String { get }
}

extension DataError {
    var textForDeveloper: String { "\(self)" }
}

extension ImageError: DataError {}
extension AnalysisError: DataError {}

extension LanguageModelError: DataError {
    var textForDeveloper: String { text(for: .developer) }
}

extension AutoencoderError: DataError {
    var textForDeveloper: String { text(for: .developer) }
}

extension TextError: DataError {
    /// A program's standard input is its own, and a ``TextModel`` reads characters.
    var textForDeveloper: String {
        switch self {
        case .noPaths: "no text given: name one or more files or folders"
        case .otherFormat(let path, let format): "\(path): is not text: it is \(format.name). Give its text instead"
        case .binary(let path, let reason, let encodings, _):
            "\(TextError.binary(path: path, reason: reason, encodings: encodings, unitIsFixed: true))"
        default: "\(self)"
        }
    }
}
