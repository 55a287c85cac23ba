import CZlib
import Foundation
import TextCorpora

/// A folder that is removed with the value that holds it.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("text-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Writes a file, making the folders above it, and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let url = URL(fileURLWithPath: self(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}

extension ReadingOptions {
    /// With a chunk so small that everything falls on a border.
    func inChunks(of size: Int) -> ReadingOptions {
        var options = self
        options.chunkSize = size
        return options
    }
}

extension TextCorpus {
    var text: String { text(in: 0..<count) }
}

/// The error that a reading ends with, or nil.
func failure(_ paths: [String], _ options: ReadingOptions = .init()) -> TextError? {
    do throws(TextError) {
        _ = try TextCorpus.read(paths, options: options)
        return nil
    } catch {
        return error
    }
}

/// One member of gzip data.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 64)
    return input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            _ = withUnsafeMutablePointer(to: &stream) { jacquard_gzip_deflate_init($0, 6) }
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            _ = deflate(&stream, Z_FINISH)
            let count = target.count - Int(stream.avail_out)
            deflateEnd(&stream)
            return Array(target.prefix(count))
        }
    }
}
