#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

package import FileTrees

/// A file opened for reading, closed with the value that holds it.
///
/// Files are read, not mapped: one that is cut short while it is mapped ends the process.
package struct InputFile: ~Copyable {
    let path: String
    /// Bytes of a regular file when it was opened; nil for a pipe or device.
    let size: Int?
    private let descriptor: Int32

    package init(_ rawPath: RawPath) throws(ImageError) {
        let path = rawPath.text
        var opened: Int32
        repeat { opened = rawPath.withCString { open($0, O_RDONLY | O_CLOEXEC) } } while opened < 0 && errno == EINTR
        guard opened >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR
                ? .noSuchFile(path: path) : .unreadable(path: path, reason: systemMessage(errno))
        }
        var status = stat()
        let kind = fstat(opened, &status) == 0 ? status.st_mode & S_IFMT : 0
        guard kind != S_IFDIR else {
            close(opened)
            throw .unreadable(path: path, reason: "it is a folder")
        }
        self.path = path
        size = kind == S_IFREG ? Int(status.st_size) : nil
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }

    /// Fills the buffer with what comes next; fewer bytes than it holds mean the end of the data.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        let descriptor = descriptor
        return try fill(buffer) { systemRead(descriptor, $0, $1) }
    }

    /// Fills the buffer from a place in a regular file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ImageError) -> Int {
        let descriptor = descriptor
        var place = offset
        return try fill(buffer) {
            let count = pread(descriptor, $0, $1, off_t(place))
            if count > 0 { place += count }
            return count
        }
    }

    /// The bytes of a part of a regular file; fewer where it ends.
    func bytes(_ range: Range<Int>) throws(ImageError) -> [UInt8] {
        var failure: ImageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            do throws(ImageError) {
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
    ) throws(ImageError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var filled = 0
        // A pipe gives what it has: go on until the buffer is full or the writer is gone.
        while filled < buffer.count {
            let count = source(base + filled, buffer.count - filled)
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(path: path, reason: systemMessage(errno))
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

/// The system's text for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
