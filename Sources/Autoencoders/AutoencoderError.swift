package import Checkpoints
import FileTrees
import Foundation

/// What can go wrong with an autoencoder, apart from its pictures, its store and its run. Descriptions say what, where,
/// and what to do.
package enum AutoencoderError: Error, Equatable, Sendable {
    /// A run is resumed on pictures that are not those it was trained on.
    case otherPictures(run: String, areHeldOut: Bool, expected: String, found: String)
    /// A run is resumed, and its pictures are not where they were.
    case picturesNotFound(run: String, paths: [String], heldOutPaths: [String], reason: String)
    /// The run was made of a file of weights: it has no pictures, nor anything else that training goes on from.
    case imported(run: String, from: String)
    /// A file of weights whose structure is not that of our networks.
    case notAnAutoencoder(path: String, reason: String)
    /// A file of weights does not say how large its pictures are.
    case pictureSizeNeeded(path: String)
    /// Codes that a model cannot decode.
    case codeLength(path: String, found: Int, expected: Int, run: String)
    /// Codes that another model has made, or this one before it was trained further.
    case codesOfOtherWeights(path: String, run: String, step: Int)
    case invalidCodes(path: String, reason: String)
    /// The model is not of the kind that can do what was asked.
    case kind(run: String, kind: String, reason: String)
    /// Fewer pictures than are needed.
    case tooFewPictures(needed: Int, found: Int, purpose: String)
    /// The pictures of a run are wanted again for another purpose than to go on, and are not there or not the same.
    case runPicturesNeeded(run: String, reason: String, instead: String)
    /// The store keeps no codes that the weights in use have made.
    case noStoredCodes(run: String, outdated: Int)
    /// The run has a code of this name already, of another picture.
    case codeOfAnother(name: String, run: String)
    /// One picture had to be named, and the path leads to several.
    case notOnePicture(path: String, found: Int)
    case noSuchPicture(path: String, number: Int, count: Int)
    case unknownLabel(label: String, known: [String])
    /// A file is in the way of what is to be written.
    case outputExists(path: String, reason: String)
    /// A file that is read was named as a place to write to.
    case outputIsInput(path: String)
    /// The file's name does not end in what belongs to what is to be written there.
    case outputKind(path: String, expected: String)
}

extension AutoencoderError: CustomStringConvertible {
    package var description: String { text(for: .user) }

    /// The description, with what this reader can do.
    package func text(for reader: ErrorReader) -> String {
        switch self {
        case .otherPictures(let run, let areHeldOut, let expected, let found):
            "the pictures \(areHeldOut ? "held out " : "")are not those that run '\(run)' "
                + (areHeldOut ? "held out" : "was trained on") + " (fingerprint \(found.prefix(12))…, recorded "
                + "\(expected.prefix(12))…). Give the original pictures, or start a new run"
        case .picturesNotFound(let run, let paths, let heldOutPaths, let reason):
            "the pictures of run '\(run)' cannot be read again from "
                + "\((paths + heldOutPaths).joined(separator: ", ")): \(reason). "
                + "Give their path" + reader.words(" with `at`", "")
        case .imported(let run, let file):
            "run '\(run)' was imported from \(file), without the pictures it was trained on. "
                + reader.words(
                    "It can be used with `open`",
                    "Name pictures; to train on from it, `from` \(ShellText.quoted(run))")
        case .notAnAutoencoder(let path, let reason):
            "\(path) holds no autoencoder that can be read: \(reason). Read are networks like our own: convolutions of "
                + "stride 2 and padding 1 with a 3×3 kernel or none, one or two linear layers, codes, and the same back "
                + "in layers called decoder…"
        case .pictureSizeNeeded(let path):
            "\(path) does not say how large its pictures are: give their `size`, width by height, as in `size` 28x28"
        case .codeLength(let path, let found, let expected, let run):
            "\(path) holds codes of \(found) numbers, and run '\(run)' decodes codes of \(expected). Encode with the "
                + "same run, or name another with `run`"
        case .codesOfOtherWeights(let path, let run, let step):
            "\(path) holds codes that other weights have made than those of run '\(run)', step \(step), to which they "
                + "mean something else. Encode the pictures again, or name the `run` and the `checkpoint` that made them"
        case .invalidCodes(let path, let reason): "\(path) holds no codes: \(reason)"
        case .kind(let run, let kind, let reason): "run '\(run)' is a \(kind) model: \(reason)"
        case .tooFewPictures(let needed, let found, let purpose):
            "\(purpose) takes at least \(needed) picture\(needed == 1 ? "" : "s"), and there \(found == 1 ? "is" : "are") \(found)"
        case .runPicturesNeeded(let run, let reason, let instead):
            "the pictures that run '\(run)' was trained on are needed again: \(reason). \(instead)"
        case .noStoredCodes(let run, let outdated):
            "the store keeps no codes of run '\(run)'"
                + (outdated > 0 ? " but \(outdated) that other weights of it have made" : "")
                + ". Encode pictures into it"
        case .codeOfAnother(let name, let run):
            "run '\(run)' has a code of another picture '\(name)', or of what it was before it changed. To keep codes of "
                + "several folders, name the one that they are in; to replace all codes of the run, give `force`"
        case .notOnePicture(let path, let found):
            "\(path) leads to \(found) pictures, and one is to be named: a file, or a picture of an array by its number, "
                + "as in \(path)#0"
        case .noSuchPicture(let path, let number, let count):
            "\(path) holds \(count) picture\(count == 1 ? "" : "s"), numbered from 0: there is none of number \(number)"
        case .unknownLabel(let label, let known):
            "no picture has the label '\(label)'"
                + (known.isEmpty ? ": none has any" : "; there are \(known.joined(separator: ", "))")
        case .outputExists(let path, let reason):
            "\(path) \(reason). Name another place"
                + reader.words("", " with -o" + (reason.contains("already") ? ", or replace it with `force`" : ""))
        case .outputIsInput(let path):
            "\(path) is one of the files that are read, and is never written over. Name another place"
                + reader.words("", " with -o")
        case .outputKind(let path, let expected): "\(path) cannot be written: its name must end in \(expected)"
        }
    }
}

extension AutoencoderError: LocalizedError {
    package var errorDescription: String? { description }
}

/// What can be wrong with the numbers an analysis is given. Every description says what, where, and what to do.
package enum AnalysisError: Error, Equatable, Sendable {
    /// A row holds an infinity or no number at all.
    case notFinite(row: Int, what: String)
    /// Fewer rows than the analysis means anything for.
    case tooFew(what: String, found: Int, needed: Int)
}

extension AnalysisError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFinite(let row, let what):
            """
            \(what) \(row) (counted from 0) holds a number that is not finite: a model whose training diverged gives \
            such codes, so train it again with a lower learning rate, or leave that one out
            """
        case .tooFew(let what, let found, let needed):
            "\(found) \(what), and at least \(needed) \(needed == 1 ? "is" : "are") needed: give more pictures"
        }
    }
}
