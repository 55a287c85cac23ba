import CZlib
package import FileTrees
import Requirements

/// What can be wrong with gzip data.
package enum GzipFault: Equatable, Sendable {
    /// The data end in the middle of a member.
    case truncated
    /// - reason: what zlib says.
    case damaged(reason: String)
    /// Behind the last member stands something that is neither another member nor zeros.
    case otherDataFollow
    /// The data become more than `largestExpansion` bytes, and more than two hundred times as many as they were.
    case expandsTooFar
    /// zlib was given no memory.
    case outOfMemory
}

/// The errors of a module that reads files which may be compressed.
package protocol StreamFailure: FileFailure {
    /// - Parameters:
    ///   - compressed: bytes taken from the file so far.
    ///   - decompressed: bytes that have come of them.
    static func gzip(_ fault: GzipFault, path: String, compressed: Int, decompressed: Int) -> Self
}

/// The bytes of a file in order, decompressed on the way where they are gzip data (RFC 1952) of one or more members.
/// The first bytes can be looked at before they are read.
///
/// Memory: one buffer of 256 KB, whatever the file holds.
package final class ByteStream<Failure: StreamFailure> {
    private static var inputSize: Int { 256 << 10 }

    private let file: InputFile<Failure>
    private let largestExpansion: Int
    private let input: UnsafeMutableRawBufferPointer
    /// The part of `input` that is still to be given out or decompressed.
    private var pending = 0..<0
    /// zlib keeps a pointer back to its state, which therefore must not move. Nil where the data are not compressed.
    private var inflater: UnsafeMutablePointer<z_stream>?
    private var insideMember = true
    /// Bytes that were peeked at and not read yet.
    private var head: [UInt8] = []

    /// Bytes taken from the file so far, before decompression.
    package private(set) var bytesTaken = 0
    /// Bytes given out so far, after decompression; what was only peeked at counts too.
    package private(set) var bytesGiven = 0

    package var path: String { file.path }
    package var isCompressed: Bool { inflater != nil }
    /// Bytes of a regular file, before decompression; nil for a pipe or device.
    package var fileSize: Int? { file.size }

    /// The most bytes that can come of the whole file, where its size is known: deflate makes at most 1032 out of one.
    package var largestSize: Int? {
        guard let size = file.size else { return nil }
        guard isCompressed else { return size }
        let (most, overflows) = size.multipliedReportingOverflow(by: 1032)
        return overflows ? nil : most
    }

    /// Opens a file and reads its beginning, which tells whether it is compressed.
    ///
    /// - Parameter largestExpansion: compressed data that become more bytes than this, and more than two hundred times
    ///   as many as they were, are refused.
    /// - Throws: `noSuchFile`, `unreadable`; `gzip` without memory.
    package convenience init(_ path: RawPath, largestExpansion: Int = .max) throws(Failure) {
        try self.init(InputFile(path), largestExpansion: largestExpansion)
    }

    package init(_ file: consuming InputFile<Failure>, largestExpansion: Int = .max) throws(Failure) {
        self.file = file
        self.largestExpansion = largestExpansion
        input = .allocate(byteCount: Self.inputSize, alignment: 16)
        try refill()
        // The third byte is the method; deflate is the only one there is.
        guard input[pending].starts(with: [0x1f, 0x8b, 8]) else { return }
        let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        state.initialize(to: z_stream())
        guard jacquard_gzip_inflate_init(state) == Z_OK else {
            state.deallocate()
            throw fault(.outOfMemory)
        }
        inflater = state
    }

    deinit {
        if let inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
        input.deallocate()
    }

    // MARK: Reading

    /// The next bytes of the data, as many as there are up to `count`, without reading past them.
    ///
    /// - Throws: as ``read(into:)``.
    package func peek(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
        if head.count < count {
            var more = [UInt8](repeating: 0, count: count - head.count)
            let got = try more.withUnsafeMutableBufferPointer { (buffer) throws(Failure) in
                try produce(into: UnsafeMutableRawBufferPointer(buffer))
            }
            head.append(contentsOf: more.prefix(got))
        }
        return head.prefix(count)
    }

    /// Leaves out the next `count` bytes, which must have been peeked at.
    package func skip(_ count: Int) {
        require(count <= head.count, "\(count) bytes skipped of \(head.count) that were peeked at")
        head.removeFirst(count)
    }

    /// Fills the buffer with what comes next; fewer bytes than it holds mean the end of the data.
    ///
    /// - Throws: `unreadable`; for compressed data also `gzip`.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let peeked = min(head.count, buffer.count)
        head.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<peeked])) }
        head.removeFirst(peeked)
        guard peeked < buffer.count else { return peeked }
        return peeked + (try produce(into: UnsafeMutableRawBufferPointer(rebasing: buffer[peeked...])))
    }

    /// Whether no byte is left.
    ///
    /// - Throws: as ``read(into:)``: for compressed data this is also where the last check sum is compared.
    package func isAtEnd() throws(Failure) -> Bool { try peek(1).isEmpty }

    private func produce(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let count =
            if let inflater { try inflate(into: buffer, with: inflater) } else { try copy(into: buffer) }
        if !isCompressed { bytesGiven += count }
        return count
    }

    private func refill() throws(Failure) {
        let count = try file.read(into: input)
        bytesTaken += count
        pending = 0..<count
    }

    private func copy(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let first = min(pending.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[pending.prefix(first)]))
        pending = pending.dropFirst(first)
        let rest = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[first...]))
        bytesTaken += rest
        return first + rest
    }

    // MARK: Decompressing

    private func inflate(
        into buffer: UnsafeMutableRawBufferPointer, with state: UnsafeMutablePointer<z_stream>
    ) throws(Failure) -> Int {
        guard let target = buffer.baseAddress, let source = input.baseAddress else { return 0 }
        var filled = 0
        while filled < buffer.count {
            if pending.isEmpty { try refill() }
            if !insideMember {
                guard try beginsMember(state) else { break }
            }
            if pending.isEmpty { throw fault(.truncated) }
            let room = min(buffer.count - filled, Int(UInt32.max))
            state.pointee.next_in = (source + pending.lowerBound).assumingMemoryBound(to: UInt8.self)
            state.pointee.avail_in = UInt32(pending.count)
            state.pointee.next_out = (target + filled).assumingMemoryBound(to: UInt8.self)
            state.pointee.avail_out = UInt32(room)
            let status = CZlib.inflate(state, Z_NO_FLUSH)
            pending = (pending.upperBound - Int(state.pointee.avail_in))..<pending.upperBound
            let produced = room - Int(state.pointee.avail_out)
            filled += produced
            bytesGiven += produced
            if bytesGiven > largestExpansion && bytesGiven / 200 > bytesTaken { throw fault(.expandsTooFar) }
            switch status {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: insideMember = false
            default:
                let text = state.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
                throw fault(.damaged(reason: text))
            }
        }
        return filled
    }

    /// Between members: false at the end of the data. Zero bytes there are padding (tapes, block devices).
    private func beginsMember(_ state: UnsafeMutablePointer<z_stream>) throws(Failure) -> Bool {
        while let first = pending.first {
            if input[first] == 0x1f {
                inflateReset(state)
                insideMember = true
                return true
            }
            guard input[first] == 0 else { throw fault(.otherDataFollow) }
            pending = pending.dropFirst()
            if pending.isEmpty { try refill() }
        }
        return false
    }

    private func fault(_ fault: GzipFault) -> Failure {
        Failure.gzip(fault, path: path, compressed: bytesTaken, decompressed: bytesGiven)
    }
}
