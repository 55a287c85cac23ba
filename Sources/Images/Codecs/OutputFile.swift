#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

import FileTrees

/// A file that is being written, closed with the value that holds it.
package struct OutputFile: ~Copyable {
    /// For messages.
    package let path: String
    private let descriptor: Int32

    /// Creates a file, or empties the one that is there.
    /// - Parameter name: what messages call it, where that is not the path.
    package init(creating path: String, name: String? = nil) throws(ImageError) {
        let rawPath = RawPath(path)
        var opened: Int32
        repeat {
            opened = rawPath.withCString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
        } while opened < 0 && errno == EINTR
        self.path = name ?? path
        descriptor = opened
        guard opened >= 0 else { throw .unwritable(path: self.path, reason: systemMessage(errno)) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Writes all bytes after what was appended before.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        let descriptor = descriptor
        try drain(bytes) { start, count, _ in systemWrite(descriptor, start, count) }
    }

    /// Writes all bytes at a place in a regular file; where `append` goes on stays the same.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ImageError) {
        let descriptor = descriptor
        try drain(bytes) { start, count, written in pwrite(descriptor, start, count, off_t(offset + written)) }
    }

    private func drain(
        _ bytes: UnsafeRawBufferPointer, into sink: (UnsafeRawPointer, Int, Int) -> Int
    ) throws(ImageError) {
        guard let base = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let count = sink(base + written, bytes.count - written, written)
            if count < 0 {
                if errno == EINTR { continue }
                throw .unwritable(path: path, reason: systemMessage(errno))
            }
            written += count
        }
    }

    /// Waits until the disk has everything.
    package func synchronize() throws(ImageError) {
        // Pipes and some file systems have nothing to wait for, and say EINVAL.
        if fsync(descriptor) != 0 && errno != EINVAL {
            throw .unwritable(path: path, reason: systemMessage(errno))
        }
    }

    /// Writes a whole file such that its path leads to all of it or to what was there before, never to a part. A pipe or
    /// device is written to as it is.
    package static func replace(_ path: String, with bytes: UnsafeRawBufferPointer) throws(ImageError) {
        let rawPath = RawPath(path)
        guard FileTree.isRegularFile(rawPath) ?? true else {
            let file = try OutputFile(creating: path)
            return try file.append(bytes)
        }
        // Through a link: the file it leads to is replaced, not the link.
        let target = rawPath.resolved ?? rawPath
        let partial = RawPath(bytes: target.bytes + Array(".partial".utf8))
        do throws(ImageError) {
            let file = try OutputFile(creating: partial.text, name: path)
            try file.append(bytes)
        } catch {
            _ = partial.withCString { unlink($0) }
            throw error
        }
        guard partial.withCString({ from in target.withCString { to in rename(from, to) } }) == 0 else {
            let reason = systemMessage(errno)
            _ = partial.withCString { unlink($0) }
            throw .unwritable(path: path, reason: reason)
        }
    }
}

extension OutputFile {
    package func append(_ text: String) throws(ImageError) {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in try append(UnsafeRawBufferPointer(bytes)) }
    }

    package static func replace(_ path: String, with text: String) throws(ImageError) {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
            try replace(path, with: UnsafeRawBufferPointer(bytes))
        }
    }
}

/// `write`, which inside a type with a method of that name can only be called by its module.
private func systemWrite(_ descriptor: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, source, count)
}
