import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import Images

/// Where codes come from: pictures that are encoded now, a file of codes, or the store.
enum CodeSource {
    case pictures([String])
    case file(String)
    case store

    /// - Parameter length: numbers in a code; nil before the model is known.
    /// - Throws: `ValidationError` where more than one is meant, or none.
    init(paths: [String], fromStore: Bool, command: String, length: Int? = nil) throws {
        let files = paths.filter { CodeFile.isCodes(path: $0, length: length) }
        switch (paths.isEmpty, fromStore) {
        case (true, true): self = .store
        case (false, true): throw ValidationError("--from-store takes the codes that are stored: leave the paths out")
        case (true, false):
            throw ValidationError("name pictures or a file of codes, for example: ae \(command) pictures")
        case (false, false):
            if files.isEmpty {
                self = .pictures(paths)
            } else if paths.count == 1 {
                self = .file(files[0])
            } else {
                throw ValidationError("\(files[0]) holds codes: name it alone, or name pictures")
            }
        }
    }

    var isPictures: Bool {
        if case .pictures = self { true } else { false }
    }
}

extension ModelUse {
    /// Codes that are there already, in a file or in the store.
    ///
    /// - Parameter needsWeights: whether codes in a file have to be of the weights in use.
    /// - Returns: nil for pictures.
    func existingCodes(
        _ source: CodeSource, store: StoreArguments, needsWeights: (PictureCodes) -> Bool = { _ in true }
    ) throws -> PictureCodes? {
        switch source {
        case .pictures: return nil
        case .file(let path):
            outputs.protect(path: path)
            outputs.protect(path: CodeFile.namesPath(besideArray: path))
            return try saved.codes(inFile: path, needsWeights: needsWeights)
        case .store:
            let opened = try store.open(.readOnly)
            let stored = try StoredCodes.read(of: saved, from: opened)
            try opened.close()
            if stored.outdated > 0 {
                console.line("\(NumberText.count(stored.outdated, "code")) of other weights left out: encode again")
            }
            return stored.codes
        }
    }
}
