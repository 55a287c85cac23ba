import FileTrees
import Foundation

/// JSON for programs to read: keys sorted, numbers exact, absent values written as null.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// One that is not finite is written as null: JSON has no word for it.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
    /// An object in this order, whose names may be canonically equivalent: a dictionary takes "\u{3AC}" and "\u{1F71}" for
    /// one. What is read never is one of these.
    case members([Member])

    package struct Member: Hashable, Sendable {
        let name: String
        let value: JSONValue

        package init(_ name: String, _ value: JSONValue) { (self.name, self.value) = (name, value) }
    }

    package init(_ value: Bool?) { self = value.map(JSONValue.bool) ?? .null }
    package init(_ value: Int?) { self = value.map(JSONValue.int) ?? .null }
    package init(_ value: Double?) { self = value.map(JSONValue.number) ?? .null }
    package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }

    /// Over several lines, two spaces deeper at each level; no line end after the last.
    package var text: String {
        var text = ""
        write(to: &text, indentation: "")
        return text
    }

    /// In one line, without spaces.
    package var compactText: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// - Parameter indentation: nil: all in one line.
    private func write(to text: inout String, indentation: String?) {
        let inner = indentation.map { $0 + "  " }
        func list<Elements: Collection>(
            _ elements: Elements, _ open: String, _ close: String, _ body: (Elements.Element) -> Void
        ) {
            guard !elements.isEmpty else { return text += open + close }
            text += open
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                if let inner { text += "\n" + inner }
                body(element)
            }
            if let indentation { text += "\n" + indentation }
            text += close
        }
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.quote(value, to: &text)
        case .array(let elements): list(elements, "[", "]") { $0.write(to: &text, indentation: inner) }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            JSONValue.members(sorted.map { Member($0.key, $0.value) }).write(to: &text, indentation: indentation)
        case .members(let members):
            list(members, "{", "}") { member in
                Self.quote(member.name, to: &text)
                text += indentation == nil ? ":" : ": "
                member.value.write(to: &text, indentation: inner)
            }
        }
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            // What a terminal would obey, and bytes that are not UTF-8, which a program may want to find.
            case _ where !VisibleText.isHarmless(scalar):
                for unit in UTF16.encode(scalar)! {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension JSONValue: Decodable {
    /// - Throws: a `DecodingError`, also for a number beyond the range of a `Double`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // There is no asking of which kind a value is, and each attempt that fails costs time. Numbers come first: of them a
        // request may have millions.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Double.self) {
            // From 2^53 on whole numbers lie between those of a Double.
            let isExact = value.magnitude < 0x1p53
            let whole = isExact ? Int(exactly: value) : try? container.decode(Int.self)
            self = whole.map(JSONValue.int) ?? .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else {
            // All else that may be wrong with a text is found before any value is asked for.
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "it holds a number beyond the range of a Double, or text that is not Unicode")
        }
    }
}
