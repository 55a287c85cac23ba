package import Foundation
import GRDB

extension CheckpointStore {
    /// The texts that people keep in the store, without what they hold; the one that was changed last comes first.
    package func texts() throws(StoreError) -> [TextSummary] {
        try read { database in
            try storedTexts(
                database, "ORDER BY changed_at DESC, id DESC",
                columns: "id, title, title_crc32, created_at, changed_at, revision, characters"
            ).map { try summary(from: $0) }
        }
    }

    /// Every text whole, in the order in which they were created.
    package func allTexts() throws(StoreError) -> [StoredText] {
        try read { database in try storedTexts(database, "ORDER BY id").map { try text(from: $0) } }
    }

    /// - Throws: `noText`; `damagedValue` if it is not what was saved.
    package func text(_ id: StoredText.ID) throws(StoreError) -> StoredText {
        try read { database in try fetchText(database, id) }
    }

    /// Keeps a new text, in one transaction; it is on the disk when this returns.
    ///
    /// - Parameters:
    ///   - title: any text, as the text itself: also empty, with NULs and line breaks.
    ///   - settings: JSON in UTF-8.
    ///   - time: now.
    /// - Throws: `json`, `full`, `locked`.
    package func createText(
        title: String, text: String, settings: Data, at time: Date = Date()
    ) throws(StoreError) -> StoredText {
        let settings = try CanonicalJSON.validated(settings, what: Self.settingsOfAText)
        return try writeIntoFile { database in
            try database.execute(
                sql: """
                    INSERT INTO text (title, title_crc32, created_at, changed_at, revision, characters, settings,
                        settings_crc32, crc32, data)
                    VALUES (ifnull(?, x''), ?, ?, ?, 1, ?, ?, ?, ?, ifnull(?, x''))
                    """,
                arguments: Self.arguments(title, text, settings, times: [time, time]))
            return try fetchText(database, StoredText.ID(rawValue: database.lastInsertedRowID))
        }
    }

    /// Replaces a text, in one transaction, if nobody has since it was read; it is on the disk when this returns.
    ///
    /// - Parameter revision: of the text that is to be replaced.
    /// - Throws: `textChanged` if the store has another revision by now, which is left as it is; `noText`, `json`,
    ///   `full`, `locked`.
    package func updateText(
        _ id: StoredText.ID, revision: Int, title: String, text: String, settings: Data, at time: Date = Date()
    ) throws(StoreError) -> StoredText {
        let settings = try CanonicalJSON.validated(settings, what: Self.settingsOfAText)
        return try writeIntoFile { database in
            let found = try Int.fetchOne(
                database, sql: "SELECT revision FROM text WHERE id = ?", arguments: [id.rawValue])
            guard let found else { throw StoreError.noText(id: id.rawValue, path: path) }
            guard found == revision else {
                throw StoreError.textChanged(id: id.rawValue, expected: revision, found: found, path: path)
            }
            try database.execute(
                sql: """
                    UPDATE text SET title = ifnull(?, x''), title_crc32 = ?, changed_at = ?, characters = ?,
                        settings = ?, settings_crc32 = ?, crc32 = ?, data = ifnull(?, x''), revision = revision + 1
                    WHERE id = ?
                    """,
                arguments: Self.arguments(title, text, settings, times: [time]) + [id.rawValue])
            return try fetchText(database, id)
        }
    }

    /// Removes a text, and gives its space back to the file system. Its number is not given to another.
    ///
    /// - Throws: `noText` when it is gone already; `full`, `locked`.
    package func removeText(_ id: StoredText.ID) throws(StoreError) {
        try write { database in
            try database.execute(sql: "DELETE FROM text WHERE id = ?", arguments: [id.rawValue])
            guard database.changesCount == 1 else { throw StoreError.noText(id: id.rawValue, path: path) }
        }
        try shrink()
    }

    private static let settingsOfAText = "the settings of a text"

    /// In the order of the columns: title and its checksum, times, characters, settings and their checksum, checksum
    /// and data. GRDB ends a text at its first NUL: what may hold one is kept as its bytes.
    private static func arguments(
        _ title: String, _ text: String, _ settings: String, times: [Date]
    ) -> StatementArguments {
        let title = Data(title.utf8), data = Data(text.utf8)
        return [title, Checksum.crc32(title)] + StatementArguments(times.map(Timestamp.text))
            + [text.unicodeScalars.count, settings, Checksum.crc32(settings), Checksum.crc32(data), data]
    }

    private func fetchText(_ database: Database, _ id: StoredText.ID) throws -> StoredText {
        guard let row = try storedTexts(database, "WHERE id = ?", [id.rawValue]).first else {
            throw StoreError.noText(id: id.rawValue, path: path)
        }
        return try text(from: row)
    }

    private func storedTexts(
        _ database: Database, _ condition: String, _ arguments: StatementArguments = [], columns: String = "*"
    ) throws -> [StoredRow] {
        // A file that is read only may be older than this table.
        guard try database.tableExists("text") else { return [] }
        return try StoredRow.fetchAll(database, "text", condition, arguments, columns: columns, path: path)
    }

    func text(from row: StoredRow) throws(StoreError) -> StoredText {
        let summary = try summary(from: row), text = try row.verifiedBytesOfText("data", checksum: "crc32")
        guard text.unicodeScalars.count == summary.characters else {
            throw row.unexpected("characters", "the \(text.unicodeScalars.count) that its data have")
        }
        return StoredText(summary: summary, text: text, settings: Data(try row.verifiedText("settings").utf8))
    }

    private func summary(from row: StoredRow) throws(StoreError) -> TextSummary {
        TextSummary(
            id: StoredText.ID(rawValue: try row.identifier("id")),
            title: try row.verifiedBytesOfText("title", checksum: "title_crc32"),
            createdAt: try row.time("created_at"), changedAt: try row.time("changed_at"),
            revision: try row.integer("revision"), characters: try row.integer("characters"))
    }
}

/// A text that somebody writes with a model, as the store keeps it. It belongs to no run.
package struct StoredText: Sendable, Equatable {
    /// Names a text in its store.
    package struct ID: Sendable, Hashable {
        package let rawValue: Int64
        package init(rawValue: Int64) { self.rawValue = rawValue }
    }

    package var summary: TextSummary
    /// Any text, also with NULs.
    package var text: String
    /// JSON in UTF-8: what it is written with.
    package var settings: Data
}

/// What a list of texts shows of one.
package struct TextSummary: Sendable, Equatable {
    package var id: StoredText.ID
    package var title: String
    package var createdAt: Date
    package var changedAt: Date
    /// 1 for a text that was not changed since it was created, and one more for each change.
    package var revision: Int
    /// Unicode scalars in the text.
    package var characters: Int
}
