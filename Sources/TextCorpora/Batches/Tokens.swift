import Requirements

/// A corpus under the ids of a vocabulary: a view of the corpus's memory through a table of names, without a copy.
package struct Tokens: Sendable {
    /// Ids run from 0 to below this.
    package let vocabularyCount: Int
    private let ids: IdStorage
    private let table: UnitTable
    /// The vocabulary's id of each id in the corpus.
    private let map: [Int32]

    init(corpus: TextCorpus, map: [Int32], vocabularyCount: Int) {
        ids = corpus.ids
        table = corpus.table
        self.map = map
        self.vocabularyCount = vocabularyCount
    }

    /// The number of units.
    package var count: Int { ids.count }

    package subscript(position: Int) -> Int32 { map[ids[position]] }

    /// The ids of a range.
    package func ids(in range: Range<Int>) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            if let base = buffer.baseAddress { copy(range, to: base, stride: 1) }
            initialized = range.count
        }
    }

    /// The exact number of bytes that the units of a range take in UTF-8, as they stood in the text.
    package func utf8Count(in range: Range<Int>) -> Int {
        let counts = ids.counts(in: range, idCount: table.count)
        return counts.indices.reduce(0) { $0 + counts[$1] * table.byteCount($1) }
    }

    /// Writes the ids of a range to `target[0]`, `target[stride]`, …
    func copy(_ range: Range<Int>, to target: UnsafeMutablePointer<Int32>, stride: Int) {
        ids.copy(range, through: map, to: target, stride: stride)
    }
}

extension TextCorpus {
    /// The corpus under a vocabulary, matched unit by unit. Units that it lacks become its replacement symbol;
    /// `unknownUnits` names them.
    ///
    /// - Throws: `TextError.unknownUnits` where the vocabulary has no replacement symbol.
    package func tokens(using vocabulary: Vocabulary) throws(TextError) -> Tokens {
        require(
            vocabulary.unit == unit, "a corpus of \(unit) units under a vocabulary of \(vocabulary.unit) units")
        let map = (0..<table.count).map { vocabulary.id(ofUnit: table[$0]) ?? vocabulary.replacementId ?? 0 }
        if vocabulary.replacementId == nil {
            let unknown = unknownUnits(to: vocabulary)
            guard unknown.isEmpty else {
                throw .unknownUnits(labels: unknown.prefix(5).map(\.label), distinct: unknown.count)
            }
        }
        return Tokens(corpus: self, map: map, vocabularyCount: vocabulary.count)
    }

    /// The corpus without the units that a vocabulary has no id for, and those units, most frequent first: none where it
    /// has a replacement symbol.
    package func omittingUnreadable(
        by vocabulary: Vocabulary
    ) throws(TextError) -> (corpus: TextCorpus, omitted: [UnitCount]) {
        let omitted = vocabulary.hasReplacement ? [] : unknownUnits(to: vocabulary)
        guard !omitted.isEmpty else { return (self, []) }
        let isKnown = (0..<table.count).map { vocabulary.id(ofUnit: table[$0]) != nil }
        var pieces: [Range<Int>] = [], start = 0
        for position in 0..<count where !isKnown[ids[position]] {
            if start < position { pieces.append(start..<position) }
            start = position + 1
        }
        if start < count { pieces.append(start..<count) }
        let rest = TextCorpus(
            unit: unit, fingerprint: fingerprint, report: report, ids: try ids.rearranged(pieces), table: table)
        return (rest, omitted)
    }

    /// The units of a range that a vocabulary lacks, most frequent first.
    package func unknownUnits(to vocabulary: Vocabulary, in range: Range<Int>? = nil) -> [UnitCount] {
        unitCounts(in: range).filter { vocabulary.id(ofUnit: $0.bytes) == nil }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}
