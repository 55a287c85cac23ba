import Foundation

/// Standard output: where data go. On a terminal each piece appears at once; into a file or a pipe they go together,
/// a few times a second while they come.
public final class StandardOutput {
    public let isTerminal: Bool
    private let writer: DescriptorWriter
    private var buffer: [UInt8] = []
    private var lastFlush = ContinuousClock.now

    public init(descriptor: Int32 = STDOUT_FILENO) {
        writer = DescriptorWriter(descriptor: descriptor)
        isTerminal = isatty(descriptor) == 1
    }

    /// - Throws: ``OutputError``; `closed` means that whoever read has gone.
    public func write(_ text: String) throws(OutputError) { try add(text.utf8) }

    private func add(_ bytes: some Sequence<UInt8>) throws(OutputError) {
        buffer.append(contentsOf: bytes)
        if isTerminal || buffer.count >= 16 << 10 || ContinuousClock.now - lastFlush > .milliseconds(200) {
            try flush()
        }
    }

    /// Bytes as they are, where they go into a file or a pipe. A terminal gets text: what is not UTF-8 becomes U+FFFD.
    /// - Parameter bytes: whole characters where they are UTF-8.
    public func write(_ bytes: [UInt8]) throws(OutputError) {
        if isTerminal { return try write(String(decoding: bytes, as: UTF8.self)) }
        try add(bytes)
    }

    /// Ends the line.
    public func line(_ text: String = "") throws(OutputError) { try write(text + "\n") }

    public func flush() throws(OutputError) {
        let bytes = buffer
        buffer = []
        lastFlush = .now
        try writer.write(bytes)
    }
}
