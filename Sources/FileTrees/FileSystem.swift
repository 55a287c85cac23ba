#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#else
    package import Darwin
#endif

/// The system's text for an error number, such as "No such file or directory" for `ENOENT`.
package func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

/// What tells a file from all others, by whatever path it is reached: its device, and its number there.
package struct FileIdentity: Hashable, Sendable {
    package let device: UInt64
    package let node: UInt64

    package init(device: UInt64, node: UInt64) { (self.device, self.node) = (device, node) }

    package init(_ status: stat) {
        self.init(
            device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(truncatingIfNeeded: status.st_ino))
    }

    /// Links are followed; nil where the path leads nowhere.
    package init?(_ path: RawPath) {
        guard let status = FileTree.status(path) else { return nil }
        self.init(status)
    }
}

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
