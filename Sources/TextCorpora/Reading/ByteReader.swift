import FileTrees
import Requirements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A stream of bytes.
protocol ByteReader: AnyObject {
    /// Fills the buffer; fewer bytes than it holds mean the end of the data.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TextError) -> Int
}

/// The bytes of an open file, pipe or terminal.
final class DescriptorReader: ByteReader {
    let path: String
    private let descriptor: Int32
    private let closesAtEnd: Bool
    private(set) var bytesRead = 0

    /// The size of a file; nil for what has none, such as a pipe.
    var size: Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Opens a path; "-" is standard input.
    init(_ rawPath: RawPath) throws(TextError) {
        path = rawPath.text
        if path == "-" {
            descriptor = 0
            closesAtEnd = false
            return
        }
        closesAtEnd = true
        var opened: Int32
        repeat { opened = rawPath.withCString { open($0, O_RDONLY | O_CLOEXEC) } } while opened < 0 && errno == EINTR
        descriptor = opened
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
    }

    deinit {
        if closesAtEnd && descriptor >= 0 { _ = close(descriptor) }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TextError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var filled = 0
        // A pipe gives what it has: go on until the buffer is full or the writer is gone.
        while filled < buffer.count {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, base + filled, buffer.count - filled)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, base + filled, buffer.count - filled)
            #else
                let count = Darwin.read(descriptor, base + filled, buffer.count - filled)
            #endif
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path, errno)
            }
            if count == 0 { break }
            filled += count
        }
        bytesRead += filled
        return filled
    }

    static func failure(_ path: String, _ code: Int32) -> TextError {
        code == ENOENT || code == ENOTDIR
            ? .noSuchFile(path: path) : .unreadable(path: path, reason: String(cString: strerror(code)))
    }
}

/// A reader whose first bytes can be looked at before they are read.
final class PeekableReader: ByteReader {
    private let source: any ByteReader
    private var head: [UInt8] = []
    private var taken = 0

    init(_ source: any ByteReader) {
        self.source = source
    }

    /// The first bytes of the data, as many as there are up to `count`. Only before the first `read`.
    func peek(_ count: Int) throws(TextError) -> [UInt8] {
        require(taken == 0, "peek after read")
        if head.count < count {
            var more = [UInt8](repeating: 0, count: count - head.count)
            let got = try fill(&more)
            head.append(contentsOf: more.prefix(got))
        }
        return head
    }

    private func fill(_ bytes: inout [UInt8]) throws(TextError) -> Int {
        try bytes.withUnsafeMutableBufferPointer { (buffer) throws(TextError) in
            try source.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Leaves out the first `count` bytes, which must have been peeked at.
    func skip(_ count: Int) {
        require(taken + count <= head.count, "skip past what was peeked at")
        taken += count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TextError) -> Int {
        let fromHead = min(head.count - taken, buffer.count)
        if fromHead > 0 {
            head.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<taken + fromHead]))
            }
            taken += fromHead
        }
        guard fromHead < buffer.count else { return fromHead }
        return fromHead + (try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[fromHead...])))
    }
}
