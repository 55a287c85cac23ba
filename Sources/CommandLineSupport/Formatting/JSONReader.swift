package import Foundation

/// Why a text is no JSON that can be read.
package struct JSONFault: Error, Equatable, CustomStringConvertible {
    package let reason: String
    /// The byte at which it was found, from 0.
    package let place: Int

    package var description: String { "\(reason) at byte \(place)" }
}

extension JSONValue {
    /// Reads a text of JSON in UTF-8. Of members with the same key the last one counts.
    /// - Throws: ``JSONFault``
    package init(reading text: Data) throws(JSONFault) {
        var reader = JSONReader(text)
        self = try reader.document()
    }
}

/// Reads JSON in one pass. `JSONDecoder` cannot be asked of which kind a value is, only fail to take it for one, which costs
/// microseconds a value: much, where a request may have millions of them. `JSONSerialization` does not read all numbers exactly.
private struct JSONReader {
    private let bytes: [UInt8]
    private var place = 0

    /// Arrays and objects within each other: each needs some of the stack.
    private static let deepest = 512
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    init(_ text: Data) {
        bytes = [UInt8](text)
        if bytes.starts(with: Self.byteOrderMark) { place = Self.byteOrderMark.count }
    }

    mutating func document() throws(JSONFault) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw fault("there is more than one value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw fault("there is no value")
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
        var elements: [JSONValue] = []
        try enter(depth)
        guard !skip("]") else { return elements }
        repeat { elements.append(try value(depth: depth)) } while skip(",")
        guard skip("]") else { throw fault("a comma or ] is missing") }
        return elements
    }

    private mutating func object(depth: Int) throws(JSONFault) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        try enter(depth)
        guard !skip("}") else { return members }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault("a key in quotes is missing") }
            let key = try string()
            guard skip(":") else { throw fault("a colon is missing") }
            members[key] = try value(depth: depth)
        } while skip(",")
        guard skip("}") else { throw fault("a comma or } is missing") }
        return members
    }

    private mutating func enter(_ depth: Int) throws(JSONFault) {
        guard depth <= Self.deepest else {
            throw fault("more than \(Self.deepest) arrays or objects within each other")
        }
        place += 1
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        let isThere = word.withUTF8Buffer { bytes[place...].starts(with: $0) }
        guard isThere else { throw fault("there is no value") }
        place += word.utf8CodeUnitCount
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(JSONFault) -> JSONValue {
        let start = place
        if next == UInt8(ascii: "-") { place += 1 }
        let hasLeadingZero = next == UInt8(ascii: "0")
        guard try skipDigits() == 1 || !hasLeadingZero else { throw fault("a leading zero", at: start) }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            (place, isWhole) = (place + 1, false)
            try skipDigits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            (place, isWhole) = (place + 1, false)
            if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") { place += 1 }
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if isWhole, let number = Int(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else { throw fault("too large a number", at: start) }
        return Int(exactly: number).map(JSONValue.int) ?? .number(number)
    }

    @discardableResult private mutating func skipDigits() throws(JSONFault) -> Int {
        let start = place
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { place += 1 }
        guard place > start else { throw fault("a number lacks digits") }
        return place - start
    }

    // MARK: Strings

    private mutating func string() throws(JSONFault) -> String {
        let start = place + 1
        place = start
        // What stands before the last escape, with those before it replaced.
        var replaced: [UInt8] = [], rest = start
        while next != UInt8(ascii: "\"") {
            guard next >= 0x20 else { throw fault("a string has a control character that is not escaped") }
            guard next == UInt8(ascii: "\\") else {
                place += 1
                continue
            }
            replaced += bytes[rest..<place]
            replaced += String(try escaped()).utf8
            rest = place
        }
        let text = String(
            validating: rest == start ? bytes[start..<place] : replaced + bytes[rest..<place], as: UTF8.self)
        guard let text else { throw fault("a string is not UTF-8", at: start) }
        place += 1
        return text
    }

    /// The character that an escape stands for.
    private mutating func escaped() throws(JSONFault) -> Unicode.Scalar {
        place += 1
        defer { place += 1 }
        switch next {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try hexadecimal()
            if let scalar = Unicode.Scalar(first) { return scalar }
            // One half of a character beyond the first 65,536; the other must follow.
            place += 1
            guard first < 0xdc00, next == UInt8(ascii: "\\") else { throw fault("half a character is escaped") }
            place += 1
            guard next == UInt8(ascii: "u") else { throw fault("half a character is escaped") }
            let second = try hexadecimal()
            guard (0xdc00...0xdfff).contains(second) else { throw fault("half a character is escaped") }
            let value = 0x10000 + (UInt32(first - 0xd800) << 10 | UInt32(second - 0xdc00))
            return Unicode.Scalar(value) ?? "\u{fffd}"
        default: throw fault("an unknown escape")
        }
    }

    /// Four digits, which ends at the last of them.
    private mutating func hexadecimal() throws(JSONFault) -> UInt16 {
        let digits = bytes[place...].dropFirst().prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("\\u needs four digits") }
        place += 4
        return value
    }

    // MARK: Going on

    /// Zero at the end: nowhere may a zero byte stand.
    private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func skipSpace() {
        while next == 0x20 || next == 0x0a || next == 0x0d || next == 0x09 { place += 1 }
    }

    /// Whether a sign comes next, after any space; then it is passed.
    private mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: sign) else { return false }
        place += 1
        return true
    }

    private func fault(_ reason: String, at found: Int? = nil) -> JSONFault {
        let found = found ?? place
        return JSONFault(reason: found < bytes.count ? reason : "the text ends too early", place: found)
    }
}
