#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A path as the system holds it: bytes, which need not be valid UTF-8 (names made under an older locale are not). The
/// one type through which files are opened; a `String` carries it, see ``ByteText``.
///
/// No `..` is ever taken away as text: behind a link it leads elsewhere.
package struct RawPath: Sendable, Hashable {
    package let bytes: [UInt8]

    package init(_ text: String) {
        bytes = ByteText.bytes(text)
    }

    package init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// The path as a text that ``init(_:)`` turns back into the same bytes.
    package var text: String { ByteText.text(bytes) }

    package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
    }

    private static let slash = UInt8(ascii: "/"), dot = UInt8(ascii: ".")
}

// MARK: Parts

extension RawPath {
    /// What follows the last slash, one at the very end not counted.
    package var lastComponent: ArraySlice<UInt8> {
        let end = bytes.last == Self.slash ? bytes.count - 1 : bytes.count
        let start = bytes[..<end].lastIndex(of: Self.slash).map { $0 + 1 } ?? 0
        return bytes[start..<end]
    }

    /// What comes before ``lastComponent``: `.` for a name alone, `/` for one in the root.
    package var folder: RawPath {
        let before = bytes[..<lastComponent.startIndex]
        if before.isEmpty { return RawPath(bytes: bytes.first == Self.slash ? [Self.slash] : [Self.dot]) }
        return RawPath(bytes: before.count > 1 ? before.dropLast() : before)
    }

    /// The last component up to its last dot: `corpus.txt` for `texts/corpus.txt.gz`.
    package var stem: ArraySlice<UInt8> {
        let name = lastComponent
        guard let dot = name.lastIndex(of: Self.dot), dot > name.startIndex else { return name }
        return name[..<dot]
    }

    /// What follows the last dot of the last component, in lower case; empty where there is none.
    package var ending: String {
        ByteText.text(lastComponent.dropFirst(stem.count).dropFirst()).lowercased()
    }

    package func appending(_ name: [UInt8]) -> RawPath {
        RawPath(bytes: bytes.last == Self.slash ? bytes + name : bytes + [Self.slash] + name)
    }
}

// MARK: Places

extension RawPath {
    /// The same place from any folder: the current folder in front of a relative path. Where the path goes up (`..`),
    /// what stands before that is replaced by where it leads.
    package var absolute: RawPath {
        let path = bytes.first == Self.slash ? self : Self.currentFolder?.appending(bytes) ?? self
        var parts = path.bytes.split(separator: Self.slash).filter { $0 != [Self.dot] }
        var root: [UInt8] = path.bytes.first == Self.slash ? [Self.slash] : []
        if let last = parts.lastIndex(of: [Self.dot, Self.dot]) {
            let start = RawPath(bytes: root + parts[...last].joined(separator: [Self.slash]))
            guard let resolved = start.resolved else { return path }
            (root, parts) = (resolved.bytes, Array(parts[(last + 1)...]))
        }
        return parts.reduce(RawPath(bytes: root)) { path, part in
            path.bytes.isEmpty ? RawPath(bytes: part) : path.appending(Array(part))
        }
    }

    /// Where the path leads, all links followed; nil where it leads nowhere.
    package var resolved: RawPath? {
        guard let found = withCString({ realpath($0, nil) }) else { return nil }
        defer { free(found) }
        return RawPath(cString: found)
    }

    /// What a link at this path says; nil where there is none. A relative one counts from the link's folder.
    package var linkTarget: RawPath? {
        // As long as Linux lets a path be.
        var target = [CChar](repeating: 0, count: 4096)
        let length = withCString { readlink($0, &target, target.count) }
        return length < 0 ? nil : RawPath(bytes: target.prefix(length).map { UInt8(bitPattern: $0) })
    }

    /// Where the path leads, also through links to a file that is not there yet.
    package var destination: RawPath { destination(links: 8) }

    private func destination(links: Int) -> RawPath {
        if let resolved { return resolved }
        guard links > 0, let next = linkTarget else { return self }
        let place = next.bytes.first == Self.slash ? next : folder.appending(next.bytes)
        return place.destination(links: links - 1)
    }

    /// The current folder; nil where it has been removed.
    private static var currentFolder: RawPath? {
        guard let folder = getcwd(nil, 0) else { return nil }
        defer { free(folder) }
        return RawPath(cString: folder)
    }

    package init(cString: UnsafePointer<CChar>) {
        self.init(bytes: UnsafeRawBufferPointer(start: cString, count: strlen(cString)))
    }

    /// Makes a folder, and those above it, where they are missing. What is made is there after a power cut as well: to
    /// synchronize what is in a folder does not keep the folder itself.
    /// - Returns: 0, or `errno`.
    package func makeFolder() -> Int32 {
        let code = makeFolderInFolder()
        guard code == ENOENT, folder != self else { return code }
        let above = folder.makeFolder()
        return above == 0 ? makeFolderInFolder() : above
    }

    private func makeFolderInFolder() -> Int32 {
        if withCString({ mkdir($0, 0o777) }) == 0 {
            let code = folder.synchronizeFolder()
            // Left where it is, it would be taken for one that stays by whoever tries again.
            if code != 0 { _ = withCString { rmdir($0) } }
            return code
        }
        let code = errno
        guard FileTree.isFolder(self) else { return code }
        // An empty one may be what an attempt made that could not remove it either.
        return FileTree.isEmptyFolder(self) ? folder.synchronizeFolder() : 0
    }

    /// Waits until the disk has the names in a folder. Some file systems have nothing to wait for, and a folder that
    /// may be written to need not be one that may be read.
    /// - Returns: 0, or `errno`.
    package func synchronizeFolder() -> Int32 {
        let descriptor = withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { return errno == EACCES ? 0 : errno }
        defer { close(descriptor) }
        guard fsync(descriptor) != 0, errno != EINVAL else { return 0 }
        return errno
    }
}
