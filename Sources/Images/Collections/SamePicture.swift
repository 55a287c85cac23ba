import FileTrees

extension ImageCollection.Item {
    /// Whether two items, also of different collections, are one and the same picture: of the same file, by whatever path,
    /// and at the same place in it.
    package func isSame(as other: Self) -> Bool {
        switch (source, other.source) {
        case (.file(let path), .file(let otherPath)):
            guard let file = FileIdentity(path) else { return false }
            return FileIdentity(otherPath) == file
        case (.idx(let array, let index), .idx(let otherArray, let otherIndex)):
            return index == otherIndex && array.values == otherArray.values
        case (.numPy(let array, let index), .numPy(let otherArray, let otherIndex)):
            guard index == otherIndex, let file = FileIdentity(array.path) else { return false }
            return FileIdentity(otherArray.path) == file
        default: return false
        }
    }
}

extension ImageCollection {
    /// The files that the pictures are in, each once: what must never be written over.
    package var files: Set<FileIdentity> {
        var files: Set<FileIdentity> = [], arrays: Set<ObjectIdentifier> = []
        for item in items {
            switch item.source {
            case .file(let path): FileIdentity(path).map { _ = files.insert($0) }
            case .idx(let array, _):
                guard arrays.insert(ObjectIdentifier(array)).inserted else { continue }
                for path in array.paths { FileIdentity(path).map { _ = files.insert($0) } }
            case .numPy(let array, _):
                guard arrays.insert(ObjectIdentifier(array)).inserted else { continue }
                FileIdentity(array.path).map { _ = files.insert($0) }
            }
        }
        return files
    }
}
