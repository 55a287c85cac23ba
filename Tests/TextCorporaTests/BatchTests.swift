import TextCorpora
import Testing

@Suite struct BatchTests {
    /// A text whose unit at position i is its own number, so that an id tells where it came from.
    static func numbered(_ count: Int) throws -> Tokens {
        var text = String.UnicodeScalarView()
        for i in 0..<count { text.append(Unicode.Scalar(UInt32(0x4e00 + i))!) }
        let corpus = try TextCorpus(String(text))
        return try corpus.tokens(using: try Vocabulary(counting: corpus, replacement: false))
    }

    @Test(arguments: [(2..<97, 3, 7), (0..<100, 4, 8), (5..<21, 15, 4), (0..<65, 1, 64), (0..<66, 2, 8)])
    func lanesAreContiguousAndNothingWraps(range: Range<Int>, lanes: Int, window: Int) throws {
        let tokens = try Self.numbered(120)
        var batches = LaneBatches(tokens, range: range, lanes: lanes, window: window, minimumWindow: 1, epochs: 2)
        let perEpoch = batches.batchesPerEpoch
        for epoch in 0..<2 {
            var seen: [Int32] = []
            var last = [Int32](repeating: -1, count: lanes)
            for index in 0..<perEpoch {
                let produced = batches.next()
                let batch = try #require(produced)
                #expect(batch.epoch == epoch && batch.lanes == lanes)
                #expect(batch.resetsState == (index == 0))
                #expect(batch.endsEpoch == (index == perEpoch - 1))
                for step in 0..<batch.steps {
                    for lane in 0..<lanes {
                        let place = step * lanes + lane
                        #expect(batch.targets[place] == batch.inputs[place] + 1)
                        #expect(last[lane] < 0 || batch.inputs[place] == last[lane])
                        last[lane] = batch.targets[place]
                        seen.append(batch.targets[place])
                    }
                }
            }
            #expect(Set(seen).count == seen.count)
            #expect(seen.count == (range.count - 1) / lanes * lanes)
            #expect(seen.allSatisfy { range.contains(Int($0)) })
        }
        #expect(batches.next() == nil)
    }

    @Test func aShortLastWindowIsUsedOrLeftOut() throws {
        let tokens = try Self.numbered(201)
        func lengths(_ minimum: Int?, window: Int = 30) -> [Int] {
            LaneBatches(tokens, range: 0..<201, lanes: 2, window: window, minimumWindow: minimum, epochs: 1).map(
                \.steps)
        }
        #expect(lengths(10) == [30, 30, 30, 10])
        #expect(lengths(11) == [30, 30, 30])
        #expect(lengths(nil, window: 97) == [97])
        // A lane shorter than a window is always used.
        #expect(lengths(500, window: 400) == [100])
    }

    @Test func resumedFromACursor() throws {
        let tokens = try Self.numbered(100)
        var whole = LaneBatches(tokens, range: 0..<100, lanes: 3, window: 8)
        var cursors: [BatchCursor] = []
        var batches: [TokenBatch] = []
        for _ in 0..<12 {
            cursors.append(whole.cursor)
            let produced = whole.next()
            batches.append(try #require(produced))
        }
        for (cursor, batch) in zip(cursors, batches) {
            var resumed = LaneBatches(tokens, range: 0..<100, lanes: 3, window: 8, cursor: cursor)
            #expect(resumed.next() == batch)
        }
    }

    @Test func replacedUnitsAreReplacedAsInputAndAsTarget() throws {
        let tokens = try Self.numbered(400)
        let replacement = UnitReplacement(seed: 3, probability: 0.1, replacementId: 999)
        let batches = LaneBatches(tokens, range: 0..<400, lanes: 3, window: 8, replacement: replacement, epochs: 2)
        var replaced = 0
        for (plain, batch) in zip(LaneBatches(tokens, range: 0..<400, lanes: 3, window: 8, epochs: 2), batches) {
            for (place, id) in plain.inputs.enumerated() {
                let isReplaced = replacement.isReplaced(epoch: plain.epoch, position: Int(id))
                #expect(batch.inputs[place] == (isReplaced ? 999 : id))
                replaced += isReplaced ? 1 : 0
            }
            for (place, id) in plain.targets.enumerated() {
                let isReplaced = replacement.isReplaced(epoch: plain.epoch, position: Int(id))
                #expect(batch.targets[place] == (isReplaced ? 999 : id))
            }
        }
        #expect(abs(replaced - 80) < 40)
    }

    /// Drawn by SplitMix64 from seed and step, computed elsewhere (Python's integers). A run that is resumed draws the same.
    @Test(
        arguments: [
            (4, 3, [251, 184, 179, 81, 237]), (4, 0, [60, 36, 208, 263, 32]),
            (UInt64.max, 70_000, [253, 108, 43, 263, 44]),
        ] as [(UInt64, Int, [Int32])])
    func randomWindowsBeginWhereTheGeneratorSays(seed: UInt64, step: Int, starts: [Int32]) throws {
        let windows = RandomWindows(try Self.numbered(300), range: 10..<290, lanes: 5, window: 16, seed: seed)
        #expect(Array(windows.batch(step: step).inputs.prefix(5)) == starts)
        // 279 predictions in the range, 80 in a batch.
        #expect(windows.batchesPerEpoch == 4)
        #expect((0..<9).map { windows.batch(step: $0).endsEpoch } == (0..<9).map { $0 == 3 || $0 == 7 })
        #expect((0..<9).map { windows.batch(step: $0).epoch } == [0, 0, 0, 0, 1, 1, 1, 1, 2])
    }

    @Test func randomWindowsArePureFunctionsOfTheStep() throws {
        let tokens = try Self.numbered(300)
        let windows = RandomWindows(tokens, range: 10..<290, lanes: 5, window: 16, seed: 4)
        var starts: Set<Int32> = []
        for step in 0..<400 {
            let batch = windows.batch(step: step)
            #expect(batch.resetsState && batch.steps == 16)
            for place in batch.inputs.indices {
                #expect(batch.targets[place] == batch.inputs[place] + 1)
                #expect(place < 5 || batch.inputs[place] == batch.inputs[place - 5] + 1)
                #expect((10..<290).contains(Int(batch.targets[place])))
            }
            starts.formUnion(batch.inputs.prefix(5))
        }
        // All 264 places are drawn, the first and the last included.
        #expect(starts.count == 264 && starts.min() == 10 && starts.max() == 273)
        #expect(windows.batch(step: 77) == windows.batch(step: 77))
        #expect(windows.batch(step: 77) != windows.batch(step: 78))
        #expect(
            windows.batch(step: 3)
                != RandomWindows(tokens, range: 10..<290, lanes: 5, window: 16, seed: 5).batch(step: 3))
        #expect(RandomWindows(tokens, range: 0..<9, lanes: 2, window: 16, seed: 4).window == 8)
    }

    @Test func oneHotView() {
        let batch = TokenBatch(
            steps: 2, lanes: 3, inputs: [0, 2, 1, 3, 3, 0], targets: [1, 1, 1, 1, 1, 1], resetsState: true)
        let rows = batch.oneHotInputs(vocabularyCount: 4)
        #expect(rows.count == 2 * 3 * 4)
        for (row, id) in batch.inputs.enumerated() {
            for column in 0..<4 { #expect(rows[row * 4 + column] == (column == Int(id) ? 1 : 0)) }
        }
    }
}
