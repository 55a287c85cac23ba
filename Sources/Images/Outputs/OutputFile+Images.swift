package import ByteStreams
import CCodecs
import FileTrees

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension OutputFile where Failure == ImageError {
    /// Waits until the disk has all that was written to the file system of a folder.
    ///
    /// - Throws: `unwritable`
    package static func synchronizeAll(at folder: String) throws(ImageError) {
        let descriptor = RawPath(folder).withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .unwritable(path: folder, reason: systemMessage(errno)) }
        defer { close(descriptor) }
        guard jacquard_synchronize_file_system(descriptor) == 0 else {
            throw .unwritable(path: folder, reason: systemMessage(errno))
        }
    }
}
