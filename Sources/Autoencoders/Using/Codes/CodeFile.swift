package import Checkpoints
import FileTrees
import Images
import TensorCore

/// Files of codes: `.npy` with names and labels beside it (`codes.npy` and `codes.names.csv`), or `.csv` with all in
/// one.
package enum CodeFile: String, CaseIterable, Sendable {
    case npy, csv

    /// The kind of file that a name stands for by its end; nil for any other end.
    package init?(path: String) {
        self.init(rawValue: RawPath(path).ending)
    }

    /// The path of the file that holds the names and labels of an array's rows.
    package static func namesPath(besideArray path: String) -> String {
        NumPyArray.namesPath(beside: path)
    }

    /// Whether a file holds codes rather than pictures: a table, or an array of one dimension, or one of two that has names
    /// beside it or rows as long as a code. Any other array of two may be a gray picture, and is one.
    ///
    /// - Parameter length: numbers in a code; nil where the model is not known yet.
    package static func isCodes(path: String, length: Int?) -> Bool {
        switch try? ContentKind.of(path: path) {
        case .npy: (try? NumPyReader(path: path)).map { isCodes($0.header.shape, path: path, length: length) } ?? false
        case .text: CodeFile(path: path) == .csv
        default: false
        }
    }

    private static func isCodes(_ shape: [Int], path: String, length: Int?) -> Bool {
        guard shape.count == 2 else { return shape.count < 2 }
        return shape[1] == length || FileTree.isRegularFile(RawPath(namesPath(besideArray: path))) == true
    }

    /// Reads codes, told apart by content. An array without names beside it has numbers for names.
    ///
    /// - Throws: ``AutoencoderError/invalidCodes(path:reason:)``, `ImageError` where the file cannot be read.
    package static func read(path: String) throws -> PictureCodes {
        switch try ContentKind.of(path: path) {
        case .npy: return try readArray(path: path)
        case .text, .empty, .unknown: return try CodeTable.read(path: path)
        case let kind: throw AutoencoderError.invalidCodes(path: path, reason: "it is \(kind)")
        }
    }

    /// The fingerprints of the weights that made a file of codes; none where that is not known: of files that other
    /// programs or older ones wrote, that were changed since, or that lie in another folder by now.
    package static func weights(of path: String) -> [String] {
        let place = RawPath(path)
        return OutputManifest(of: place.folder).weights(of: place)
    }

    private static func readArray(path: String) throws -> PictureCodes {
        let array = try NumPyArray.read(path: path)
        guard array.shape.count == 1 || array.shape.count == 2, !array.values.isEmpty else {
            throw AutoencoderError.invalidCodes(
                path: path, reason: "its shape \(Shape(array.shape)) is not [pictures, numbers in a code]")
        }
        let length = array.shape[array.shape.count - 1], count = array.values.count / length
        if let bad = array.values.firstIndex(where: { !$0.isFinite }) {
            throw AutoencoderError.invalidCodes(path: path, reason: "row \(bad / length) holds \(array.values[bad])")
        }
        let names = try names(besideArray: path, count: count)
        return PictureCodes(
            names: names.map(\.name), labels: names.map(\.label),
            codes: Tensor(array.values, shape: [count, length]))
    }

    private static func names(besideArray path: String, count: Int) throws -> [(name: String, label: String?)] {
        let path = namesPath(besideArray: path)
        guard FileTree.status(RawPath(path)) != nil else {
            return PictureCodes.numbers(upTo: count).map { ($0, nil) }
        }
        let names = try CodeTable.readNames(path: path)
        guard names.count == count else {
            throw AutoencoderError.invalidCodes(
                path: path,
                reason:
                    "it names \(names.count) pictures, and the array beside it holds \(count) codes: they are not of "
                    + "one encoding. Encode again, or take that file away to go without names")
        }
        return names
    }
}

/// The codes that a store keeps with a run.
package struct StoredCodes: Sendable {
    /// The codes that the weights in use have made.
    package let codes: PictureCodes
    /// How many codes of the run the store holds besides, made by other weights.
    package let outdated: Int

    /// - Throws: ``AutoencoderError/noStoredCodes(run:outdated:)`` where there is none of these weights, `StoreError`.
    package static func read(of saved: SavedAutoencoder, from store: CheckpointStore) throws -> StoredCodes {
        let all = try store.codes(of: saved.run.id)
        let current = all.filter { $0.step == saved.step && $0.values.count == saved.codeSize }
        guard !current.isEmpty else {
            throw AutoencoderError.noStoredCodes(run: saved.run.name, outdated: all.count)
        }
        return StoredCodes(
            codes: PictureCodes(
                names: current.map(\.name), labels: current.map(\.label),
                codes: Tensor(current.flatMap(\.values), shape: [current.count, saved.codeSize])),
            outdated: all.count - current.count)
    }
}

extension SavedAutoencoder {
    /// Reads codes from a file, to be decoded or to be compared with those of this model.
    ///
    /// - Parameter needsWeights: whether the codes read have to be of this model's weights: to draw where they lie, they do not.
    /// - Throws: as ``CodeFile/read(path:)`` and ``check(_:from:)``;
    ///   ``AutoencoderError/codesOfOtherWeights(path:run:step:)``
    package func codes(
        inFile path: String, needsWeights: (PictureCodes) -> Bool = { _ in true }
    ) throws -> PictureCodes {
        let codes = try CodeFile.read(path: path)
        try check(codes, from: path)
        let makers = CodeFile.weights(of: path)
        guard makers.isEmpty || makers.contains(fingerprint) || !needsWeights(codes) else {
            throw AutoencoderError.codesOfOtherWeights(path: path, run: run.name, step: step)
        }
        return codes
    }

    /// Codes that this model can decode.
    ///
    /// - Parameter path: where they are from, for messages.
    /// - Throws: ``AutoencoderError/codeLength(path:found:expected:run:)``
    package func check(_ codes: PictureCodes, from path: String) throws(AutoencoderError) {
        guard codes.length == codeSize else {
            throw .codeLength(path: path, found: codes.length, expected: codeSize, run: run.name)
        }
    }
}
