import CZlib
import FileTrees

/// The bytes of a file in order, decompressed on the way where they are gzip data (RFC 1952) of one or more members.
final class DataStream {
    private static let inputSize = 64 << 10

    private let file: InputFile
    private let input: UnsafeMutableRawBufferPointer
    /// What of the input is still to be given out or decompressed.
    private var pending: Range<Int>
    /// zlib keeps a pointer back to its state, which therefore must not move. Nil: the data are not compressed.
    private let inflater: UnsafeMutablePointer<z_stream>?
    private var insideMember = true
    private(set) var bytesGiven = 0

    var path: String { file.path }
    var isCompressed: Bool { inflater != nil }

    /// The most bytes that can come of the whole file, where its size is known: deflate makes at most 1032 out of one.
    var largestSize: Int? {
        guard let size = file.size else { return nil }
        guard isCompressed else { return size }
        let (most, overflows) = size.multipliedReportingOverflow(by: 1032)
        return overflows ? nil : most
    }

    init(_ path: RawPath) throws(ImageError) {
        let file = try InputFile(path)
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.inputSize, alignment: 16)
        let count: Int
        do throws(ImageError) {
            count = try file.read(into: input)
        } catch {
            input.deallocate()
            throw error
        }
        var stream: UnsafeMutablePointer<z_stream>?
        if ContentKind(head: UnsafeRawBufferPointer(rebasing: input[..<count])) == .gzip {
            let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            state.initialize(to: z_stream())
            guard jacquard_gzip_inflate_init(state) == Z_OK else {
                state.deallocate()
                input.deallocate()
                throw .outOfMemory(path: path.text, bytes: 1 << 16)
            }
            stream = state
        }
        inflater = stream
        pending = 0..<count
        self.input = input
        self.file = file
    }

    deinit {
        if let inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
        input.deallocate()
    }

    /// Fills the buffer; fewer bytes than it holds mean the end of the data.
    ///
    /// - Throws: `unreadable`; for compressed data also `truncated` and `damaged`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        let count =
            if let inflater { try inflate(into: buffer, with: inflater) } else { try copy(into: buffer) }
        bytesGiven += count
        return count
    }

    private func copy(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        let first = min(pending.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[pending.prefix(first)]))
        pending = pending.dropFirst(first)
        guard first < buffer.count else { return first }
        return first + (try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[first...])))
    }

    private func inflate(
        into buffer: UnsafeMutableRawBufferPointer, with state: UnsafeMutablePointer<z_stream>
    ) throws(ImageError) -> Int {
        guard let target = buffer.baseAddress, let source = input.baseAddress else { return 0 }
        var filled = 0
        while filled < buffer.count {
            if pending.isEmpty { pending = 0..<(try file.read(into: input)) }
            if !insideMember {
                guard try beginsMember(state) else { break }
            }
            if pending.isEmpty {
                throw .truncated(path: path, reason: "the gzip data end in the middle")
            }
            let room = min(buffer.count - filled, Int(UInt32.max))
            state.pointee.next_in = (source + pending.lowerBound).assumingMemoryBound(to: UInt8.self)
            state.pointee.avail_in = UInt32(pending.count)
            state.pointee.next_out = (target + filled).assumingMemoryBound(to: UInt8.self)
            state.pointee.avail_out = UInt32(room)
            let status = CZlib.inflate(state, Z_NO_FLUSH)
            pending = (pending.upperBound - Int(state.pointee.avail_in))..<pending.upperBound
            filled += room - Int(state.pointee.avail_out)
            switch status {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: insideMember = false
            default:
                let text = state.pointee.msg.map { String(cString: $0) } ?? "error \(status)"
                throw .damaged(path: path, reason: "zlib says \"\(text)\"")
            }
        }
        return filled
    }

    /// Between members: false at the end of the data. Zero bytes there are padding (tapes, block devices).
    private func beginsMember(_ state: UnsafeMutablePointer<z_stream>) throws(ImageError) -> Bool {
        while let first = pending.first {
            if input[first] == 0x1f {
                inflateReset(state)
                insideMember = true
                return true
            }
            guard input[first] == 0 else { throw .damaged(path: path, reason: "other data follow the gzip data") }
            pending = pending.dropFirst()
            if pending.isEmpty { pending = 0..<(try file.read(into: input)) }
        }
        return false
    }
}
