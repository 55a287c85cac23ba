import ByteStreams
package import Checkpoints
import Foundation
import Images
package import TensorCore

/// Where codes go as they come. What was appended is there whatever happens afterwards: an encoding that is interrupted
/// leaves a usable part.
package protocol CodeWriter: AnyObject {
    /// Codes appended so far.
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
    /// - Throws: as ``check(_:_:)``, `ImageError.unwritable`.
    package static func writer(
        to path: String, length: Int, _ overwriting: OutputGuard = OutputGuard()
    ) throws -> any CodeWriter {
        guard let kind = CodeFile(path: path) else {
            throw AutoencoderError.outputKind(path: path, expected: ".csv or .npy")
        }
        try check(path, overwriting)
        try OutputGuard.makeFolder(of: path)
        switch kind {
        case .npy: return try CodeArrayWriter(path: path, length: length, overwriting)
        case .csv: return try CodeTableWriter(path: path, length: length, overwriting)
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
    private let overwriting: OutputGuard

    init(path: String, length: Int, _ overwriting: OutputGuard) throws {
        (self.path, self.overwriting) = (path, overwriting)
        file = try OutputFile<ImageError>(creating: path)
        try file.append(CodeTable.header(length: length))
    }

    func append(_ codes: PictureCodes) throws {
        try file.append(CodeTable.records(codes))
        count += codes.count
    }

    func finish() throws {
        try file.synchronize()
        try overwriting.listWritten(path)
    }
}

/// Writes codes to an `.npy` file, and names and labels to a table beside it.
final class CodeArrayWriter: CodeWriter {
    private let array: NumPyWriter<Float>
    private let names: OutputFile<ImageError>
    private let overwriting: OutputGuard

    var count: Int { array.rowCount }

    init(path: String, length: Int, _ overwriting: OutputGuard) throws {
        self.overwriting = overwriting
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
        for path in [array.path, CodeFile.namesPath(besideArray: array.path)] { try overwriting.listWritten(path) }
    }
}

/// To the store, with the run. A few thousand go together: each transaction waits for the disk.
package final class StoredCodeWriter: CodeWriter {
    package private(set) var count = 0
    /// Codes that the run had before, and has no more.
    package private(set) var replaced = 0
    private let store: CheckpointStore
    private let run: Run
    private let step: Int
    private let replacesAll: Bool
    private var pending: [StoredCode] = []
    /// What the same weights have made of pictures before, by the pictures' names.
    private var kept: [String: [Float]]?

    private static let transaction = 4096

    /// - Parameters:
    ///   - step: whose weights make the codes.
    ///   - replacesAll: whether the codes take the place of all that the run has, also of those of other pictures.
    package init(_ store: CheckpointStore, run: Run, step: Int, replacesAll: Bool = false) {
        (self.store, self.run, self.step, self.replacesAll) = (store, run, step, replacesAll)
    }

    package func append(_ codes: PictureCodes) throws {
        pending += (0..<codes.count).map {
            StoredCode(name: codes.names[$0], label: codes.labels[$0], step: step, values: codes.code($0))
        }
        count += codes.count
        if pending.count >= Self.transaction { try write() }
    }

    package func finish() throws { try write() }

    /// - Throws: ``AutoencoderError/codeOfAnother(name:run:)``, `StoreError`
    private func write() throws {
        guard !pending.isEmpty else { return }
        if !replacesAll { try refuseOthers() }
        let isFirst = count == pending.count
        replaced += try store.saveCodes(pending, of: run.id, replacingAll: replacesAll && isFirst)
        pending.removeAll(keepingCapacity: true)
    }

    /// The same weights make the same code of a picture: where it differs, another picture has the name.
    private func refuseOthers() throws {
        let kept =
            try self.kept
            ?? Dictionary(
                store.codes(of: run.id).filter { $0.step == step }.map { ($0.name, $0.values) },
                uniquingKeysWith: { $1 })
        self.kept = kept
        for code in pending {
            if let other = kept[code.name], other != code.values {
                throw AutoencoderError.codeOfAnother(name: code.name, run: run.name)
            }
        }
    }
}
