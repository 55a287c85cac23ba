package import Foundation
import TextCorpora

/// The units of somebody else's model, in the order of its ids.
///
/// In a JSON file either a list of units, or an object of ids by unit, or one of units by id. A file that is no JSON is a text,
/// whose distinct characters in ascending order are the units: what `sorted(set(text))` gives in Python.
package struct ForeignVocabulary: Sendable, Equatable {
    /// The file's name, without its folder.
    let name: String
    /// The UTF-8 of each id's unit; nil for the one that stands for whatever the model does not know. By bytes: two
    /// strings are equal where they are canonically equivalent, and such characters are units of their own.
    private let units: [[UInt8]?]
    /// Those of a text whose line ends Python has not turned into LF, as `open(path, newline="")` reads it.
    private let unitsWithReturns: [[UInt8]?]?

    private static let unknown = Set(["<unk>", "<UNK>", "[UNK]", "<unknown>", "\u{FFFD}"].map { Array($0.utf8) })

    /// - Throws: ``LanguageModelError/vocabulary(path:reason:)``
    package init(path: String) throws(LanguageModelError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .vocabulary(path: path, reason: "it cannot be read")
        }
        try self.init(data, path: path)
    }

    package init(_ written: Data, path: String) throws(LanguageModelError) {
        func refuse(_ reason: String) -> LanguageModelError { .vocabulary(path: path, reason: reason) }
        // JSON may be in UTF-16 as well, as Windows writes it.
        let hasWideMark = written.starts(with: [0xff, 0xfe]) || written.starts(with: [0xfe, 0xff])
        let data = hasWideMark ? String(data: written, encoding: .utf16).map { Data($0.utf8) } ?? written : written
        name = URL(fileURLWithPath: path).lastPathComponent
        let list: [String]
        var withReturns: [String]?
        if let names = try? JSONDecoder().decode([String].self, from: data) {
            list = names
        } else if let ids = Self.members(of: data, as: Int.self) {
            list = try Self.ordered(ids.map { ($0.value, $0.key) }, refuse)
        } else if let names = Self.members(of: data, as: String.self) {
            var pairs: [(Int, String)] = []
            for (key, name) in names {
                guard let id = Int(key) else { throw refuse("'\(key)' is no id") }
                pairs.append((id, name))
            }
            list = try Self.ordered(pairs, refuse)
        } else {
            guard let text = String(validating: data, as: UTF8.self) else { throw refuse("it is not in UTF-8") }
            var scalars = Set(text.unicodeScalars)
            func sorted() -> [String] { scalars.sorted { $0.value < $1.value }.map { String($0) } }
            if scalars.contains("\r") {
                withReturns = sorted()
                scalars.remove("\r")
                scalars.insert("\n")
            }
            list = sorted()
        }
        units = try Self.units(list, refuse)
        unitsWithReturns = try withReturns.map { (list) throws(LanguageModelError) in try Self.units(list, refuse) }
    }

    private static func units(
        _ list: [String], _ refuse: (String) -> LanguageModelError
    ) throws(LanguageModelError) -> [[UInt8]?] {
        let spelled = list.map { Array($0.utf8) }
        guard Set(spelled).count == spelled.count, !spelled.contains([]) else {
            throw refuse("a unit is empty, or stands twice")
        }
        var units = spelled.map { unknown.contains($0) ? nil : $0 }
        // <pad>, <bos> and the like stand in no text: each gets a character for private use that is no unit yet.
        let taken = Set(spelled)
        var free = (0xE000...0xF8FF as ClosedRange<UInt32>).lazy.compactMap { Unicode.Scalar($0) }
            .map { Array(String($0).utf8) }.filter { !taken.contains($0) }.makeIterator()
        for (index, name) in list.enumerated() where units[index] != nil && name.contains(/^(<.+>|\[.+\])$/) {
            units[index] = free.next() ?? units[index]
        }
        guard units.count(where: { $0 == nil }) <= 1 else { throw refuse("several units stand for what is unknown") }
        if let long = units.compactMap({ $0.map { String(decoding: $0, as: UTF8.self) } }).first(where: { $0.count > 1 }
        ) {
            throw refuse(
                "'\(long)' is more than one character, and texts are read here character by character: this model would "
                    + "never read what it stands for. A unit for whatever is unknown is called <unk>")
        }
        return units
    }

    /// The members of a JSON object, one by one: a dictionary would take canonically equivalent keys for one.
    private static func members<Value: Decodable>(
        of data: Data, as: Value.Type
    ) -> [(key: String, value: Value)]? {
        // Whether it is such an object at all. Then a list of all keys and values is the same without its keys' colons.
        guard (try? JSONDecoder().decode([String: Value].self, from: data)) != nil else { return nil }
        var isInString = false, isEscaped = false
        let list = data.map { byte -> UInt8 in
            defer { isEscaped = isInString && !isEscaped && byte == UInt8(ascii: "\\") }
            if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
            guard !isInString else { return byte }
            return switch byte {
            case UInt8(ascii: "{"): UInt8(ascii: "[")
            case UInt8(ascii: ":"): UInt8(ascii: ",")
            case UInt8(ascii: "}"): UInt8(ascii: "]")
            default: byte
            }
        }
        return try? JSONDecoder().decode(Members<Value>.self, from: Data(list)).members
    }

    private struct Members<Value: Decodable>: Decodable {
        var members: [(key: String, value: Value)] = []

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            while !list.isAtEnd {
                members.append((key: try list.decode(String.self), value: try list.decode(Value.self)))
            }
        }
    }

    private static func ordered(
        _ pairs: [(id: Int, name: String)], _ refuse: (String) -> LanguageModelError
    ) throws(LanguageModelError) -> [String] {
        let sorted = pairs.sorted { $0.id < $1.id }
        guard sorted.enumerated().allSatisfy({ $0.offset == $0.element.id }) else {
            throw refuse("its ids are not 0 to \(pairs.count - 1)")
        }
        return sorted.map(\.name)
    }

    /// The vocabulary that this project keeps, whose units are sorted, and for each of its ids the one in the file.
    /// - Parameter classes: units that the model tells apart.
    func sorted(for classes: Int) -> (vocabulary: Vocabulary, ids: [Int]) {
        let asWritten = unitsWithReturns ?? units
        let units = units.count != classes && asWritten.count == classes ? asWritten : units
        let known = units.enumerated().compactMap { id, unit in unit.map { (id: id, bytes: $0) } }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var table = UnitTable()
        for unit in known { table.append(unit.bytes) }
        let isScalar = known.allSatisfy { String(decoding: $0.bytes, as: UTF8.self).unicodeScalars.count == 1 }
        let vocabulary = Vocabulary(
            unit: isScalar ? .scalar : .grapheme, table: table, minimumCount: 1,
            hasReplacement: known.count < units.count,
            replacedInTraining: 0)
        return (vocabulary, known.map(\.id) + units.indices.filter { units[$0] == nil })
    }
}
