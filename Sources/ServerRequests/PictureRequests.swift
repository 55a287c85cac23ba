import CommandLineSupport
package import Foundation
package import ServedModels

/// What comes where pictures are asked for: told apart by how it begins, as programs give either whatever content type they
/// like.
package enum PictureBody: Sendable {
    /// The bytes of a file.
    case picture([UInt8])
    case json(RequestFields)

    /// - Throws: ``RequestFault``
    package init(_ body: Data) throws(RequestFault) {
        let first = body.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        self =
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
            ? .json(try RequestFields(body)) : .picture([UInt8](body))
    }
}

/// Reads bodies on a thread of its own: those with pictures or codes may be so large that it takes a second, and the threads
/// that Swift shares among all tasks are to answer other requests meanwhile.
package actor PictureBodyReader {
    private nonisolated let thread = ComputeThread(name: "bodies")

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    package init() {}

    /// - Throws: ``RequestFault``
    package func read(_ body: Data) throws(RequestFault) -> PictureBody { try PictureBody(body) }
}

extension RequestFields {
    /// Pictures in base 64, and where each stands, for messages.
    /// - Throws: ``RequestFault``
    package mutating func pictures(_ name: String) throws(RequestFault) -> [(bytes: [UInt8], field: String)] {
        var pictures: [(bytes: [UInt8], field: String)] = []
        for (index, text) in (try strings(name) ?? []).enumerated() {
            let field = "\(name)[\(index)]"
            guard let bytes = Self.bytes(base64: text), !bytes.isEmpty else {
                throw .invalid(field, "must be a picture in base 64")
            }
            pictures.append((bytes, field))
        }
        return pictures
    }

    /// Base 64 in either alphabet (RFC 4648, sections 4 and 5), with padding or without, on one line or many, also behind the
    /// head of a data URL (RFC 2397), as browsers make them.
    private static func bytes(base64 text: String) -> [UInt8]? {
        var text = text[...]
        if text.prefix(5).lowercased() == "data:" {
            guard let comma = text.firstIndex(of: ","), text[..<comma].lowercased().hasSuffix(";base64") else {
                return nil
            }
            text = text[text.index(after: comma)...]
        }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.utf8.count + 3)
        for digit in text.utf8 {
            switch digit {
            case 0x20, 0x09, 0x0a, 0x0d: break
            case UInt8(ascii: "-"): digits.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): digits.append(UInt8(ascii: "/"))
            default: digits.append(digit)
            }
        }
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        while digits.count % 4 != 0 { digits.append(UInt8(ascii: "=")) }
        return Data(base64Encoded: Data(digits)).map { [UInt8]($0) }
    }

    /// - Throws: ``RequestFault``
    package mutating func codes(_ name: String) throws(RequestFault) -> [[Float]] {
        guard case .array(let values)? = value(name) else {
            throw .invalid(name, "must be a list of codes, each a list of numbers")
        }
        var codes: [[Float]] = []
        for value in values { codes.append(try Self.code(value, field: name)) }
        return codes
    }

    /// What the neighbors of are asked for: a picture that is shown, by its number, or a code.
    /// - Throws: ``RequestFault``
    package mutating func query() throws(RequestFault) -> PictureHost.Query {
        if let index = try integer("index", in: 0...Int(Int32.max)) { return .index(index) }
        guard let value = value("code") else {
            throw .invalid("code", "is missing: a code, or the index of a picture")
        }
        return .code(try Self.code(value, field: "code"))
    }

    private static func code(_ value: JSONValue, field: String) throws(RequestFault) -> [Float] {
        guard case .array(let values) = value else { throw .invalid(field, "a code must be a list of numbers") }
        var code: [Float] = []
        for value in values {
            guard let number = value.double else { throw .invalid(field, "a code must be a list of numbers") }
            code.append(Float(number))
        }
        return code
    }
}
