import CZlib

/// Decompresses gzip data (RFC 1952), any number of members one after another, with bounded memory.
final class GzipReader: ByteReader {
    private static let inputSize = 256 << 10

    private let path: String
    private let source: any ByteReader
    private let largestExpansion: Int
    private var taken = 0
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableRawBufferPointer
    private var decoded = 0
    private var insideMember = true
    private var sourceIsAtEnd = false

    static func isGzip(_ head: [UInt8]) -> Bool {
        head.count >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8
    }

    /// - Parameter largestExpansion: `ReadingOptions.largestExpansion`.
    init(_ source: any ByteReader, path: String, largestExpansion: Int) throws(TextError) {
        self.source = source
        self.path = path
        self.largestExpansion = largestExpansion
        input = .allocate(byteCount: Self.inputSize, alignment: 16)
        // zlib keeps a pointer back to the stream, so it must not move: it lives on the heap.
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard jacquard_gzip_inflate_init(stream) == Z_OK else { throw .outOfMemory(bytes: 1 << 16) }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TextError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var filled = 0
        while filled < buffer.count {
            if stream.pointee.avail_in == 0 && !sourceIsAtEnd { try refill() }
            if !insideMember {
                guard try beginNextMember() else { break }
                continue
            }
            stream.pointee.next_out = (base + filled).assumingMemoryBound(to: UInt8.self)
            let room = min(buffer.count - filled, Int(UInt32.max))
            stream.pointee.avail_out = UInt32(room)
            let status = inflate(stream, Z_NO_FLUSH)
            let produced = room - Int(stream.pointee.avail_out)
            filled += produced
            decoded += produced
            if decoded > largestExpansion && decoded / 200 > taken {
                throw .expandsTooFar(path: path, decoded: decoded, compressed: taken)
            }
            switch status {
            case Z_STREAM_END:
                insideMember = false
            case Z_OK, Z_BUF_ERROR:
                if sourceIsAtEnd && stream.pointee.avail_in == 0 && produced == 0 {
                    throw .truncatedGzip(path: path, decoded: decoded)
                }
            default:
                throw .corruptGzip(path: path, decoded: decoded, reason: message(status))
            }
        }
        return filled
    }

    private func refill() throws(TextError) {
        let count = try source.read(into: input)
        taken += count
        sourceIsAtEnd = count < input.count
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
    }

    /// Between members: false at the end of the data. Zero bytes there are padding (tapes, block devices).
    private func beginNextMember() throws(TextError) -> Bool {
        while stream.pointee.avail_in > 0, let next = stream.pointee.next_in, next.pointee == 0 {
            stream.pointee.next_in = next + 1
            stream.pointee.avail_in -= 1
        }
        guard stream.pointee.avail_in > 0 else { return !sourceIsAtEnd }
        guard stream.pointee.next_in.pointee == 0x1f else {
            throw .corruptGzip(path: path, decoded: decoded, reason: "data that are not gzip follow")
        }
        inflateReset(stream)
        insideMember = true
        return true
    }

    private func message(_ status: Int32) -> String {
        stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
    }
}
