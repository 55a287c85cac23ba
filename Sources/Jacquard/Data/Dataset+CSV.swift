import Foundation
import Requirements
import TensorCore

extension Dataset {
    /// A table with a head: one column holds the class of each row, in words or numbers.
    /// - Parameters:
    ///   - csv: path of a file in UTF-8 as RFC 4180 has it: fields may be quoted, lines may end with CR LF.
    ///   - label: the column of the classes. They are numbered in the order of their names, 2 before 10.
    ///   - inputs: the columns that a model is shown; nil: all others. They hold numbers.
    ///   - separator: between fields.
    /// - Throws: ``DatasetError``, which names row and column.
    public init(
        csv: String, label: String, inputs: [String]? = nil, separator: Character = ","
    ) throws(DatasetError) {
        let table = try CSVTable(path: csv, separator: separator)
        let column = try table.column(label)
        let others = try table.inputColumns(inputs, answers: [column])
        let words = table.rows.map { $0[column] }
        let classes = Set(words).sorted {
            // 1 and 01 are the same number: by it alone, every process would number them in an order of its own.
            let order = $0.compare($1, options: .numeric)
            return order == .orderedSame ? $0 < $1 : order == .orderedAscending
        }
        let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        self = Dataset(
            inputs: try table.numbers(others), labels: words.compactMap { numbers[$0] }, classes: classes
        ).named(others.map { table.head[$0] })
    }

    /// A table with a head: some columns hold the numbers that a model is to answer.
    /// - Parameters:
    ///   - csv: path of a file in UTF-8 as RFC 4180 has it: fields may be quoted, lines may end with CR LF.
    ///   - targets: the columns of the answers.
    ///   - inputs: the columns that a model is shown; nil: all others.
    ///   - separator: between fields.
    /// - Throws: ``DatasetError``, which names row and column.
    public init(
        csv: String, targets: [String], inputs: [String]? = nil, separator: Character = ","
    ) throws(DatasetError) {
        require(!targets.isEmpty, "a model answers one column or more, and `targets` names none")
        let table = try CSVTable(path: csv, separator: separator)
        let answers = try table.columns(targets)
        let others = try table.inputColumns(inputs, answers: answers)
        self = Dataset(inputs: try table.numbers(others), targets: try table.numbers(answers))
            .named(others.map { table.head[$0] })
    }
}

/// A table as RFC 4180 has it. Errors name row and column, and nothing broken is read as something else: a quotation mark
/// that is not closed is an error, and no text to the end of the file.
struct CSVTable {
    let path: String
    let head: [String]
    /// As many fields in each as the head has.
    private(set) var rows: [[String]] = []
    /// The row of the file each is in, from 1.
    private var rowNumbers: [Int] = []

    init(path: String, separator: Character) throws(DatasetError) {
        guard let mark = separator.asciiValue, mark != UInt8(ascii: "\""), mark != 10, mark != 13 else {
            fatalError("fields are separated by one ASCII character, not by '\(separator)'")
        }
        self.path = path
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw .unreadable(
                "\(path): " + (FileManager.default.fileExists(atPath: path) ? "cannot be read" : "no such file"))
        }
        var scanner = CSVScanner(path: path, separator: mark)
        var all: [(number: Int, fields: [String])] = []
        let failure = data.withUnsafeBytes { bytes -> DatasetError? in
            do throws(DatasetError) {
                try scanner.scan(bytes) { all.append(($0, $1)) }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        guard let first = all.first else { throw .unusable(path: path, reason: "it is empty") }
        head = first.fields
        var names: Set<String> = []
        if let twice = head.first(where: { !names.insert($0).inserted }) {
            throw .unusable(path: path, reason: "two columns are named '\(twice)'")
        }
        for (number, fields) in all.dropFirst() {
            guard fields.count == head.count else {
                throw .rowLength(path: path, row: number, fields: fields.count, expected: head.count)
            }
            rows.append(fields)
            rowNumbers.append(number)
        }
        guard !rows.isEmpty else { throw .unusable(path: path, reason: "it has a head and no rows") }
    }

    func column(_ name: String) throws(DatasetError) -> Int {
        guard let index = head.firstIndex(of: name) else { throw .noColumn(path: path, name: name, present: head) }
        return index
    }

    func columns(_ names: [String]) throws(DatasetError) -> [Int] {
        var columns: [Int] = []
        for name in names { columns.append(try column(name)) }
        return columns
    }

    /// The columns of these names, or all but the answers.
    func inputColumns(_ names: [String]?, answers: [Int]) throws(DatasetError) -> [Int] {
        guard let names else {
            let others = head.indices.filter { !answers.contains($0) }
            guard !others.isEmpty else {
                throw .unusable(path: path, reason: "all its columns are answers, and a model is shown the others")
            }
            return others
        }
        require(!names.isEmpty, "a model is shown one column or more, and `inputs` names none")
        return try columns(names)
    }

    /// [rows, columns].
    func numbers(_ columns: [Int]) throws(DatasetError) -> Tensor {
        var values: [Float] = []
        values.reserveCapacity(rows.count * columns.count)
        for (index, row) in rows.enumerated() {
            for column in columns {
                guard let value = Float(row[column].trimmingCharacters(in: .whitespaces)), value.isFinite else {
                    throw .badValue(
                        path: path, row: rowNumbers[index], column: head[column], value: String(row[column].prefix(40)),
                        expected: "a number")
                }
                values.append(value)
            }
        }
        return Tensor(values, shape: [rows.count, columns.count])
    }
}

/// Cuts bytes into rows of fields.
private struct CSVScanner {
    let path: String
    let separator: UInt8
    private var head: [String] = []
    private var fields: [String] = []
    private var row = 1

    init(path: String, separator: UInt8) { (self.path, self.separator) = (path, separator) }

    mutating func scan(
        _ bytes: UnsafeRawBufferPointer, onRow: (_ number: Int, _ fields: [String]) -> Void
    ) throws(DatasetError) {
        let quote = UInt8(ascii: "\""), newline = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")
        // A byte order mark is no part of the first name.
        var place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        func isLineEnd(_ place: Int) -> Bool {
            place == bytes.count || bytes[place] == newline || bytes[place] == carriageReturn
        }
        while place < bytes.count {
            var field: [UInt8] = []
            if bytes[place] == quote {
                place += 1
                while true {
                    guard place < bytes.count else { throw badQuote() }
                    if bytes[place] == quote {
                        guard place + 1 < bytes.count, bytes[place + 1] == quote else { break }
                        place += 1
                    }
                    field.append(bytes[place])
                    place += 1
                }
                place += 1
                guard isLineEnd(place) || bytes[place] == separator else { throw badQuote() }
            } else {
                let start = place
                while !isLineEnd(place), bytes[place] != separator {
                    if bytes[place] == quote { throw badQuote() }
                    place += 1
                }
                field.append(contentsOf: bytes[start..<place])
            }
            guard let text = String(validating: field, as: UTF8.self) else {
                throw .badValue(
                    path: path, row: row, column: columnName, value: String(decoding: field.prefix(40), as: UTF8.self),
                    expected: "text in UTF-8")
            }
            fields.append(text)
            if !isLineEnd(place) {
                place += 1
                // A separator at the very end has an empty field behind it.
                if place == bytes.count { fields.append("") } else { continue }
            }
            if place + 1 < bytes.count, bytes[place] == carriageReturn, bytes[place + 1] == newline { place += 1 }
            place += 1
            finishRow(onRow)
        }
        if !fields.isEmpty { finishRow(onRow) }
    }

    private mutating func finishRow(_ onRow: (Int, [String]) -> Void) {
        // An empty line is no row.
        if fields != [""] {
            if head.isEmpty { head = fields }
            onRow(row, fields)
        }
        fields = []
        row += 1
    }

    private var columnName: String { fields.count < head.count ? head[fields.count] : "\(fields.count + 1)" }
    private func badQuote() -> DatasetError { .badQuote(path: path, row: row, column: columnName) }
}
