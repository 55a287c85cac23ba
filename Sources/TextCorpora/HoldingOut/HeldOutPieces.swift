/// Blocks from all parts of a text and from each of its files, at places that the seed draws and that are moved to the
/// starts of lines.
struct HeldOutBlocks {
    private let corpus: TextCorpus
    private let seed: UInt64
    private let newline: [Bool]

    /// Files that are smaller are held out whole, where there are enough of them.
    private static let smallFile = 4096
    private static let enoughFiles = 20
    /// Units of a block at least, so that most of it is judged by a state that knows it; and blocks of a file at most.
    private static let leastBlock = 1000
    private static let mostBlocks = 16
    /// Units: a part of a file that is shorter than this says nothing about it.
    private static let leastPiece = 32

    init(_ corpus: TextCorpus, seed: UInt64) {
        (self.corpus, self.seed) = (corpus, seed)
        newline = corpus.table.newlines
    }

    func pieces(validation: Int, test: Int) -> HeldOutPieces {
        let shares = (Double(validation) / Double(corpus.count), Double(test) / Double(corpus.count))
        var result = HeldOutPieces(), large = files
        let small = files.filter { $0.count < Self.smallFile }
        if small.count >= Self.enoughFiles {
            large.removeAll { $0.count < Self.smallFile }
            let hash = ContentHash(corpus, seed: seed)
            let total = Double(small.reduce(0) { $0 + $1.count })
            result = .drawn(
                small.map { (hash(content(of: $0)), $0) },
                validation: Int((total * shares.0).rounded()), test: Int((total * shares.1).rounded()))
        }
        let worthwhile = large.filter { Double($0.count) * (shares.0 + shares.1) >= Double(Self.leastPiece) }
        for (index, file) in worthwhile.enumerated() { add(file, number: index, shares, to: &result) }
        if result.validation.isEmpty, result.test.isEmpty { add(0..<corpus.count, number: 0, shares, to: &result) }
        result.validation.sort { $0.lowerBound < $1.lowerBound }
        result.test.sort { $0.lowerBound < $1.lowerBound }
        return result
    }

    /// The files of the corpus, each with the newline behind it.
    private var files: [Range<Int>] {
        var ranges: [Range<Int>] = [], start = 0
        for file in corpus.report.files {
            ranges.append(start..<min(corpus.count, start + file.units + 1))
            start += file.units + 1
        }
        return start == corpus.count + 1 ? ranges : [0..<corpus.count]
    }

    private func content(of file: Range<Int>) -> Range<Int> {
        var end = file.upperBound
        while end > file.lowerBound, newline[corpus.ids[end - 1]] { end -= 1 }
        return file.lowerBound..<end
    }

    /// One block in each of some equal parts of a file; what validates first, then what tests.
    private func add(
        _ file: Range<Int>, number: Int, _ shares: (validation: Double, test: Double), to result: inout HeldOutPieces
    ) {
        let wanted = Double(file.count) * (shares.validation + shares.test)
        let blocks = max(1, min(Self.mostBlocks, Int(wanted) / Self.leastBlock))
        let random = CounterRandom(seed: seed, stream: UInt64(number))
        let part = file.count / blocks
        let lengths = (
            Int(Double(part) * shares.validation), Int(Double(part) * (shares.validation + shares.test))
        )
        var end = file.lowerBound
        for block in 0..<blocks {
            let room = max(1, part - lengths.1)
            let drawn = file.lowerBound + part * block + random.integer(below: room, at: UInt64(block))
            let first = lineStart(from: max(end, drawn), in: file)
            let second = lineStart(from: max(first, drawn + lengths.0), in: file)
            let third = lineStart(from: max(second, drawn + lengths.1), in: file)
            if second > first { result.validation.append(first..<second) }
            if third > second, shares.test > 0 { result.test.append(second..<third) }
            end = shares.test > 0 ? third : second
        }
    }

    /// The next start of a line, or the end of the file, within 1,000 units; the place itself where there is none.
    private func lineStart(from position: Int, in file: Range<Int>) -> Int {
        guard position > file.lowerBound else { return file.lowerBound }
        let last = min(file.upperBound, position + Self.leastBlock)
        for place in position..<max(position, last) where newline[corpus.ids[place - 1]] { return place }
        // Within the last line of a file that has lines.
        let before = max(file.lowerBound, position - Self.leastBlock)..<position
        return last == file.upperBound && before.contains { newline[corpus.ids[$0]] } ? last : position
    }
}

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
    /// A hash of each unit's bytes, by its id: FNV-1a (Fowler, Noll and Vo).
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
    /// Whether each unit ends a line, by its id.
    var newlines: [Bool] {
        (0..<count).map { id in ["\n", "\r\n"].contains { self[id].elementsEqual($0.utf8) } }
    }
}
