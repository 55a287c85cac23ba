import FileTrees
import Foundation
import GRDB

/// A copy of a damaged store, of which any page may be spoiled. Its rows are read one by one, from both ends of each
/// table, and by their numbers in between.
struct DamagedStore {
    /// The path of the original, for messages.
    let path: String
    private let queue: DatabaseQueue
    /// The columns that can be read of each table that is there.
    private let columns: [String: Set<String>]

    private static let tables = [
        "run", "checkpoint", "tensor", "metric", "sample", "event", "code", "text", "sqlite_sequence",
    ]

    /// - Parameter copy: may be written to.
    init(_ copy: StoreFile, path: String) throws {
        self.path = path
        try Self.restoreHeader(copy)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            // A declaration that cannot be understood hides one table, and not all.
            try database.execute(
                sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA writable_schema = ON")
        }
        queue = try DatabaseQueue(path: copy.uri(), configuration: configuration)
        columns = try queue.read { database in
            try Dictionary(uniqueKeysWithValues: Self.tables.map { ($0, try Self.storedColumns(of: $0, database)) })
        }
    }

    /// None of a view or a virtual table, and none that is computed: to read them would run something.
    private static func storedColumns(of table: String, _ database: Database) throws -> Set<String> {
        guard let row = try Row.fetchOne(database, sql: "PRAGMA main.table_list('\(table)')"), row["type"] == "table"
        else {
            return []
        }
        let all = try Row.fetchAll(database, sql: "PRAGMA main.table_xinfo('\(table)')")
        return Set(all.filter { $0["hidden"] == 0 }.map { $0["name"] })
    }

    // MARK: The copy

    /// Copies a store with its log.
    ///
    /// - Throws: `inUse` if it was written to meanwhile.
    static func copy(_ source: StoreFile, to target: StoreFile) throws(StoreError) {
        let endings = ["", "-wal", "-journal"]
        func state() -> [[Int]] {
            endings.map { ending in
                guard let status = FileTree.status(source.beside(ending)) else { return [] }
                return [Int(status.st_size), Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)]
            }
        }
        let before = state()
        for ending in endings where FileTree.isRegularFile(source.beside(ending)) == true {
            try FileCopy.copy(source.beside(ending), to: target.beside(ending), from: source, to: target)
        }
        guard state() == before else { throw .inUse(path: source.path) }
    }

    /// Puts right what a store's first hundred bytes say, as far as it is known (the file format is that of
    /// https://www.sqlite.org/fileformat.html#the_database_header). The list of free pages is emptied: nothing will be
    /// written, and what it says may be wrong.
    private static func restoreHeader(_ file: StoreFile) throws {
        let descriptor = file.place.withCString { open($0, O_RDWR | O_CLOEXEC) }
        guard descriptor >= 0 else { throw file.notWritable() }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 512 else { throw StoreError.notSQLite(path: file.path) }
        var header = [UInt8](repeating: 0, count: 100)
        guard pread(descriptor, &header, header.count, 0) == header.count else { throw file.notWritable() }
        func number(_ offset: Int, _ count: Int) -> Int {
            header[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
        }
        func set(_ offset: Int, _ bytes: [UInt8]) { header.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
        let magic = Array("SQLite format 3\0".utf8), known = zip(header, magic).filter { $0 == $1 }.count
        // Another kind of file is not made into a store.
        guard known >= 8 || number(68, 4) == Schema.applicationID else { throw StoreError.notSQLite(path: file.path) }
        set(0, magic)
        /// Whether pages are as long as this: the second one of a store lists what each of the others is
        /// (https://www.sqlite.org/fileformat.html#pointer_map_or_ptrmap_pages).
        func fits(_ pageSize: Int) -> Bool {
            let count = min(Int(size) / pageSize - 2, pageSize / 5)
            guard number(52, 4) > 0, count > 0 else { return false }
            var list = [UInt8](repeating: 0, count: 5 * count)
            // Some of the list may be spoiled as well.
            return pread(descriptor, &list, list.count, off_t(pageSize)) == list.count
                && stride(from: 0, to: list.count, by: 5).count { (1...5).contains(list[$0]) } * 8 >= 7 * count
        }
        var pageSize = number(16, 2) == 1 ? 65_536 : number(16, 2)
        let isPossible = pageSize >= 512 && pageSize & (pageSize - 1) == 0
        // Where nothing tells, that of a header whose mark is whole is believed.
        if !isPossible || !fits(pageSize) && (known < magic.count || fits(Schema.pageSize)) {
            pageSize = Schema.pageSize
            set(16, [UInt8(pageSize >> 8), UInt8(pageSize & 255)])
        }
        let hasLog = FileTree.status(file.beside("-wal")).map { $0.st_size > 0 } ?? false
        set(18, hasLog ? [2, 2] : [1, 1])
        set(20, [0, 64, 32, 32])
        let pages = UInt32(clamping: Int(size) / pageSize)
        set(28, (0..<4).map { UInt8(truncatingIfNeeded: pages >> UInt32(24 - 8 * $0)) })
        set(32, Array(repeating: 0, count: 8))
        set(44, [0, 0, 0, 4])
        if !(1...3).contains(number(56, 4)) { set(56, [0, 0, 0, 1]) }
        // A hundred bytes within a file: all or none, but for an error.
        guard pwrite(descriptor, header, header.count, 0) == header.count else { throw file.notWritable() }
    }

    // MARK: Rows

    /// Calls `body` with every row of a table that can be read, with those of its columns that are known.
    ///
    /// - Parameter known: all that a table of this name has in a store.
    /// - Returns: a sentence about rows that cannot; nil if all can.
    func forEachRow(
        of table: String, columns known: [ColumnInfo], _ body: (StoredRow) throws -> Void
    ) throws -> String? {
        let present = columns[table, default: []]
        // Older stores have fewer columns, of which any may be NULL, and fewer tables.
        guard !present.isEmpty,
            known.allSatisfy({ present.contains($0.name) || !$0.isNotNull && $0.primaryKeyIndex == 0 })
        else {
            return present.isEmpty && ["code", "text"].contains(table)
                ? nil : "the table \(table): its declaration is missing or another one"
        }
        let selection = known.map(\.name).filter(present.contains).map(Schema.selection).joined(separator: ", ")
        // Without a transaction, which a page that cannot be read would end.
        return try queue.inDatabase { database in
            let key = table == "metric" ? "" : "rowid AS rowid, "
            func rows(_ condition: String, _ arguments: StatementArguments = []) throws -> RowCursor {
                try Row.fetchCursor(
                    database, sql: "SELECT \(key)\(selection) FROM \(table) NOT INDEXED \(condition)",
                    arguments: arguments)
            }
            /// Whether the rows could be read to the end.
            func read(_ cursor: () throws -> RowCursor, while isWanted: (Row) -> Bool) throws -> Bool {
                let cursor: RowCursor? = try Self.tolerating { try cursor() }
                guard let cursor else { return false }
                while true {
                    let next: Row?? = try Self.tolerating { try cursor.next() }
                    guard let next else { return false }
                    guard let row = next, isWanted(row) else { return true }
                    try body(StoredRow(row: row, table: table, path: path))
                }
            }
            guard table != "metric" else {
                return try read({ try rows("") }, while: { _ in true })
                    ? nil : "what stood on pages of the table metric that cannot be read"
            }
            var last = Int64.min, first = Int64.max
            let isWhole = try read({ try rows("ORDER BY rowid") }) { row in
                last = row["rowid"]
                return true
            }
            if isWhole { return nil }
            _ = try read({ try rows("ORDER BY rowid DESC") }) { row in
                let number: Int64 = row["rowid"]
                if number > last { first = number }
                return number > last
            }
            // Between the damaged pages there may be whole ones.
            if last != .min, first != .max, first - last <= 100_000 {
                for number in last + 1..<max(first, last + 1) {
                    _ = try read({ try rows("WHERE rowid = ?", [number]) }, while: { _ in true })
                }
            }
            return "what stood on pages of the table \(table) that cannot be read"
        }
    }

    /// What `body` gives; nil where it meets a damaged page.
    private static func tolerating<Result>(_ body: () throws -> Result) throws -> Result? {
        do {
            return try body()
        } catch let error as DatabaseError
            where [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_ERROR].contains(
                error.resultCode.primaryResultCode)
        {
            return nil
        }
    }
}

/// What could be read of a damaged store.
package struct RepairReport: Sendable, Equatable {
    /// A run that was saved.
    package struct SavedRun: Sendable, Equatable {
        /// Its name.
        package var name: String
        /// What it trains: `charnn`, `ae`, `network`.
        package var kind: String
        /// The steps of its checkpoints, as they were saved.
        package var steps: [Int]

        package init(name: String, kind: String, steps: [Int]) {
            (self.name, self.kind, self.steps) = (name, kind, steps)
        }
    }

    /// The runs that are in the new store.
    package internal(set) var runs: [SavedRun] = []
    /// How many of the texts that people keep are in it.
    package internal(set) var texts = 0
    /// What was lost, a sentence each.
    package internal(set) var losses: [String] = []
}
