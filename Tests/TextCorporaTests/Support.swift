import CZlib
import Foundation
import TextCorpora

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
