import Foundation
import GRDB

/// A row as a damaged store may hold it: NULL where a number is due, text for integers, a step of 10¹⁸. Every value is
/// looked at before it is used, and one that cannot be is an error with the names of table, row and column.
struct StoredRow {
    let row: Row
    let table: String
    let path: String

    /// What any step, count or size in a store can be: sums of two stay integers, and each is an exact `Double`.
    static let counts = 0...1_000_000_000_000_000

    /// The rows of a query over one table.
    static func fetchAll(
        _ database: Database, _ table: String, _ condition: String = "", _ arguments: StatementArguments = [],
        columns: String = "*", path: String
    ) throws -> [StoredRow] {
        try Row.fetchAll(database, sql: "SELECT \(columns) FROM \(table) \(condition)", arguments: arguments)
            .map { StoredRow(row: $0, table: table, path: path) }
    }

    func integer(_ column: String, in range: ClosedRange<Int> = counts) throws(StoreError) -> Int {
        guard case .int64(let value) = value(column).storage, let number = Int(exactly: value) else {
            throw unexpected(column, "a whole number")
        }
        guard range.contains(number) else {
            throw unexpected(column, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The number of a row, of any sign.
    func identifier(_ column: String) throws(StoreError) -> Int64 {
        guard case .int64(let value) = value(column).storage else { throw unexpected(column, "a whole number") }
        return value
    }

    /// Nil for NULL, and in a store that is older than the column.
    func optionalInteger(_ column: String, in range: ClosedRange<Int> = counts) throws(StoreError) -> Int? {
        isNull(column) ? nil : try integer(column, in: range)
    }

    func flag(_ column: String) throws(StoreError) -> Bool { try integer(column, in: 0...1) == 1 }

    /// A finite number.
    func number(_ column: String) throws(StoreError) -> Double {
        switch value(column).storage {
        case .double(let value) where value.isFinite: return value
        // SQLite keeps a REAL without a fraction as an integer where that is shorter.
        case .int64(let value): return Double(value)
        default: throw unexpected(column, "a finite number")
        }
    }

    func optionalNumber(_ column: String) throws(StoreError) -> Double? {
        isNull(column) ? nil : try number(column)
    }

    func text(_ column: String) throws(StoreError) -> String {
        guard case .string(let text) = value(column).storage else { throw unexpected(column, "text") }
        return text
    }

    /// Text that was selected as ``Schema/selection(of:)`` says.
    func textWithNULs(_ column: String) throws(StoreError) -> String {
        guard case .blob(let data) = value(column).storage, data.contains(0) else { return try text(column) }
        guard let text = String(validating: data, as: UTF8.self) else { throw unexpected(column, "text in UTF-8") }
        return text
    }

    func optionalText(_ column: String) throws(StoreError) -> String? {
        isNull(column) ? nil : try text(column)
    }

    /// Text that has a checksum beside it, in the column of its name with `_crc32` behind; rows of older stores have none.
    func verifiedText(_ column: String) throws(StoreError) -> String {
        let text = try text(column)
        try verify(column, against: column + "_crc32") { Checksum.crc32(text) }
        return text
    }

    /// Text that is kept as the bytes of its UTF-8, and has a checksum in another column.
    func verifiedBytesOfText(_ column: String, checksum: String) throws(StoreError) -> String {
        let data = try data(column)
        try verify(column, against: checksum) { Checksum.crc32(data) }
        guard let text = String(validating: data, as: UTF8.self) else { throw unexpected(column, "text in UTF-8") }
        return text
    }

    func time(_ column: String) throws(StoreError) -> Date {
        guard let date = Timestamp.date(try text(column)) else { throw unexpected(column, "a time") }
        return date
    }

    func data(_ column: String) throws(StoreError) -> Data {
        guard case .blob(let data) = value(column).storage else { throw unexpected(column, "a BLOB") }
        return data
    }

    /// A BLOB that has a checksum beside it, in the column `crc32`; rows of older stores have none.
    func verifiedData(_ column: String) throws(StoreError) -> Data {
        let data = try data(column)
        try verify(column, against: "crc32") { Checksum.crc32(data) }
        return data
    }

    private func verify(
        _ column: String, against checksum: String, _ compute: () -> Int
    ) throws(StoreError) {
        guard let expected = try optionalInteger(checksum, in: Checksum.range) else { return }
        let found = compute()
        guard found == expected else {
            throw unexpected(column, "what was stored: its checksum is \(found), and \(expected) is due")
        }
    }

    /// The error for a value that is not what it should be.
    func unexpected(_ column: String, _ expected: String) -> StoreError {
        .damagedValue(
            table: table, row: name, column: column, reason: "\(Self.summary(value(column))) instead of \(expected)",
            path: path)
    }

    private func value(_ column: String) -> DatabaseValue { row.hasColumn(column) ? row[column] : .null }

    private func isNull(_ column: String) -> Bool { value(column).isNull }

    /// What tells this row from others of its table, in words.
    var name: String {
        let columns =
            ["id", "rowid"].first(where: row.hasColumn).map { [$0] }
            ?? ["run_id", "checkpoint_id", "section", "name", "step", "chunk"].filter(row.hasColumn)
        return columns.map { "\($0) \(Self.summary(value($0)))" }.joined(separator: ", ")
    }

    private static func summary(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "NULL"
        case .int64(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): "'" + text.prefix(40) + (text.count > 40 ? "…'" : "'")
        case .blob(let data): "a BLOB of \(data.count) bytes"
        }
    }
}
