import FileTrees
import Foundation

extension FileIdentity {
    /// As the table `owner` holds it: "device:node".
    var text: String { "\(device):\(node)" }
}

/// A file that is held open, so that what it holds stays when its name goes.
final class KeptFile: Sendable {
    private let descriptor: Int32

    /// Nil if the path leads to another file by now.
    init?(_ file: StoreFile, identity: FileIdentity) {
        descriptor = file.place.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0, file.identity == identity else { return nil }
    }

    deinit {
        if descriptor >= 0 { _ = Foundation.close(descriptor) }
    }

    /// Writes what the file holds into a new one, durably.
    ///
    /// - Throws: `notWritable`, `full`; nothing is left behind then.
    func copy(to file: StoreFile) throws(StoreError) {
        let target = file.place.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        guard target >= 0 else { throw file.notWritable() }
        var isComplete = false
        defer {
            _ = Foundation.close(target)
            if !isComplete { _ = file.place.withCString { unlink($0) } }
        }
        try copyBytes(
            of: descriptor, to: target, cannotRead: { file.notWritable() }, cannotWrite: { file.notWritable() })
        guard fsync(target) == 0 else { throw file.notWritable() }
        isComplete = true
    }
}

/// Copies a file that has a name.
enum FileCopy {
    /// - Parameters:
    ///   - target: made if it is not there.
    ///   - sourceFile: for messages, as `targetFile`.
    /// - Throws: `unreadable`, `notWritable`, `full`.
    static func copy(
        _ source: RawPath, to target: RawPath, from sourceFile: StoreFile, to targetFile: StoreFile
    ) throws(StoreError) {
        func unreadable() -> StoreError { .unreadable(path: sourceFile.path, reason: systemMessage(errno)) }
        let input = source.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard input >= 0 else { throw unreadable() }
        defer { close(input) }
        let output = target.withCString { open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600) }
        guard output >= 0 else { throw targetFile.notWritable() }
        defer { close(output) }
        try copyBytes(of: input, to: output, cannotRead: unreadable, cannotWrite: { targetFile.notWritable() })
    }
}

/// All bytes of one open file behind what another holds, a megabyte at a time. The two errors are made while `errno`
/// still says what went wrong.
private func copyBytes(
    of input: Int32, to output: Int32, cannotRead: () -> StoreError, cannotWrite: () -> StoreError
) throws(StoreError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20), offset = 0
    while true {
        let count = pread(input, &buffer, buffer.count, off_t(offset))
        guard count >= 0 else { throw cannotRead() }
        if count == 0 { return }
        var written = 0
        while written < count {
            let more = buffer.withUnsafeBytes { write(output, $0.baseAddress! + written, count - written) }
            guard more > 0 else { throw cannotWrite() }
            written += more
        }
        offset += count
    }
}
