package import FileTrees
import Glibc

/// What tells a file from all others, by whatever path it is reached: its device, and its number there.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    /// Nil where the path leads nowhere.
    package init?(_ path: RawPath) {
        guard let status = FileTree.status(path) else { return nil }
        (device, number) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino))
    }
}
