import TextCorpora
import Testing

@Suite struct EvaluationPlanTests {
    /// Runs a plan as a model would, and returns the units scored, in order of lane, with the run-up each lane had.
    static func run(_ plan: EvaluationPlan) throws -> (scored: [[Int]], warmUps: [Int]) {
        var scored: [[Int]] = []
        var warmUps: [Int] = []
        var last: [Int32] = []
        var isFirst = true
        let windows = plan.map { $0.batch.endsEpoch }
        #expect(windows.last == true && !windows.dropLast().contains(true))
        for window in plan {
            let batch = window.batch
            #expect(batch.resetsState == isFirst)
            if isFirst {
                scored = .init(repeating: [], count: batch.lanes)
                warmUps = .init(repeating: 0, count: batch.lanes)
                last = .init(repeating: -1, count: batch.lanes)
            }
            isFirst = false
            let mask = window.mask()
            #expect(mask.reduce(0, +) == Float(window.scoredCount))
            for lane in 0..<batch.lanes {
                for step in 0..<batch.steps {
                    let place = step * batch.lanes + lane
                    let counts = window.scored[lane].contains(step)
                    #expect(mask[place] == (counts ? 1 : 0))
                    guard counts || scored[lane].isEmpty else { continue }
                    // Up to the last unit scored, a lane is one run of text.
                    #expect(last[lane] < 0 || batch.inputs[place] == last[lane])
                    #expect(batch.targets[place] == batch.inputs[place] + 1)
                    last[lane] = batch.targets[place]
                    if counts { scored[lane].append(Int(batch.targets[place])) } else { warmUps[lane] += 1 }
                }
            }
        }
        return (scored, warmUps)
    }

    @Test(arguments: [(0..<100, 7), (37..<100, 16), (0..<2, 5), (99..<100, 5), (40..<57, 100)])
    func aStreamScoresEveryUnitOnceInOrder(range: Range<Int>, window: Int) throws {
        let tokens = try BatchTests.numbered(100)
        let plan = EvaluationPlan.stream(tokens, range: range, window: window)
        let expected = Array(max(1, range.lowerBound)..<range.upperBound)
        #expect(try Self.run(plan).scored == [expected])
        #expect(plan.scoredCount == expected.count)
        #expect(plan.scoredUTF8Count == 3 * expected.count)
        let warmed = try Self.run(.stream(tokens, range: range, window: window, warmUp: 20))
        #expect(warmed.scored == [expected])
        #expect(warmed.warmUps == [min(20, max(1, range.lowerBound) - 1)])
    }

    @Test(arguments: [(0..<0, 0..<0), (0..<1, 1..<1), (0..<2, 1..<2), (1..<2, 1..<2), (5..<5, 5..<5), (3..<9, 3..<9)])
    func allButTheFirstUnitCanBeScored(range: Range<Int>, scorable: Range<Int>) throws {
        #expect(EvaluationPlan.scorable(range) == scorable)
        #expect(EvaluationPlan.stream(try BatchTests.numbered(20), range: range).scoredRanges == [scorable])
    }

    @Test(arguments: [
        (200..<500, 4, 10, 30), (0..<500, 7, 13, 25), (3..<500, 64, 32, 16), (499..<500, 64, 8, 16),
        (100..<103, 3, 2, 1),
    ])
    func lanesScoreEveryUnitOnce(range: Range<Int>, lanes: Int, window: Int, warmUp: Int) throws {
        let tokens = try BatchTests.numbered(500)
        let plan = EvaluationPlan.lanes(tokens, range: range, lanes: lanes, window: window, warmUp: warmUp)
        let (scored, warmUps) = try Self.run(plan)
        #expect(scored.flatMap { $0 } == Array(max(1, range.lowerBound)..<range.upperBound))
        #expect(scored.count <= lanes)
        for (lane, units) in scored.enumerated() { #expect(warmUps[lane] == min(warmUp, units[0] - 1)) }
    }

    @Test(arguments: [100, 137, 250, 299])
    func aLimitSpreadsWhatIsScored(limit: Int) throws {
        let tokens = try BatchTests.numbered(500)
        let plan = EvaluationPlan.lanes(tokens, range: 200..<500, lanes: 8, window: 16, warmUp: 20, limit: limit)
        let scored = try Self.run(plan).scored
        let units = scored.flatMap { $0 }
        #expect(Set(units).count == units.count)
        #expect(units.count <= limit && units.count > limit - 8)
        #expect(scored.map { $0[0] } == (0..<8).map { 200 + 300 * $0 / 8 })
    }
}
