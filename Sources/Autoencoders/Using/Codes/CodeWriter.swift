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

    /// Both files keep in step, so that they belong together wherever an end may come.
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
    package var count: Int { names.count }
    /// Codes of the same names that the run had before, and has no more.
    package private(set) var replaced = 0
    /// A picture that is reached twice has its code twice, and the store keeps one of them. In bytes: to the store, names
    /// that look alike are two.
    private var names: Set<[UInt8]> = []
    private let store: CheckpointStore
    private let run: Run.ID
    private let step: Int
    private var pending: [StoredCode] = []

    private static let transaction = 4096

    /// - Parameter step: whose weights make the codes.
    package init(_ store: CheckpointStore, run: Run.ID, step: Int) {
        (self.store, self.run, self.step) = (store, run, step)
    }

    package func append(_ codes: PictureCodes) throws {
        pending += (0..<codes.count).map {
            StoredCode(name: codes.names[$0], label: codes.labels[$0], step: step, values: codes.code($0))
        }
        let before = names.count
        names.formUnion(codes.names.map { Array($0.utf8) })
        // Written over one another, not over what was there before.
        replaced -= codes.count - (names.count - before)
        if pending.count >= Self.transaction { try write() }
    }

    package func finish() throws { try write() }

    private func write() throws {
        replaced += try store.saveCodes(pending, of: run)
        pending.removeAll(keepingCapacity: true)
    }
}
