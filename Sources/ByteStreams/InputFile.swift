package import FileTrees

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The errors of a module that reads files: an enumeration with cases of these names conforms by saying so, and what
/// reads for it throws its errors.
package protocol FileFailure: Error {
    static func noSuchFile(path: String) -> Self
    /// - Parameter reason: the system's own text, such as "Permission denied".
    static func unreadable(path: String, reason: String) -> Self
}

extension FileFailure {
    /// The error that the system's number `code` (`errno`) stands for where a path was to be opened or read.
    package static func reading(_ path: String, code: Int32) -> Self {
        code == ENOENT || code == ENOTDIR
            ? noSuchFile(path: path) : unreadable(path: path, reason: systemMessage(code))
    }
}

/// A file, pipe or terminal that is open for reading, closed with the value that holds it.
///
/// Files are read, not mapped: one that is cut short while it is mapped would end the process.
package struct InputFile<Failure: FileFailure>: ~Copyable, Sendable {
    /// The path, for messages.
    package let path: String
    /// Bytes of a regular file when it was opened; nil for a pipe or device.
    package let size: Int?
    private let descriptor: Int32

    /// - Throws: `noSuchFile`, `unreadable` (also for a folder).
    package init(_ rawPath: RawPath) throws(Failure) {
        let path = rawPath.text
        var opened: Int32
        repeat { opened = rawPath.withCString { open($0, O_RDONLY | O_CLOEXEC) } } while opened < 0 && errno == EINTR
        guard opened >= 0 else { throw Failure.reading(path, code: errno) }
        var status = stat()
        let kind = fstat(opened, &status) == 0 ? status.st_mode & S_IFMT : 0
        guard kind != S_IFDIR else {
            close(opened)
            throw Failure.unreadable(path: path, reason: "it is a folder")
        }
        self.path = path
        size = kind == S_IFREG ? Int(status.st_size) : nil
        descriptor = opened
    }

    /// Standard input, which messages call "-". It stays open.
    package init(standardInput: Void) {
        var status = stat()
        path = "-"
        size = fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
        descriptor = STDIN_FILENO
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Fills the buffer with what comes next; fewer bytes than it holds mean the end of the data.
    ///
    /// - Throws: `unreadable`.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let descriptor = descriptor
        return try fill(buffer) { systemRead(descriptor, $0, $1) }
    }

    /// Fills the buffer from a place in a regular file; fewer bytes than it holds mean the end of the file.
    ///
    /// - Throws: `unreadable`.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) -> Int {
        let descriptor = descriptor
        var place = offset
        return try fill(buffer) {
            let count = pread(descriptor, $0, $1, off_t(place))
            if count > 0 { place += count }
            return count
        }
    }

    /// The bytes of a part of a regular file; fewer where the file ends.
    ///
    /// - Throws: `unreadable`.
    package func bytes(_ range: Range<Int>) throws(Failure) -> [UInt8] {
        var failure: Failure?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            do throws(Failure) {
                let whole = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<range.count]))
                initialized = try read(into: whole, at: range.lowerBound)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from source: (UnsafeMutableRawPointer, Int) -> Int
    ) throws(Failure) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var filled = 0
        // A pipe gives what it has: go on until the buffer is full or the writer is gone.
        while filled < buffer.count {
            let count = source(base + filled, buffer.count - filled)
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure.unreadable(path: path, reason: systemMessage(errno))
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

/// `read`, which inside a type with a method of that name can only be called by its module.
private func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, target, count)
}
