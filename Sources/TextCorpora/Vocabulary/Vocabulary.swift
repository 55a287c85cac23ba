import Requirements

/// The units that a model knows, and the id of each.
///
/// Units are sorted by their UTF-8 bytes and have the ids 0, 1, …; the replacement symbol, which stands for every unit
/// that is not listed, comes after them. A vocabulary belongs to its model: other texts are matched with it unit by
/// unit, never id by id.
package struct Vocabulary: Sendable, Equatable {
    package let unit: TextUnit
    /// Units that occur less often than this in the training part are not listed.
    package let minimumCount: Int
    /// Whether the last id is that of the replacement symbol.
    package let hasReplacement: Bool
    /// How many units the replacement symbol stands for in the training part: none means that it must be trained by
    /// replacing a unit now and then (`UnitReplacement`).
    package let replacedInTraining: Int

    package let table: UnitTable

    package init(unit: TextUnit, table: UnitTable, minimumCount: Int, hasReplacement: Bool, replacedInTraining: Int) {
        self.unit = unit
        self.table = table
        self.minimumCount = minimumCount
        self.hasReplacement = hasReplacement
        self.replacedInTraining = replacedInTraining
    }

    /// Counts the units of the training part.
    ///
    /// - Parameters:
    ///   - range: the part to train on; the whole corpus where nil.
    ///   - minimumCount: nil chooses one (`VocabularyPlan`).
    ///   - replacement: without a replacement symbol every unit is listed, whatever `minimumCount` says.
    /// - Throws: `TextError.oneDistinctUnit` where there is nothing to tell apart.
    package init(
        counting corpus: TextCorpus, in range: Range<Int>? = nil, minimumCount: Int? = nil, replacement: Bool = true
    ) throws(TextError) {
        let counts = corpus.unitCounts(in: range)
        guard counts.count > 1 else {
            throw .oneDistinctUnit(
                label: counts.first?.label ?? "nothing", count: counts.first?.count ?? 0, unit: corpus.unit)
        }
        let plan = VocabularyPlan(counts: counts.map(\.count))
        let chosen = replacement ? max(1, minimumCount ?? plan.minimumCount) : 1
        // A count above all others would leave no unit at all: the two most frequent always stay.
        let secondLargest = counts.map(\.count).sorted(by: >)[1]
        let minimum = min(chosen, secondLargest)
        let listed = replacement ? VocabularyPlan.listed(counts, minimumCount: minimum) : counts
        var table = UnitTable()
        for unit in listed { table.append(unit.bytes) }
        let replaced = counts.reduce(0) { $0 + $1.count } - listed.reduce(0) { $0 + $1.count }
        self.init(
            unit: corpus.unit, table: table, minimumCount: minimum, hasReplacement: replacement,
            replacedInTraining: replaced)
    }

    /// Whether there were too many units to list all that are frequent enough.
    package var isFull: Bool { hasReplacement && count == VocabularyPlan.largestVocabulary }

    /// Ids, with that of the replacement symbol: the number of a model's outputs.
    package var count: Int { table.count + (hasReplacement ? 1 : 0) }

    /// The id of the replacement symbol. Sampling never emits it.
    package var replacementId: Int32? { hasReplacement ? Int32(table.count) : nil }

    /// The id of a unit, or nil where it is not listed. Cost: a binary search.
    package func id(ofUnit unit: some Collection<UInt8>) -> Int32? {
        var low = 0
        var high = table.count
        while low < high {
            let middle = (low + high) / 2
            if table[middle].lexicographicallyPrecedes(unit) { low = middle + 1 } else { high = middle }
        }
        return low < table.count && table[low].elementsEqual(unit) ? Int32(low) : nil
    }

    /// The UTF-8 (or the byte) of a unit; U+FFFD for the replacement symbol.
    package func bytes(of id: Int32) -> ArraySlice<UInt8> {
        require(id >= 0 && Int(id) < count, "id \(id) outside a vocabulary of \(count)")
        return Int(id) < table.count ? table[Int(id)] : [0xef, 0xbf, 0xbd]
    }

    /// The unit for messages and tables: `"e"`, `line feed`, `U+200D`, `byte 0xE4`, `replacement`.
    package func label(of id: Int32) -> String {
        id == replacementId ? "replacement" : unitLabel(bytes(of: id))
    }
}

/// How often a unit must occur to be listed, chosen from the counts.
///
/// A model pays for each unit with a row of its input and output weights, and learns little of one that it sees once
/// or twice. Up to 256 different units all are listed. Of more, those go whose occurrences together make up at most
/// one in a thousand of the text: in a million characters of Chinese that drops about a fifth of 4,000 or so, in a
/// large encyclopedia nearly all of several thousand; a short text, where everything is rare, keeps all it has. A unit
/// seen 1,000 times is never rare. No vocabulary exceeds 20,000 units, the replacement symbol among them: of more, the
/// most frequent are listed, and of equally frequent ones those that come first by their bytes.
struct VocabularyPlan {
    static let alwaysListed = 256
    static let largestReplacedShare = 0.001
    static let neverRare = 1000
    static let largestVocabulary = 20_000

    let minimumCount: Int

    init(counts: [Int]) {
        guard counts.count > Self.alwaysListed else {
            minimumCount = 1
            return
        }
        let ascending = counts.sorted()
        let total = ascending.reduce(0, +)
        let allowed = Int(Double(total) * Self.largestReplacedShare)
        var minimum = 1
        var dropped = 0
        var index = 0
        // Units of equal count go together.
        while index < ascending.count - Self.alwaysListed {
            let count = ascending[index]
            var end = index
            while end < ascending.count && ascending[end] == count { end += 1 }
            let isRare = count < Self.neverRare && dropped + (end - index) * count <= allowed
            guard isRare else { break }
            dropped += (end - index) * count
            index = end
            minimum = count + 1
        }
        minimumCount = minimum
    }

    /// Of units in the order of their bytes, those that are listed: frequent enough, and not too many.
    static func listed(_ units: [UnitCount], minimumCount: Int) -> [UnitCount] {
        let frequent = units.filter { $0.count >= minimumCount }
        guard frequent.count >= largestVocabulary else { return frequent }
        let kept = frequent.indices.sorted { (-frequent[$0].count, $0) < (-frequent[$1].count, $1) }
            .prefix(largestVocabulary - 1).sorted()
        return kept.map { frequent[$0] }
    }
}
