import FileTrees
import Glibc

extension ImageCollection.Item {
    /// Whether two items, also of different collections, are one and the same picture: of the same file, by whatever path,
    /// and at the same place in it.
    public func isSame(as other: Self) -> Bool {
        switch (source, other.source) {
        case (.file(let path), .file(let otherPath)):
            guard let file = Self.file(path) else { return false }
            return Self.file(otherPath).map { $0 == file } ?? false
        case (.idx(let array, let index), .idx(let otherArray, let otherIndex)):
            return index == otherIndex && array.values == otherArray.values
        case (.numPy(let array, let index), .numPy(let otherArray, let otherIndex)):
            guard index == otherIndex, let file = Self.file(array.path) else { return false }
            return Self.file(otherArray.path).map { $0 == file } ?? false
        default: return false
        }
    }

    /// What tells a file from all others: its device, and its number there.
    private static func file(_ path: RawPath) -> [UInt64]? {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }
}
