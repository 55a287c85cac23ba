import Foundation
import TensorCore

/// The header of a safetensors file, read strictly.
struct SafetensorsHeader {
    struct Entry {
        let name: String
        let type: String
        let shape: Shape
        /// In the part of the file behind the header.
        let range: Range<Int>
    }

    struct Fault: Error {
        let reason: String
    }

    /// In the order of their data.
    let entries: [Entry]
    let metadata: [String: String]

    /// More elements than any file holds.
    private static let mostElements = 1 << 60

    init(_ bytes: [UInt8], dataBytes: Int) throws {
        guard bytes.first == UInt8(ascii: "{") else { throw Fault(reason: "its header does not begin with {") }
        if let name = JSONNames.repeated(in: bytes) { throw Fault(reason: "its header names \(name) twice") }
        let parsed: Parsed
        do {
            parsed = try JSONDecoder().decode(Parsed.self, from: Data(bytes))
        } catch {
            throw Fault(reason: "its header cannot be read as JSON of this format: \(Self.text(of: error))")
        }
        metadata = parsed.metadata
        entries = try parsed.entries.map { name, fields in
            guard fields.shape.allSatisfy({ $0 >= 0 }), fields.shape.count <= 64, Self.canBe(fields.shape)
            else { throw Fault(reason: "\(name) has the shape \(fields.shape)") }
            guard fields.offsets.count == 2, 0 <= fields.offsets[0], fields.offsets[0] <= fields.offsets[1],
                fields.offsets[1] <= dataBytes
            else { throw Fault(reason: "\(name) lies at \(fields.offsets) of \(dataBytes) bytes") }
            return Entry(
                name: name, type: fields.dtype, shape: Shape(fields.shape), range: fields.offsets[0]..<fields.offsets[1]
            )
        }.sorted {
            ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
        }
        var end = 0
        for entry in entries {
            guard entry.range.lowerBound >= end else { throw Fault(reason: "\(entry.name) overlaps another tensor") }
            guard entry.range.lowerBound == end else { throw Fault(reason: "there is a gap before \(entry.name)") }
            end = entry.range.upperBound
        }
        guard end == dataBytes else { throw Fault(reason: "\(dataBytes - end) bytes follow its last tensor") }
    }

    /// Whether a tensor can have these sides: their product, counted exactly and without those that are zero.
    private static func canBe(_ shape: [Int]) -> Bool {
        var elements = 1
        for side in shape where side != 0 {
            let (product, overflows) = elements.multipliedReportingOverflow(by: side)
            guard !overflows, product < mostElements else { return false }
            elements = product
        }
        return true
    }

    private static func text(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            return (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
        @unknown default: return "\(error)"
        }
    }

    /// As JSON has it.
    private struct Parsed: Decodable {
        struct Fields: Decodable {
            let dtype: String
            let shape: [Int]
            let offsets: [Int]

            enum CodingKeys: String, CodingKey {
                case dtype, shape
                case offsets = "data_offsets"
            }
        }

        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var entries: [(String, Fields)] = []
        var metadata: [String: String] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for name in container.allKeys {
                if name.stringValue == Safetensors.metadataKey {
                    metadata = try container.decode([String: String].self, forKey: name)
                } else {
                    entries.append((name.stringValue, try container.decode(Fields.self, forKey: name)))
                }
            }
        }
    }
}

/// The names of JSON's objects. Foundation reads a name that stands twice as if it stood once: two programs could then see
/// two different files.
enum JSONNames {
    /// The first name that an object holds twice; nil if none does. What is not JSON may give anything: it is refused later.
    static func repeated(in bytes: [UInt8]) -> String? {
        var objects: [Set<[UInt8]>?] = []  // nil: an array
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"): objects.append([])
            case UInt8(ascii: "["): objects.append(nil)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = objects.popLast()
            case UInt8(ascii: "\""):
                let start = index
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard index < bytes.count else { return nil }
                var next = index + 1
                while next < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[next]) { next += 1 }
                if next < bytes.count, bytes[next] == UInt8(ascii: ":"), objects.last != nil {
                    // Spelled in several ways, a name is still the same.
                    let name = unescaped(Array(bytes[start...index]))
                    if objects[objects.count - 1]?.insert(name).inserted == false {
                        return String(decoding: name, as: UTF8.self)
                    }
                }
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func unescaped(_ quoted: [UInt8]) -> [UInt8] {
        guard quoted.contains(UInt8(ascii: "\\")),
            let text = try? JSONDecoder().decode(String.self, from: Data(quoted))
        else { return Array(quoted.dropFirst().dropLast()) }
        return Array(text.utf8)
    }
}
