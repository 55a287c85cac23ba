import FileTrees
import Foundation

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
