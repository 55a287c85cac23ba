import GRDB

/// Something that a schema declares: a table, an index, a view, a trigger.
struct SchemaObject: Hashable {
    let type: String
    let name: String
    /// The statement that makes it, with single spaces; empty for an index that belongs to a table's declaration.
    let sql: String

    /// All of a file. Reads what the schema says, and runs none of it.
    static func all(_ database: Database, path: String) throws -> Set<SchemaObject> {
        let rows = try StoredRow.fetchAll(
            database, "sqlite_master", columns: "rowid, type, name, sql", path: path)
        let objects = try rows.map { row in
            SchemaObject(
                type: try row.text("type"), name: try row.text("name"), sql: folded(try row.optionalText("sql") ?? ""))
        }
        return Set(objects).subtracting(statistics)
    }

    static func folded(_ text: String) -> String {
        // What SQLite takes for white space, by bytes: characters are found a hundred times as slowly.
        text.utf8.split { [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains($0) }.map { String(Substring($0)) }.joined(
            separator: " ")
    }

    /// The tables in which SQLite's `ANALYZE` keeps its statistics.
    private static let statistics = [
        SchemaObject(type: "table", name: "sqlite_stat1", sql: "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
        SchemaObject(
            type: "table", name: "sqlite_stat4", sql: "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
    ]
}

extension Schema {
    /// What a store of each version declares, by version: the migrations are carried out in memory.
    private static let objects = Result { try (0...version).map(objects(ofVersion:)) }

    /// Those of this program's version, which nearly every store has: the others are made where they are asked for.
    private static let newestObjects = Result { try objects(ofVersion: version) }

    private static func objects(ofVersion version: Int) throws -> Set<SchemaObject> {
        let queue = try DatabaseQueue()
        if version > 0 { try migrator.migrate(queue, upTo: migrations[version - 1].name) }
        return try queue.read { try SchemaObject.all($0, path: "") }
    }

    /// The version of a store whose schema is exactly that of a store of this version, 0 if it has none yet. A trigger
    /// or a view would run in the middle of what this program does, a column may be computed: before anything of the
    /// kind can happen, a schema that holds more than ours is refused.
    ///
    /// - Throws: `otherApplication`, `newerSchema`, `foreignSchema`, `corrupt`.
    static func checkedVersion(_ database: Database, path: String) throws -> Int {
        let mark = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        // What is empty and has no mark was not made by anybody else: its creation was cut short.
        let isUnmarked = try mark == 0 && found == 0 && SchemaObject.all(database, path: path).isEmpty
        guard mark == applicationID || isUnmarked else {
            throw StoreError.otherApplication(path: path, applicationID: mark)
        }
        guard found <= version else { throw StoreError.newerSchema(path: path, found: found, supported: version) }
        let actual = try SchemaObject.all(database, path: path)
        guard found >= 0 else { throw StoreError.corrupt(path: path, detail: "its header says schema \(found)") }
        // The table of migrations comes before the first of them.
        func isBegun() throws -> Bool {
            let first = try objects.get()[1].filter { $0.name.contains("grdb_migrations") }
            return actual.isEmpty || actual == first
        }
        let expected = try found == version ? newestObjects.get() : objects.get()[found]
        guard try actual == expected || (found == 0 && isBegun()) else {
            throw mismatch(actual, try objects.get(), found: found, path: path)
        }
        let done =
            actual.isEmpty
            ? []
            : try StoredRow.fetchAll(database, "grdb_migrations", columns: "rowid, identifier", path: path).map {
                try $0.text("identifier")
            }
        guard Set(done) == Set(migrations.prefix(found).map(\.name)) else {
            throw StoreError.corrupt(path: path, detail: "its table grdb_migrations does not go with schema \(found)")
        }
        return found
    }

    private static func mismatch(
        _ actual: Set<SchemaObject>, _ objects: [Set<SchemaObject>], found: Int, path: String
    ) -> StoreError {
        if let other = objects.firstIndex(of: actual) {
            return .corrupt(
                path: path, detail: "its header says schema \(found), and its tables are of schema \(other)")
        }
        let expected = objects[found]
        let extra = actual.subtracting(expected).sorted { ($0.type, $0.name) < ($1.type, $1.name) }
        if let first = extra.first {
            // One of another name, where a store's own is missing, may be that one.
            let isChanged = expected.contains { own in
                own.type == first.type
                    && (own.name == first.name
                        || !actual.contains { $0.type == own.type && $0.name == own.name })
            }
            return .foreignSchema(path: path, object: "\(first.type) '\(first.name)'", isChanged: isChanged)
        }
        let missing = expected.subtracting(actual).map { "\($0.type) '\($0.name)'" }.sorted()
        return .corrupt(path: path, detail: "it has no \(missing.first ?? "tables")")
    }
}
