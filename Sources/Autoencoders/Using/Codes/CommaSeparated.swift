/// Comma-separated values as RFC 4180 has them, written: a field with a comma, a quote or a line end is quoted, and
/// quotes inside are doubled. Records end in a line feed alone, as most programs write them today.
enum CommaSeparated {
    static func record(_ fields: some Sequence<String>) -> String {
        fields.map(quoted).joined(separator: ",") + "\n"
    }

    static func quoted(_ field: String) -> String {
        // By bytes: a character may hide a quote or a line end behind an accent.
        let needsQuotes = field.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
        guard needsQuotes else { return field }
        var text: [UInt8] = [quote]
        for byte in field.utf8 {
            if byte == quote { text.append(quote) }
            text.append(byte)
        }
        return String(decoding: text + [quote], as: UTF8.self)
    }

    static let quote = UInt8(ascii: "\"")
}

/// Reads comma-separated values record by record, in constant memory: line ends of every kind, also inside of quotes;
/// a byte-order mark and empty lines are passed over.
///
/// By bytes, and strict: a library that reads by characters takes a quote and the accent after it for one letter, and
/// one that makes up for a missing quote or field gives back other data than were written.
struct CommaSeparatedParser {
    /// Something that RFC 4180 does not allow.
    struct Problem: Error, Equatable {
        /// The line in which the record begins, counted from 1.
        var line: Int
        var reason: String
    }

    struct Record {
        /// The line in which the record begins, counted from 1.
        let line: Int
        private let bytes: [UInt8]
        private let ends: [Int]

        fileprivate init(line: Int, bytes: [UInt8], ends: [Int]) {
            (self.line, self.bytes, self.ends) = (line, bytes, ends)
        }

        var count: Int { ends.count }

        subscript(field: Int) -> String {
            String(decoding: bytes[(field == 0 ? 0 : ends[field - 1])..<ends[field]], as: UTF8.self)
        }
    }

    private enum Place {
        case fieldStart, plain, quoted
        /// After a quote inside of quotes: their end, or the first of two.
        case quoteInQuotes
        /// After a carriage return: a line feed belongs to it.
        case carriageReturn
    }

    private var place = Place.fieldStart
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var line = 1
    private var recordLine = 1
    private var isAtStart = true
    private var hasQuotes = false

    /// Takes the next bytes, and hands over each record that ends in them.
    mutating func feed(_ more: some Sequence<UInt8>, _ onRecord: (Record) throws -> Void) throws {
        for byte in more { try take(byte, onRecord) }
    }

    /// Hands over a last record that no line end follows.
    mutating func finish(_ onRecord: (Record) throws -> Void) throws {
        switch place {
        case .quoted: throw Problem(line: recordLine, reason: "a quote is opened and never closed")
        case .carriageReturn: break
        case .fieldStart, .plain, .quoteInQuotes: try endRecord(onRecord)
        }
    }

    private mutating func take(_ byte: UInt8, _ onRecord: (Record) throws -> Void) throws {
        if byte == UInt8(ascii: "\n") { line += 1 }
        if place == .carriageReturn {
            place = .fieldStart
            if byte == UInt8(ascii: "\n") {
                recordLine = line
                return
            }
            line += 1
            recordLine = line
        }
        switch (place, byte) {
        case (.quoted, CommaSeparated.quote): place = .quoteInQuotes
        case (.quoted, _): bytes.append(byte)
        case (.quoteInQuotes, CommaSeparated.quote):
            bytes.append(byte)
            place = .quoted
        case (_, UInt8(ascii: ",")):
            ends.append(bytes.count)
            place = .fieldStart
        case (_, UInt8(ascii: "\n")):
            try endRecord(onRecord)
        case (_, UInt8(ascii: "\r")):
            try endRecord(onRecord)
            place = .carriageReturn
        case (.fieldStart, CommaSeparated.quote):
            place = .quoted
            hasQuotes = true
        case (.quoteInQuotes, _):
            throw Problem(line: recordLine, reason: "something follows a closing quote")
        case (_, CommaSeparated.quote):
            throw Problem(line: recordLine, reason: "a quote stands inside of a field that is not in quotes")
        default:
            bytes.append(byte)
            place = .plain
        }
    }

    private mutating func endRecord(_ onRecord: (Record) throws -> Void) throws {
        ends.append(bytes.count)
        let record = Record(line: recordLine, bytes: bytes, ends: ends)
        let isEmpty = ends.count == 1 && bytes.isEmpty && !hasQuotes
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hasQuotes = false
        place = .fieldStart
        recordLine = line
        if !isEmpty { try onRecord(record) }
    }
}
