import Glibc

/// Room for files.
public enum FileSystemSpace {
    /// Bytes that the file system of a path has left for this user; nil if it does not say.
    /// - Parameter path: of a file that need not be there yet, nor its folder: then the nearest folder that is counts.
    public static func free(at path: String) -> Int? {
        var path = path.isEmpty ? "." : path, space = statvfs()
        while statvfs(path, &space) != 0 {
            guard errno == ENOENT || errno == ENOTDIR, path != ".", path != "/" else { return nil }
            // By the last slash and nothing else: what leads to the file is the system's to understand.
            let parent = path.lastIndex(of: "/").map { path[..<$0] }
            path = parent.map { $0.isEmpty ? "/" : String($0) } ?? "."
        }
        let (bytes, overflows) = UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize))
        return overflows ? .max : Int(clamping: bytes)
    }
}
