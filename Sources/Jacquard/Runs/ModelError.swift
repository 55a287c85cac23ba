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
        /// An option out of its range, by its name, `hidden` for instance.
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
    static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as RunError {
            throw ModelError(Kind(error), "\(error)")
        } catch let error as any DataError {
            throw ModelError(.data, "\(error)")
        }
    }
}

extension ModelError: LocalizedError {
    /// The description, for code that shows `localizedDescription`.
    public var errorDescription: String? { description }
}

extension ModelError.Kind {
    fileprivate init(_ error: RunError) {
        switch error {
        case .invalidOption(let option, _): self = .option(option)
        case .fixedByRun(_, let option, _): self = .option(option)
        case .notEnoughMemory, .notEnoughSpace: self = .resources
        case .damagedCheckpoint, .weightsAlone, .diverged, .worseThanGuessing, .runFinished, .runLost, .nothingSaved:
            self = .run
        }
    }
}

/// Errors about what a model learns from or is shown.
private protocol DataError: Error {}
extension TextError: DataError {}
extension ImageError: DataError {}
extension LanguageModelError: DataError {}
extension AutoencoderError: DataError {}
extension AnalysisError: DataError {}
