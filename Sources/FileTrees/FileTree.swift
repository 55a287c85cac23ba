#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#else
    package import Darwin
#endif

/// The files below a folder, in byte order of their paths.
package struct FileTree {
    package enum SkipReason: String, Sendable {
        case hidden, unreadable
        /// A pipe, socket or device.
        case special
        /// A link to a folder that was walked already, or to nothing.
        case link
    }

    /// The folder itself cannot be listed.
    package struct Failure: Error {
        package let path: String
        /// The system's error number, `errno`.
        package let code: Int32
    }

    package private(set) var files: [RawPath] = []
    package private(set) var skipped: [(path: RawPath, reason: SkipReason)] = []
    private var visited: Set<FileIdentity> = []

    /// Walks a folder. Hidden entries, special files, and links to a folder that was walked already are skipped;
    /// so links that form a loop end, and nothing is read twice through a linked folder.
    package init(folder: RawPath) throws(Failure) {
        try walk(folder, isRoot: true)
    }

    private mutating func walk(_ folder: RawPath, isRoot: Bool) throws(Failure) {
        guard let status = Self.status(folder), visited.insert(FileIdentity(status)).inserted else {
            skipped.append((folder, .link))
            return
        }
        guard let names = Self.names(in: folder) else {
            let code = errno
            if isRoot { throw Failure(path: folder.text, code: code) }
            skipped.append((folder, .unreadable))
            return
        }
        // A folder sorts as its name and a slash, which makes the walk come out in byte order of whole paths.
        var entries: [(key: [UInt8], path: RawPath, isFolder: Bool)] = []
        for name in names {
            let path = folder.appending(name)
            if name.first == UInt8(ascii: ".") {
                skipped.append((path, .hidden))
                continue
            }
            switch Self.status(path).map({ $0.st_mode & S_IFMT }) {
            case S_IFDIR: entries.append((name + [UInt8(ascii: "/")], path, true))
            case S_IFREG: entries.append((name, path, false))
            case nil: skipped.append((path, .link))
            default: skipped.append((path, .special))
            }
        }
        entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
        for entry in entries {
            if entry.isFolder {
                try walk(entry.path, isRoot: false)
            } else {
                files.append(entry.path)
            }
        }
    }

    /// What a path leads to, links followed; nil where it leads nowhere.
    package static func status(_ path: RawPath) -> stat? {
        var status = stat()
        return path.withCString { stat($0, &status) } == 0 ? status : nil
    }

    package static func isFolder(_ path: RawPath) -> Bool {
        status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    /// Whether the path leads to a regular file, links followed; nil where it leads nowhere.
    package static func isRegularFile(_ path: RawPath) -> Bool? {
        status(path).map { $0.st_mode & S_IFMT == S_IFREG }
    }

    /// Whether a folder holds nothing; false where it cannot be listed.
    static func isEmptyFolder(_ path: RawPath) -> Bool {
        guard let directory = path.withCString({ opendir($0) }) else { return false }
        defer { closedir(directory) }
        // Itself and the one above it are in each.
        for _ in 0..<3 where readdir(directory) == nil { return true }
        return false
    }

    /// The names in a folder, in byte order, or nil (and `errno`) where it cannot be listed.
    private static func names(in folder: RawPath) -> [[UInt8]]? {
        guard let directory = folder.withCString({ opendir($0) }) else { return nil }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
