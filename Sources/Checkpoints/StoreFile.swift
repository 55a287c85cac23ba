import Foundation

/// What can be said of a store's file before SQLite opens it.
struct StoreFile {
    /// As the user wrote it, for messages.
    let path: String
    let absolutePath: String

    init(_ path: String) {
        self.path = path
        absolutePath = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    enum Content: Equatable {
        case missing
        /// Of no length, or without any mark or table, as when its creation was cut short: ours to fill.
        case empty
        case store
    }

    /// How a store is opened for reading.
    enum ReadingMode: Equatable {
        /// With a connection that could write: the last one of these to close tidies up the files beside the store,
        /// which one that can only read would leave behind.
        case shared
        /// Files beside the store say that somebody else has it open, or that it was not closed.
        case readOnly
        /// Nobody can write here: no locks, no files beside the store.
        case immutable
    }

    /// Nil where the path leads nowhere.
    var identity: FileIdentity? {
        var status = stat()
        guard absolutePath.withCString({ stat($0, &status) }) == 0 else { return nil }
        return FileIdentity(
            device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(truncatingIfNeeded: status.st_ino))
    }

    private var folder: String { (absolutePath as NSString).deletingLastPathComponent }

    /// Looks at the header of the file.
    func content() throws(StoreError) -> Content {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: absolutePath, isDirectory: &isFolder) else { return .missing }
        guard !isFolder.boolValue else { throw .folder(path: path) }
        let header: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: absolutePath))
            defer { try? handle.close() }
            header = try handle.read(upToCount: 100) ?? Data()
        } catch {
            throw .unreadable(path: path, reason: "permission denied or a failing disk")
        }
        guard !header.isEmpty else { return .empty }
        // https://www.sqlite.org/fileformat.html#the_database_header
        guard header.starts(with: Array("SQLite format 3\0".utf8)), header.count == 100 else {
            throw .notSQLite(path: path)
        }
        let applicationID = header[68..<72].reduce(0) { $0 << 8 | Int($1) }
        let schemaChanges = header[40..<44].reduce(0) { $0 << 8 | Int($1) }
        if applicationID == 0, schemaChanges == 0 { return .empty }
        guard applicationID == Schema.applicationID else {
            throw .otherApplication(path: path, applicationID: applicationID)
        }
        return .store
    }

    var readingMode: ReadingMode {
        let files = FileManager.default
        if files.isWritableFile(atPath: absolutePath), files.isWritableFile(atPath: folder) { return .shared }
        return files.fileExists(atPath: absolutePath + "-wal") ? .readOnly : .immutable
    }

    /// Makes the folder if there is none, and says no before SQLite does so with less to say.
    func prepareForWriting() throws(StoreError) {
        let files = FileManager.default
        if !files.fileExists(atPath: folder) {
            do {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw .notWritable(path: path, reason: "the folder \(folder) does not exist and cannot be created")
            }
        }
        guard files.isWritableFile(atPath: folder) else {
            throw .notWritable(path: path, reason: "the folder \(folder) is read-only")
        }
        guard !files.fileExists(atPath: absolutePath) || files.isWritableFile(atPath: absolutePath) else {
            throw .notWritable(path: path, reason: "the file is read-only")
        }
    }

    /// Takes the place of another file in one step: whoever looks at it sees the old one or the whole new one.
    func replace(_ other: StoreFile) throws(StoreError) {
        guard rename(absolutePath, other.absolutePath) == 0 else {
            throw .notWritable(path: other.path, reason: String(cString: strerror(errno)))
        }
    }

    /// Tells SQLite that the file cannot change (https://www.sqlite.org/uri.html#uriimmutable).
    var immutableURI: String {
        let allowed = CharacterSet(charactersIn: "/-._~").union(.alphanumerics)
        let escaped = absolutePath.utf8.map { byte -> String in
            let scalar = Unicode.Scalar(byte)
            return scalar.isASCII && allowed.contains(scalar) ? String(scalar) : "%" + Self.hexadecimal(byte)
        }
        return "file:" + escaped.joined() + "?immutable=1"
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}
