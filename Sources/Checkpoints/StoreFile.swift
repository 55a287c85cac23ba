import FileTrees
import Foundation

/// What can be said of a store's file before SQLite opens it.
struct StoreFile {
    /// The path as the user wrote it, for messages.
    let path: String
    /// Where the file is: links followed, and the same whatever folder the process is in later.
    let place: RawPath

    init(_ path: String) {
        self.path = path
        place = RawPath(path).absolute.destination
    }

    /// The log or the shared memory that SQLite keeps beside the file: `-wal`, `-shm`.
    func beside(_ ending: String) -> RawPath { RawPath(bytes: place.bytes + Array(ending.utf8)) }

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

    /// The file that the path leads to by now; nil where it leads nowhere.
    var identity: FileIdentity? { FileIdentity(place) }

    /// Whether the file may be in use by another path than this one: it has several names, or was mounted here alone.
    var hasOtherNames: Bool { FileTree.status(place).map { $0.st_nlink > 1 } ?? false || isMounted }

    /// Whether the file was mounted at this very path, as containers are given single files.
    private var isMounted: Bool {
        let mounts = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/self/mountinfo"))) ?? Data()
        // What would end a field of the table stands in it as an octal number.
        let name = place.bytes.flatMap { byte in
            " \t\n\\".utf8.contains(byte)
                ? Array("\\\(String(0o1000 | Int(byte), radix: 8).dropFirst())".utf8) : [byte]
        }
        return mounts.split(separator: UInt8(ascii: "\n")).contains { line in
            line.split(separator: UInt8(ascii: " ")).dropFirst(4).first?.elementsEqual(name) ?? false
        }
    }

    private var folder: RawPath { place.folder }

    var isThere: Bool { FileTree.status(place) != nil }
    var isFolder: Bool { FileTree.isFolder(place) }
    private var isWritable: Bool { place.withCString { access($0, W_OK) } == 0 }

    /// - Throws: `folder`, `notAFile`; also before anything is written there.
    func requireNoOtherKind() throws(StoreError) {
        guard !isFolder else { throw .folder(path: path) }
        guard FileTree.isRegularFile(place) ?? true else { throw .notAFile(path: path) }
    }

    /// Whether both paths lead to one file that is there, through whatever links.
    func isSameFile(as other: StoreFile) -> Bool {
        identity != nil && identity == other.identity
    }

    /// What differs after somebody has written to the file, or has begun to.
    struct State: Equatable {
        let identity: FileIdentity?
        let numbers: [Int]
        let hasLog: Bool
    }

    var state: State {
        let status = FileTree.status(place)
        return State(
            identity: identity,
            numbers: status.map { [Int($0.st_size), Int($0.st_mtim.tv_sec), Int($0.st_mtim.tv_nsec)] } ?? [],
            hasLog: FileTree.status(beside("-wal")) != nil)
    }

    /// Looks at the header of the file.
    func content() throws(StoreError) -> Content {
        guard isThere else { return .missing }
        try requireNoOtherKind()
        // To close any descriptor of a file gives up all locks that this process has on it.
        if isOpenHere { return .store }
        let header = try header()
        guard !header.isEmpty else { return .empty }
        // https://www.sqlite.org/fileformat.html#the_database_header
        guard header.starts(with: Self.magic), header.count == 100 else {
            if wasEmptyBeforeItsJournal { return .empty }
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

    private static let magic = Array("SQLite format 3\0".utf8)

    /// Whether the file begins as one of SQLite's does.
    var looksLikeSQLite: Bool { ((try? header()) ?? Data()).starts(with: Self.magic) }

    /// Whether the power went while SQLite filled an empty file, which may hold anything then: the journal beside it says
    /// that there were no pages before (https://www.sqlite.org/fileformat.html#the_rollback_journal), and whoever opens
    /// the file goes back to that.
    private var wasEmptyBeforeItsJournal: Bool {
        // To open a pipe would wait for somebody who writes into it.
        guard FileTree.isRegularFile(beside("-journal")) == true,
            let journal = try? Self.beginning(of: beside("-journal"), path: path)
        else { return false }
        return journal.starts(with: [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7])
            && journal.dropFirst(16).prefix(4).elementsEqual([0, 0, 0, 0])
    }

    private func header() throws(StoreError) -> Data { try Self.beginning(of: place, path: path) }

    private static func beginning(of place: RawPath, path: String) throws(StoreError) -> Data {
        let opened = place.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard opened >= 0 else { throw .unreadable(path: path, reason: systemMessage(errno)) }
        do {
            return try FileHandle(fileDescriptor: opened, closeOnDealloc: true).read(upToCount: 100) ?? Data()
        } catch {
            throw .unreadable(path: path, reason: "permission denied or a failing disk")
        }
    }

    /// Whether this process has the file open.
    var isOpenHere: Bool {
        guard let own = FileTree.status(place) else { return false }
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return descriptors.compactMap { Int32($0) }.contains { descriptor in
            var status = stat()
            return fstat(descriptor, &status) == 0 && status.st_dev == own.st_dev && status.st_ino == own.st_ino
        }
    }

    var readingMode: ReadingMode {
        if isWritable, folder.withCString({ access($0, W_OK) }) == 0 { return .shared }
        return FileTree.status(beside("-wal")) != nil ? .readOnly : .immutable
    }

    /// Makes folder and file if there are none, and says no before SQLite does so with less to say.
    ///
    /// - Returns: whether the file was made here.
    func prepareForWriting() throws(StoreError) -> Bool {
        try prepareFolder()
        guard !isThere else {
            try requireWritable()
            return false
        }
        do {
            try create(mode: 0o666)
            return true
        } catch {
            // Another process may have just made it.
            guard isThere else { throw error }
            return false
        }
    }

    /// SQLite makes files beside it.
    func requireWritable() throws(StoreError) {
        guard isWritable else { throw .notWritable(path: path, reason: "the file is read-only") }
        try requireWritableFolder()
    }

    private func requireWritableFolder() throws(StoreError) {
        guard folder.withCString({ access($0, W_OK) }) == 0 else {
            throw .notWritable(path: path, reason: "the folder \(folder.text) is read-only")
        }
    }

    /// Takes back a file that was made for nothing.
    func removeIfEmpty() {
        if FileTree.status(place)?.st_size == 0 { _ = place.withCString { unlink($0) } }
    }

    func prepareFolder() throws(StoreError) {
        let code = folder.makeFolder()
        guard code == 0 else {
            throw [ENOSPC, EDQUOT, EIO].contains(code)
                ? notWritable(code)
                : .notWritable(path: path, reason: "the folder \(folder.text) does not exist and cannot be created")
        }
        try requireWritableFolder()
    }

    /// The file as SQLite opens it: a path of any bytes, escaped (https://www.sqlite.org/uri.html). `immutable` tells it
    /// that the file cannot change.
    func uri(immutable: Bool = false) -> String {
        let plain = Set("/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let escaped = place.bytes.map { byte in
            plain.contains(byte) ? String(Unicode.Scalar(byte)) : "%" + Self.hexadecimal(byte)
        }
        return "file://" + escaped.joined() + (immutable ? "?immutable=1" : "")
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
