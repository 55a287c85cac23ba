import Foundation
import TextCorpora

/// The units of somebody else's model, in the order of its ids.
///
/// In a JSON file either a list of units, or an object of ids by unit, or one of units by id. A file that is no JSON is a text,
/// whose distinct characters in ascending order are the units: what `sorted(set(text))` gives in Python.
package struct ForeignVocabulary: Sendable, Equatable {
    /// The unit of each id; nil for the one that stands for whatever the model does not know.
    let units: [String?]

    private static let unknown: Set<String> = ["<unk>", "<UNK>", "[UNK]", "<unknown>", "\u{FFFD}"]

    /// - Throws: ``LanguageModelError/vocabulary(path:reason:)``
    package init(path: String) throws(LanguageModelError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .vocabulary(path: path, reason: "it cannot be read")
        }
        try self.init(data, path: path)
    }

    init(_ data: Data, path: String) throws(LanguageModelError) {
        func refuse(_ reason: String) -> LanguageModelError { .vocabulary(path: path, reason: reason) }
        let decoder = JSONDecoder(), list: [String]
        if let names = try? decoder.decode([String].self, from: data) {
            list = names
        } else if let ids = try? decoder.decode([String: Int].self, from: data) {
            list = try Self.ordered(ids.map { ($0.value, $0.key) }, refuse)
        } else if let names = try? decoder.decode([String: String].self, from: data) {
            var pairs: [(Int, String)] = []
            for (key, name) in names {
                guard let id = Int(key) else { throw refuse("'\(key)' is no id") }
                pairs.append((id, name))
            }
            list = try Self.ordered(pairs, refuse)
        } else {
            guard let text = String(validating: data, as: UTF8.self) else { throw refuse("it is not in UTF-8") }
            list = Set(text.unicodeScalars).sorted { $0.value < $1.value }.map { String($0) }
        }
        guard Set(list).count == list.count, !list.contains("") else {
            throw refuse("a unit is empty, or stands twice")
        }
        let unknown = list.filter(Self.unknown.contains)
        guard unknown.count <= 1 else { throw refuse("several units stand for what is unknown") }
        units = list.map { Self.unknown.contains($0) ? nil : $0 }
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
    var sorted: (vocabulary: Vocabulary, ids: [Int]) {
        let known = units.enumerated().compactMap { id, unit in unit.map { (id: id, bytes: Array($0.utf8)) } }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var table = UnitTable()
        for unit in known { table.append(unit.bytes) }
        let isScalar = units.allSatisfy { $0.map { $0.unicodeScalars.count == 1 } ?? true }
        let vocabulary = Vocabulary(
            unit: isScalar ? .scalar : .grapheme, table: table, minimumCount: 1,
            hasReplacement: known.count < units.count,
            replacedInTraining: 0)
        return (vocabulary, known.map(\.id) + units.indices.filter { units[$0] == nil })
    }
}
