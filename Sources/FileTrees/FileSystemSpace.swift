#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Room for files.
package enum FileSystemSpace {
    /// Bytes that the file system of a path has left for this user; nil if it does not say.
    /// - Parameter path: of a file that need not be there yet, nor its folder: then the nearest folder that is counts.
    package static func free(at path: RawPath) -> Int? {
        var place = path.absolute, space = statvfs()
        while place.withCString({ statvfs($0, &space) }) != 0 {
            guard errno == ENOENT || errno == ENOTDIR, place.folder != place else { return nil }
            place = place.folder
        }
        let (bytes, overflows) = UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize))
        return overflows ? .max : Int(clamping: bytes)
    }
}
