package import CommandLineSupport
package import Foundation

/// What is wrong with a request, and in which of its fields.
package struct RequestFault: Error, CustomStringConvertible {
    package let message: String
    /// The field that is wrong.
    package let field: String?
    /// A word for programs.
    package let code: String?

    /// - Parameter field: nil if it is none that is wrong.
    package static func invalid(_ field: String?, _ message: String, code: String? = nil) -> RequestFault {
        RequestFault(message: field.map { "\($0): \(message)" } ?? message, field: field, code: code)
    }

    package var description: String { message }
}

/// The fields of a request in JSON. Each that is asked for counts as known; what is left over is said in the answer,
/// so that no wish is dropped in silence.
package struct RequestFields: Sendable {
    private let fields: [String: JSONValue]
    private var known: Set<String> = []

    /// - Throws: ``RequestFault`` if it is no JSON object.
    package init(_ body: Data) throws(RequestFault) {
        guard Self.depth(of: body) <= Self.deepest else {
            throw .invalid(
                nil, "the body has more than \(Self.deepest) lists and objects within each other", code: "invalid_json")
        }
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: body)
        } catch {
            throw .invalid(nil, "the body is no JSON that can be read: \(Self.reason(error))", code: "invalid_json")
        }
        guard case .object(let fields) = value else {
            throw .invalid(nil, "the body must be a JSON object", code: "invalid_json")
        }
        self.init(fields)
    }

    /// Far more than any request has.
    private static let deepest = 32

    /// How many lists and objects stand within each other. Foundation's time grows much faster than that: eight bodies of
    /// 8 KB of brackets kept two cores for half a minute.
    private static func depth(of body: Data) -> Int {
        var depth = 0, deepest = 0, isInText = false, isEscaped = false
        for byte in body {
            if isInText {
                isInText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return deepest
    }

    private static func reason(_ error: any Error) -> String {
        guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
        let cause = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
        return cause ?? context.debugDescription
    }

    /// Of an object within another.
    init(_ fields: [String: JSONValue]) { self.fields = fields }

    /// Names of fields that nobody has asked for, in order. Null is as good as absent.
    package var unknown: [String] { fields.filter { $0.value != .null && !known.contains($0.key) }.keys.sorted() }

    /// The same in words, as answers have them.
    package var warnings: [String] { unknown.map { "\($0): unknown, and without effect" } }

    /// Nil where it is absent or null.
    package mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = fields[name], value != .null else { return nil }
        return value
    }

    package mutating func string(_ name: String) throws(RequestFault) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { throw .invalid(name, "must be a string") }
        return text
    }

    package mutating func bool(_ name: String) throws(RequestFault) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else { throw .invalid(name, "must be true or false") }
        return flag
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(RequestFault) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .int(let number) = value else { throw .invalid(name, "must be a whole number") }
        guard range.contains(number) else {
            throw .invalid(name, "must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
        }
        return number
    }

    package mutating func number(_ name: String, in range: ClosedRange<Double>) throws(RequestFault) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.double else { throw .invalid(name, "must be a number") }
        guard range.contains(number) else {
            throw .invalid(
                name,
                "must be from \(NumberText.exact(range.lowerBound)) to \(NumberText.exact(range.upperBound)), not "
                    + NumberText.exact(number))
        }
        return number
    }

    /// A string, or a list of them; empty where it is absent.
    package mutating func strings(_ name: String) throws(RequestFault) -> [String]? {
        switch value(name) {
        case nil: return nil
        case .string(let text)?: return [text]
        case .array(let values)?:
            var texts: [String] = []
            for value in values {
                guard case .string(let text) = value else {
                    throw .invalid(name, "must be text, or a list of texts")
                }
                texts.append(text)
            }
            return texts
        default: throw .invalid(name, "must be text, or a list of texts")
        }
    }

    package mutating func object(_ name: String) throws(RequestFault) -> [String: JSONValue]? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { throw .invalid(name, "must be an object") }
        return members
    }
}

extension JSONValue {
    package var double: Double? {
        switch self {
        case .int(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
