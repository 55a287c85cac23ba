/// Lines drawn by seed and content: the same line is on the same side wherever it stands, and however often. The order of
/// the text has no say, so that a list that is sorted is judged by the lines that judge it shuffled.
struct HeldOutLines {
    private struct Line {
        let hash: UInt64
        let range: Range<Int>
    }
    private let lines: [Line]

    /// Cost: one pass over the text, and 24 bytes a line.
    init(_ corpus: TextCorpus, seed: UInt64) {
        let newline = corpus.table.newlines, hash = ContentHash(corpus, seed: seed)
        var lines: [Line] = [], start = 0
        for position in 0..<corpus.count where newline[corpus.ids[position]] {
            lines.append(Line(hash: hash(start..<position), range: start..<position + 1))
            start = position + 1
        }
        if start < corpus.count {
            lines.append(Line(hash: hash(start..<corpus.count), range: start..<corpus.count))
        }
        self.lines = lines
    }

    /// Different lines in the order of their hashes, until there are enough units.
    func pieces(validation: Int, test: Int) -> HeldOutPieces {
        HeldOutPieces.drawn(lines.map { ($0.hash, $0.range) }, validation: validation, test: test)
    }
}

extension HeldOutPieces {
    /// Pieces with equal hashes go together.
    static func drawn(_ pieces: [(hash: UInt64, range: Range<Int>)], validation: Int, test: Int) -> HeldOutPieces {
        let order = pieces.sorted { ($0.hash, $0.range.lowerBound) < ($1.hash, $1.range.lowerBound) }
        var result = HeldOutPieces(), index = 0
        func take(_ wanted: Int) -> [Range<Int>] {
            var taken: [Range<Int>] = [], count = 0
            while index < order.count, count < wanted {
                let hash = order[index].hash
                while index < order.count, order[index].hash == hash {
                    taken.append(order[index].range)
                    count += order[index].range.count
                    index += 1
                }
            }
            return taken.sorted { $0.lowerBound < $1.lowerBound }
        }
        result.validation = take(validation)
        result.test = take(test)
        return result
    }
}

/// A hash of the text in a range, whatever the ids of its units are.
struct ContentHash {
    private let corpus: TextCorpus
    private let seed: UInt64
    /// Of each unit's bytes, by id: FNV-1a (Fowler, Noll and Vo).
    private let units: [UInt64]
    private static let prime: UInt64 = 0x100_0000_01b3

    init(_ corpus: TextCorpus, seed: UInt64) {
        (self.corpus, self.seed) = (corpus, seed)
        units = (0..<corpus.table.count).map { id in
            corpus.table[id].reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* Self.prime }
        }
    }

    func callAsFunction(_ range: Range<Int>) -> UInt64 {
        var hash = seed
        for position in range { hash = (hash ^ units[corpus.ids[position]]) &* Self.prime }
        // The last units count as much as the first ones.
        return CounterRandom(seed: hash, stream: 0).bits(at: 0)
    }
}

extension UnitTable {
    /// By id: whether the unit ends a line.
    var newlines: [Bool] {
        (0..<count).map { id in ["\n", "\r\n"].contains { self[id].elementsEqual($0.utf8) } }
    }
}
