import FileTrees
import Foundation

/// Standard output: where data go. On a terminal each piece appears at once; into a file or a pipe they go together,
/// a few times a second while they come.
package final class StandardOutput {
    package let isTerminal: Bool
    private let writer: DescriptorWriter
    private var buffer: [UInt8] = []
    private let now: () -> ContinuousClock.Instant
    private var lastFlush: ContinuousClock.Instant

    /// - Parameter now: the time that decides when a piece for a file has waited long enough.
    package init(descriptor: Int32 = STDOUT_FILENO, now: @escaping () -> ContinuousClock.Instant = { .now }) {
        writer = DescriptorWriter(descriptor: descriptor)
        (self.now, lastFlush) = (now, now())
        isTerminal = isatty(descriptor) == 1
    }

    /// Data: as they are into a file or a pipe, harmless on a terminal, which would obey what a model writes.
    /// - Throws: ``OutputError``; `closed` means that whoever read has gone.
    package func write(_ text: String) throws(OutputError) {
        try put((isTerminal ? VisibleText.block(text) : text).utf8)
    }

    /// Bytes as they are, where they go into a file or a pipe. A terminal gets text: `\xE9` for what is not UTF-8.
    /// - Parameter bytes: whole characters where they are UTF-8.
    package func write(_ bytes: [UInt8]) throws(OutputError) {
        if isTerminal { return try write(ByteText.text(bytes)) }
        try put(bytes)
    }

    /// Text in a style, on a terminal; elsewhere as it is. Line ends stay plain: some terminals would color the rest of
    /// their lines.
    package func write(_ text: String, _ style: TextStyle) throws(OutputError) {
        guard isTerminal, let code = style.code, text != "\n" else { return try write(text) }
        try put("\u{1B}[\(code)m\(VisibleText.block(text))\u{1B}[0m".utf8)
    }

    /// A line for people. A name in it that holds control characters shows them, and stays in the line.
    package func line(_ text: String = "") throws(OutputError) { try put((VisibleText.line(text) + "\n").utf8) }

    /// For programs. What a terminal would obey is escaped in JSON itself.
    package func json(_ value: JSONValue) throws(OutputError) { try put((value.text + "\n").utf8) }

    package func flush() throws(OutputError) {
        let bytes = buffer
        buffer = []
        lastFlush = now()
        try writer.write(bytes)
    }

    private func put(_ bytes: some Sequence<UInt8>) throws(OutputError) {
        buffer.append(contentsOf: bytes)
        if isTerminal || buffer.count >= 16 << 10 || now() - lastFlush > .milliseconds(200) {
            try flush()
        }
    }
}

/// What can go wrong with standard output.
package enum OutputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nobody reads any more, as with `| head`.
    case closed
    case failed(reason: String)

    package var description: String {
        switch self {
        case .closed: "nobody reads the output any more"
        case .failed(let reason): "cannot write the output: \(reason)"
        }
    }
}

/// Writes whole texts to a file descriptor.
struct DescriptorWriter {
    let descriptor: Int32

    func write(_ bytes: [UInt8]) throws(OutputError) {
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                start += written
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // A pipe that somebody made non-blocking, and that is full.
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waited, 1, 1000)
            case EPIPE, EBADF, EIO: throw .closed
            case let code: throw .failed(reason: String(cString: strerror(code)))
            }
        }
    }
}
