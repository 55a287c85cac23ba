import ByteStreams
import FileTrees
import Foundation

/// The file that somebody writes in. It is their own text: it is read whole, replaced whole, only when that is asked for,
/// and never if somebody else has changed it meanwhile.
struct WritingFile {
    let path: String
    /// What it held when it was read or saved last; nil where there was none.
    private(set) var saved: [UInt8]?

    /// More is no text that somebody writes by hand, and would be held several times.
    private static let largest = 1 << 28

    /// A file that is there, or is to be.
    /// - Parameter isText: whether its bytes must be UTF-8.
    init(_ path: String, isText: Bool) throws(WritingError) {
        self.path = path
        saved = try Self.read(path)
        if saved == nil {
            guard FileTree.isFolder(RawPath(path).folder) else {
                throw .unwritable(path: path, reason: "there is no folder \(RawPath(path).folder.text)")
            }
        }
        guard RawPath(path).folder.withCString({ access($0, W_OK) }) == 0 else {
            throw .unwritable(path: path, reason: systemMessage(errno))
        }
        let text = saved ?? []
        if isText, let offset = Self.firstInvalid(text) {
            throw .notUTF8(path: path, byte: text[offset], offset: offset)
        }
    }

    /// A new file.
    init(new path: String) throws(WritingError) {
        guard FileTree.status(RawPath(path)) == nil else { throw .isThere(path: path) }
        self.path = path
    }

    /// A file of a name that none has here.
    static func unused() throws(WritingError) -> WritingFile {
        var number = 1
        while FileTree.status(RawPath("written-\(number).txt")) != nil { number += 1 }
        return try WritingFile(new: "written-\(number).txt")
    }

    /// Replaces the file: its path leads to all of the text, or to what was there before, never to a part.
    mutating func save(_ text: [UInt8]) throws(WritingError) {
        guard try Self.read(path) == saved else { throw saved == nil ? .isThere(path: path) : .changed(path: path) }
        try text.withUnsafeBufferPointer { (bytes) throws(WritingError) in
            try OutputFile<WritingError>.replace(path, with: UnsafeRawBufferPointer(bytes))
        }
        saved = text
    }

    private static func read(_ path: String) throws(WritingError) -> [UInt8]? {
        guard let isFile = FileTree.isRegularFile(RawPath(path)) else { return nil }
        let file = try InputFile<WritingError>(RawPath(path))
        guard isFile, let size = file.size else {
            throw .unreadable(path: path, reason: "it is no file that can be replaced")
        }
        guard size <= largest else { throw .unreadable(path: path, reason: "it has more than 268 MB") }
        return try file.bytes(0..<size)
    }

    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        var decoder = UTF8(), iterator = bytes.makeIterator(), offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }
}

/// What can be wrong with a file to write in.
enum WritingError: Error, Equatable, FileFailure, WritingFailure {
    case noSuchFile(path: String)
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    case notUTF8(path: String, byte: UInt8, offset: Int)
    /// Somebody else wrote to it since it was read.
    case changed(path: String)
    /// A file that is not the writer's.
    case isThere(path: String)
    /// Nobody can be asked.
    case noTerminal(what: String)
}

extension WritingError: LocalizedError {
    var errorDescription: String? {
        switch self {
        case .noSuchFile(let path): "\(path): no such file"
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .notUTF8(let path, let byte, let offset):
            "\(path): byte 0x\(String(byte, radix: 16, uppercase: true)) at offset \(offset) is not UTF-8, and this model "
                + "writes characters. Convert a copy: iconv -f ENCODING -t UTF-8 \(path) > COPY"
        case .changed(let path):
            "\(path): another program has changed it since it was read here, and it stays as it is. Save under another name"
        case .isThere(let path): "\(path): is there already, and stays as it is. Save under another name"
        case .noTerminal(let what):
            "\(what) is no terminal, and nobody can be asked. For a program or a pipe there is charnn sample --prime-file FILE"
        }
    }
}
