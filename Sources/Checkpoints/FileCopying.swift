import FileTrees
import Foundation

/// What makes a file the same one under any name.
struct FileIdentity: Sendable, Equatable {
    let device: UInt64
    let node: UInt64

    var text: String { "\(device):\(node)" }
}

/// A file that is held open, so that what it holds stays when its name goes.
final class KeptFile: Sendable {
    private let descriptor: Int32

    /// Nil if the path leads elsewhere by now.
    init?(_ file: StoreFile, identity: FileIdentity) {
        descriptor = file.place.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0, file.identity == identity else { return nil }
    }

    deinit {
        if descriptor >= 0 { _ = Foundation.close(descriptor) }
    }

    /// - Throws: `notWritable`, `full`; nothing is left behind then.
    func copy(to file: StoreFile) throws(StoreError) {
        let target = file.place.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        guard target >= 0 else { throw Self.failure(file) }
        var isComplete = false
        defer {
            _ = Foundation.close(target)
            if !isComplete { _ = file.place.withCString { unlink($0) } }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count == 0 { break }
            guard count > 0 else { throw Self.failure(file) }
            var written = 0
            while written < count {
                let more = write(target, buffer.baseAddress.map { $0 + written }, count - written)
                guard more > 0 else { throw Self.failure(file) }
                written += more
            }
            offset += count
        }
        guard fsync(target) == 0 else { throw Self.failure(file) }
        isComplete = true
    }

    private static func failure(_ file: StoreFile) -> StoreError {
        [ENOSPC, EDQUOT, EFBIG].contains(errno)
            ? .full(path: file.path) : .notWritable(path: file.path, reason: String(cString: strerror(errno)))
    }
}

/// Bytes from one file to another.
enum FileCopy {
    /// - Parameters:
    ///   - target: made if it is not there.
    ///   - sourceFile: for messages, as `targetFile`.
    static func copy(
        _ source: RawPath, to target: RawPath, from sourceFile: StoreFile, to targetFile: StoreFile
    ) throws(StoreError) {
        let input = source.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard input >= 0 else { throw .unreadable(path: sourceFile.path, reason: String(cString: strerror(errno))) }
        defer { close(input) }
        let output = target.withCString { open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600) }
        guard output >= 0 else { throw targetFile.notWritable() }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(input, &buffer, buffer.count)
            guard count >= 0 else { throw .unreadable(path: sourceFile.path, reason: String(cString: strerror(errno))) }
            if count == 0 { return }
            var written = 0
            while written < count {
                let more = buffer.withUnsafeBytes { write(output, $0.baseAddress! + written, count - written) }
                guard more > 0 else { throw targetFile.notWritable() }
                written += more
            }
        }
    }
}
