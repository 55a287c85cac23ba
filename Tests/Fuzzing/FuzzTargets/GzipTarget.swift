import ByteStreams
import CZlib
import FileTrees
import TextCorpora

extension FuzzTarget {
    /// The first byte chooses how much is read at a time.
    static let gzip = FuzzTarget(
        "gzip",
        "Files that may be compressed. What is read does not depend on how much is read at a time, and is what zlib's own "
            + "reader of files gives; what was compressed comes back",
        words: ["\\x1f\\x8b\\x08\\x00", "\\x1f\\x8b\\x08\\x08", "\\x1f\\x8b\\x08\\x1c"],
        seeds: {
            let texts = [
                [], Array("Some text, some more text, and some text again.".utf8), [UInt8](0...255) + [UInt8](0...255),
            ]
            let zipped = texts.map { compressed($0, level: 9) }
            return texts.map { [1] + $0 } + zipped.map { [7] + $0 }
                + [[3] + zipped[1] + zipped[2] + [0, 0, 0], [3] + compressed(texts[2] + texts[1], level: 0)]
        },
        run: { input in
            var input = InputReader(input)
            let piece = 1 + input.choice(of: 256), content = input.remainder()
            let path = try ScratchFolder.write(content, "gzip")
            let whole = try attempt { try read(path, 1 << 16) }, parts = try attempt { try read(path, piece) }
            try demand((whole == nil) == (parts == nil), "read in other pieces, it is and is not refused")
            if let whole {
                try demand(whole == parts, "read in other pieces, it is something else")
                // What only begins like gzip, with a method that there is not, is data to us and an error to zlib.
                let isOther = content.starts(with: [0x1f, 0x8b]) && content.dropFirst(2).first != 8
                // Zeros are the end to zlib, and what follows them is lost; here they may pad one member up to the next.
                let byZlib = readByZlib(path)
                try demand(
                    isOther || whole == byZlib || (content.contains([0, 0x1f, 0x8b]) && whole.starts(with: byZlib)),
                    "zlib reads something else")
            }
            let packed = try ScratchFolder.write(compressed(content, level: Int32(piece % 10)), "gzip")
            try demand(try attempt { try read(packed, piece) } == content, "what was compressed does not come back")
        })

    private static func read(_ path: String, _ piece: Int) throws -> [UInt8] {
        let stream = try ByteStream<TextError>(RawPath(path), largestExpansion: 1 << 22)
        var all: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let head = Array(try stream.peek(min(piece, 5)))
            let count = try stream.read(into: buffer)
            try demand(
                head.count <= count && buffer.prefix(head.count).elementsEqual(head), "a look shows something else")
            all += buffer.prefix(count)
            if count < piece { break }
        }
        try demand(
            try stream.isAtEnd() && stream.bytesGiven == all.count, "\(stream.bytesGiven) bytes, not \(all.count)")
        return all
    }

    private static func readByZlib(_ path: String) -> [UInt8] {
        guard let file = gzopen(path, "rb") else { return [] }
        defer { gzclose(file) }
        var all: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Int(gzread(file, &buffer, UInt32(buffer.count)))
            if count <= 0 { return all }
            all += buffer.prefix(count)
        }
    }

    static func compressed(_ bytes: [UInt8], level: Int32) -> [UInt8] {
        var stream = z_stream()
        jacquard_gzip_deflate_init(&stream, level)
        defer { deflateEnd(&stream) }
        var source = bytes, target = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 32)
        let room = target.count
        return source.withUnsafeMutableBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(source.count))
                (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(room))
                deflate(&stream, Z_FINISH)
                return Array(target.prefix(room - Int(stream.avail_out)))
            }
        }
    }
}
