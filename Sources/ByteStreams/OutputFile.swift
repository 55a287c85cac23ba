#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

package import FileTrees

/// The errors of a module that writes files: an enumeration with a case of this name conforms by saying so.
package protocol WritingFailure: Error {
    /// - Parameter reason: the system's own text, such as "No space left on device".
    static func unwritable(path: String, reason: String) -> Self
}

/// A file that is being written, closed with the value that holds it.
package struct OutputFile<Failure: WritingFailure>: ~Copyable {
    /// The path, for messages.
    package let path: String
    /// Whether the file was empty when it was opened.
    package let isNew: Bool
    private let place: RawPath
    private let descriptor: Int32

    /// Creates a file, or empties the one that is there.
    package init(creating path: String) throws(Failure) {
        try self.init(RawPath(path), O_TRUNC, name: path)
    }

    /// Opens a file to go on at its end, or creates it.
    package init(appending path: RawPath) throws(Failure) { try self.init(path, O_APPEND, name: path.text) }

    private init(_ path: RawPath, _ flags: Int32, name: String) throws(Failure) {
        var opened: Int32
        repeat {
            opened = path.withCString { open($0, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o666) }
        } while opened < 0 && errno == EINTR
        self.path = name
        place = path
        descriptor = opened
        var status = stat()
        isNew = opened >= 0 && fstat(opened, &status) == 0 && status.st_size == 0
        guard opened >= 0 else { throw Failure.unwritable(path: name, reason: systemMessage(errno)) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Writes all bytes after what was appended before.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        let descriptor = descriptor
        try drain(bytes) { start, count, _ in systemWrite(descriptor, start, count) }
    }

    /// Writes all bytes at a place in a regular file; where `append` goes on stays the same.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) {
        let descriptor = descriptor
        try drain(bytes) { start, count, written in pwrite(descriptor, start, count, off_t(offset + written)) }
    }

    private func drain(
        _ bytes: UnsafeRawBufferPointer, into sink: (UnsafeRawPointer, Int, Int) -> Int
    ) throws(Failure) {
        guard let base = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let count = sink(base + written, bytes.count - written, written)
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure.unwritable(path: path, reason: systemMessage(errno))
            }
            written += count
        }
    }

    /// Waits until the disk has everything, and the name of a file that was new.
    package func synchronize() throws(Failure) {
        // Pipes and some file systems have nothing to wait for, and say EINVAL.
        if fsync(descriptor) != 0 && errno != EINVAL {
            throw Failure.unwritable(path: path, reason: systemMessage(errno))
        }
        if isNew, FileTree.isRegularFile(place) == true { try Self.synchronizeFolder(of: place, for: path) }
    }

    /// Writes a whole file such that its path leads to all of it or to what was there before, never to a part. A pipe or
    /// device is written to as it is.
    ///
    /// - Parameter isDurable: waits for the disk, so that this holds through a power cut. That takes milliseconds a file;
    ///   for many, write them all and then call ``synchronizeAll(at:)``.
    package static func replace(
        _ path: String, with bytes: UnsafeRawBufferPointer, isDurable: Bool = true
    ) throws(Failure) {
        let rawPath = RawPath(path), status = FileTree.status(rawPath)
        guard status.map({ $0.st_mode & S_IFMT == S_IFREG }) ?? true else {
            let file = try OutputFile(creating: path)
            return try file.append(bytes)
        }
        // Through a link: the file it leads to is replaced or made, not the link.
        let target = rawPath.destination
        let file = try partial(beside: target, for: path), partial = file.place
        do throws(Failure) {
            // What another user may read stays so.
            if let status { _ = fchmod(file.descriptor, status.st_mode & 0o7777) }
            try file.append(bytes)
            if isDurable, fsync(file.descriptor) != 0, errno != EINVAL {
                throw Failure.unwritable(path: path, reason: systemMessage(errno))
            }
        } catch {
            _ = partial.withCString { unlink($0) }
            throw error
        }
        guard partial.withCString({ from in target.withCString { rename(from, $0) } }) == 0 else {
            let reason = systemMessage(errno)
            _ = partial.withCString { unlink($0) }
            throw Failure.unwritable(path: path, reason: reason)
        }
        if isDurable { try synchronizeFolder(of: target, for: path) }
    }

    /// Waits until the disk has the folder itself, so that a power cut does not undo a renaming.
    private static func synchronizeFolder(of place: RawPath, for path: String) throws(Failure) {
        let code = place.folder.synchronizeFolder()
        guard code == 0 else { throw Failure.unwritable(path: path, reason: systemMessage(code)) }
    }

    /// A new file under a hidden name that no other has: another process, or thread, may be writing here too, and
    /// whatever is there is somebody's.
    private static func partial(beside target: RawPath, for path: String) throws(Failure) -> OutputFile {
        var number = 0
        while true {
            let name = target.folder.appending(Array(".jacquard-partial-\(getpid())-\(number)".utf8))
            do throws(Failure) {
                return try OutputFile(name, O_EXCL, name: path)
            } catch {
                guard errno == EEXIST, number < 100_000 else { throw error }
                number += 1
            }
        }
    }
}

extension OutputFile {
    package func append(_ text: String) throws(Failure) {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in try append(UnsafeRawBufferPointer(bytes)) }
    }

    package static func replace(_ path: String, with text: String) throws(Failure) {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in
            try replace(path, with: UnsafeRawBufferPointer(bytes))
        }
    }
}

/// `write`, which inside a type with a method of that name can only be called by its module.
private func systemWrite(_ descriptor: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, source, count)
}
