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
            guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters), !data.isEmpty else {
                throw .invalid(field, "must be a picture in base 64")
            }
            pictures.append(([UInt8](data), field))
        }
        return pictures
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
