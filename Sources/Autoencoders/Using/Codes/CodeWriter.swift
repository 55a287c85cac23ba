import ByteStreams
package import Checkpoints
import Foundation
import Images
package import TensorCore

/// Where codes go as they come. What was appended is there whatever happens afterwards: an encoding that is interrupted
/// leaves a usable part.
package protocol CodeWriter: AnyObject {
    /// Codes appended so far; where each name has one, those of one name count once.
    var count: Int { get }
    func append(_ codes: PictureCodes) throws
    /// Writes what is pending, and waits for the disk.
    func finish() throws
}

extension CodeFile {
    /// Checks a place for codes before the work for them begins.
    ///
    /// - Throws: ``AutoencoderError/outputKind(path:expected:)``, ``AutoencoderError/outputExists(path:reason:)``
    package static func check(_ path: String, _ overwriting: OutputGuard) throws(AutoencoderError) {
        guard let kind = CodeFile(path: path) else { throw .outputKind(path: path, expected: ".csv or .npy") }
        try overwriting.check(path)
        if kind == .npy { try overwriting.check(namesPath(besideArray: path)) }
    }

    /// A writer to a file, whose place must be free or free to be replaced.
    ///
    /// - Parameter weights: the fingerprint of those that make the codes, to be known again by ``weights(of:)``.
    /// - Throws: as ``check(_:_:)``, `ImageError.unwritable`.
    package static func writer(
        to path: String, length: Int, weights: String? = nil, _ overwriting: OutputGuard = OutputGuard()
    ) throws -> any CodeWriter {
        guard let kind = CodeFile(path: path) else {
            throw AutoencoderError.outputKind(path: path, expected: ".csv or .npy")
        }
        try check(path, overwriting)
        try OutputGuard.makeFolder(of: path)
        switch kind {
        case .npy: return try CodeArrayWriter(path: path, length: length, weights: weights, overwriting)
        case .csv: return try CodeTableWriter(path: path, length: length, weights: weights, overwriting)
        }
    }
}

extension SavedAutoencoder {
    /// Encodes pictures and writes the codes as they are made.
    ///
    /// - Parameter makeWriter: called when the first codes are there: until then nothing is touched.
    /// - Returns: how far it came, how many codes were written, and whether several are all the same.
    /// - Throws: as ``PicturePass/run(_:_:)``, and what the writer throws; what was written until then stays.
    package func encode(
        _ pass: PicturePass, in context: ComputeContext, _ observer: PicturePass.Observer = .init(),
        to makeWriter: () throws -> any CodeWriter
    ) throws -> (progress: PicturePass.Progress, written: Int, areAllTheSame: Bool) {
        var writer: (any CodeWriter)?, first: [Float]?, differ = false
        let progress = try encode(pass, in: context, observer) { _, codes in
            let opened = try writer ?? makeWriter()
            writer = opened
            try opened.append(codes)
            first = first ?? codes.code(0)
            differ = differ || (0..<codes.count).contains { codes.code($0) != first }
        }
        try writer?.finish()
        let count = writer?.count ?? 0
        return (progress, count, count > 1 && !differ)
    }
}

/// Writes codes to a `.csv` file.
final class CodeTableWriter: CodeWriter {
    private(set) var count = 0
    private let file: OutputFile<ImageError>
    private let path: String
    private let weights: String?
    private let overwriting: OutputGuard

    init(path: String, length: Int, weights: String?, _ overwriting: OutputGuard) throws {
        (self.path, self.weights, self.overwriting) = (path, weights, overwriting)
        file = try OutputFile<ImageError>(creating: path)
        try file.append(CodeTable.header(length: length))
    }

    func append(_ codes: PictureCodes) throws {
        try file.append(CodeTable.records(codes))
        count += codes.count
    }

    func finish() throws {
        try file.synchronize()
        try overwriting.listWritten(path, weights: weights)
    }
}

/// Writes codes to an `.npy` file, and names and labels to a table beside it.
final class CodeArrayWriter: CodeWriter {
    private let array: NumPyWriter<Float>
    private let names: OutputFile<ImageError>
    private let weights: String?
    private let overwriting: OutputGuard

    var count: Int { array.rowCount }

    init(path: String, length: Int, weights: String?, _ overwriting: OutputGuard) throws {
        (self.weights, self.overwriting) = (weights, overwriting)
        array = try NumPyWriter(path: path, rowShape: [length])
        names = try OutputFile<ImageError>(creating: CodeFile.namesPath(besideArray: path))
        try names.append(CommaSeparated.record(["name", "label"]))
    }

    /// Both files keep in step, so that they belong together whenever writing is ended. Only what gives no warning may leave
    /// a batch of codes without names, and whoever reads them says so.
    func append(_ codes: PictureCodes) throws {
        let records = (0..<codes.count).map { CommaSeparated.record([codes.names[$0], codes.labels[$0] ?? ""]) }
        try array.append(codes.codes.values)
        try array.flush()
        try names.append(records.joined())
    }

    func finish() throws {
        try array.finish()
        try names.synchronize()
        try overwriting.listWritten(array.path, weights: weights)
        try overwriting.listWritten(CodeFile.namesPath(besideArray: array.path))
    }
}

/// To the store, with the run. A few thousand go together: each transaction waits for the disk.
package final class StoredCodeWriter: CodeWriter {
    /// Of codes that are kept: a picture that is reached twice has one.
    package var count: Int { written.count }
    /// Codes that the run had before, and has no more.
    package private(set) var replaced = 0
    private let store: CheckpointStore
    private let run: Run
    private let step: Int
    private let replaces: Bool
    private var pending: [StoredCode] = []
    private var written = CodesByName()
    /// What the same weights have made of pictures before.
    private var kept: CodesByName?

    /// By bytes: to the store, names that look alike are two.
    private typealias CodesByName = [[UInt8]: [Float]]

    private static let transaction = 4096

    /// - Parameters:
    ///   - step: whose weights make the codes.
    ///   - replaces: whether codes may take the place of those of other pictures.
    package init(_ store: CheckpointStore, run: Run, step: Int, replaces: Bool = false) {
        (self.store, self.run, self.step, self.replaces) = (store, run, step, replaces)
    }

    package func append(_ codes: PictureCodes) throws {
        for index in 0..<codes.count {
            let code = StoredCode(
                name: codes.names[index], label: codes.labels[index], step: step, values: codes.code(index))
            let name = Array(code.name.utf8)
            try refuseAnother(code, of: written[name])
            guard written.updateValue(code.values, forKey: name) == nil else { continue }
            pending.append(code)
        }
        if pending.count >= Self.transaction { try write() }
    }

    package func finish() throws { try write() }

    /// Removes the codes of pictures that were not among these. Once all of them have come: whoever is interrupted has lost
    /// nothing.
    package func removeOthers() throws { replaced += try store.removeCodes(of: run.id, except: Set(written.keys)) }

    /// - Throws: ``AutoencoderError/codeOfAnother(name:run:)``, `StoreError`
    private func write() throws {
        guard !pending.isEmpty else { return }
        if !replaces {
            let kept = try kept ?? codesBefore()
            self.kept = kept
            for code in pending { try refuseAnother(code, of: kept[Array(code.name.utf8)]) }
        }
        replaced += try store.saveCodes(pending, of: run.id)
        pending.removeAll(keepingCapacity: true)
    }

    private func codesBefore() throws -> CodesByName {
        Dictionary(
            try store.codes(of: run.id).filter { $0.step == step }.map { (Array($0.name.utf8), $0.values) },
            uniquingKeysWith: { $1 })
    }

    /// The same weights make the same bits of a picture: where they differ, another picture has the name, or it has
    /// changed.
    private func refuseAnother(_ code: StoredCode, of other: [Float]?) throws {
        if let other, other.map(\.bitPattern) != code.values.map(\.bitPattern) {
            throw AutoencoderError.codeOfAnother(name: code.name, run: run.name)
        }
    }
}
