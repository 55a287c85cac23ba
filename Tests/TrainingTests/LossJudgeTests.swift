import Foundation
import TensorCore
import Testing
import Training

/// Which losses say that training has gone astray.
@Suite struct LossJudgeTests {
    /// The step, from 0, at which losses are complained of.
    static func complaint(_ losses: some Sequence<Double>, guessing: Double? = 4) -> (step: Int, LossJudge.Complaint)? {
        var judge = LossJudge(guessing: guessing)
        for (step, loss) in losses.enumerated() {
            if let complaint = judge.record(loss) { return (step, complaint) }
        }
        return nil
    }

    static func noise(_ step: Int, _ deviation: Double) -> Double {
        Double(RandomStream(seed: 5, step: UInt64(step)).uniform(count: 16, in: ComputeContext(threads: 1))[0] - 0.5)
            * 2 * deviation
    }

    @Test func lossesFarAboveGuessing() throws {
        let found = try #require(Self.complaint([4.1, 3.9] + Array(repeating: 4556.56, count: 50)))
        #expect(found.step < 10)
        #expect("\(found.1)" == "the loss has stayed above that of guessing (4556.56, guessing 4.1)")
        #expect(Self.complaint(Array(repeating: 8, count: 100))?.step == nil, "the first step's loss is the measure")
        #expect(Self.complaint([4] + Array(repeating: 8, count: 100))?.step ?? 1000 < 40)
        #expect(Self.complaint([4] + Array(repeating: 5, count: 400)) != nil, "for long")
        #expect(Self.complaint([4] + Array(repeating: 5, count: 100)) == nil)
    }

    @Test func whatWasLearnedIsLost() throws {
        let learning = (0..<400).map { 1.5 + 2.5 * exp(-Double($0) / 60) }
        #expect(Self.complaint(learning) == nil)
        let found = try #require(Self.complaint(learning + Array(repeating: 3.4, count: 400)))
        #expect(found.step > 430)
        guard case .lost(_, let best) = found.1 else { throw Unexpected(found.1) }
        #expect(abs(best - 1.5) < 0.01)
        // Far above its best, and not half of the way back.
        #expect(Self.complaint(learning + Array(repeating: 2.4, count: 2000)) == nil)
        // As long as the next chapter takes, which is in another language.
        let chapters = (0..<5).flatMap { _ in learning + Array(repeating: 5.0, count: 20) }
        #expect(Self.complaint(chapters) == nil)
    }
    struct Unexpected: Error {
        init(_ complaint: LossJudge.Complaint) { Issue.record("\(complaint)") }
    }

    @Test func ordinaryTrainingIsLeftAlone() {
        // A warm-up that begins above guessing, a text that cannot be learned, spikes, and a hard text.
        #expect(Self.complaint((0..<300).map { 4.6 - min(1, Double($0) / 100) }) == nil)
        #expect(Self.complaint((0..<5000).map { 4.02 + Self.noise($0, 0.3) }) == nil)
        #expect(Self.complaint((0..<5000).map { $0 % 50 == 0 ? 30 : 2 + Self.noise($0, 0.5) }) == nil)
        #expect(Self.complaint((0..<5000).map { 3.8 + Self.noise($0, 0.2) }) == nil)
        #expect(Self.complaint((0..<500).map { 500 * exp(-Double($0) / 100) }, guessing: nil) == nil)
    }

    @Test func afterGoingBackItBeginsAnew() throws {
        var rollBack = RollBack()
        rollBack.judge.guessing = 4
        #expect(rollBack.inspect(loss: 4, gradientNorm: 1) == .proceed)
        var decisions: [RollBack.Decision] = []
        for step in 0..<1000 {
            // Half way through it is stored and read.
            if step == 13 { rollBack = try LoopPieceTests.readBack(rollBack) }
            let decision = rollBack.inspect(loss: 50, gradientNorm: 1)
            if decision != .proceed {
                decisions.append(decision)
                #expect(!rollBack.judge.isSuspicious || rollBack.count == 4)
            }
            if case .giveUp = decision { break }
        }
        #expect(decisions.count == 5)
        #expect(rollBack.count == 4 && rollBack.rateFraction == 1.0 / 16)
        guard case .giveUp(.astray(.worseThanGuessing)) = decisions.last else {
            Issue.record("\(decisions)")
            return
        }
    }

    /// The state of a run of a version without a judge.
    @Test func statesOfEarlierVersionsAreRead() throws {
        let stored = #"{"limit":4,"factor":0.5,"count":1,"rateFraction":0.5}"#
        let rollBack = try JSONDecoder().decode(RollBack.self, from: Data(stored.utf8))
        #expect(rollBack.count == 1 && rollBack.judge == LossJudge())
    }

    @Test func anEndAboveGuessingIsKnown() {
        var judge = LossJudge(guessing: 4)
        _ = judge.record(4.2)
        func limit(_ loss: Double, _ steps: Int) -> Double? {
            judge.limitMissed(by: loss, steps: steps, guessing: 4)
        }
        #expect(limit(4556, 300) == 4 && limit(.infinity, 300) == 4 && limit(.nan, 300) == 4)
        #expect(limit(2, 300) == nil && limit(4.3, 300) == nil && limit(4.5, 300) == 4)
        #expect(limit(4.5, 3) == nil, "a few steps learn nothing")
        // What is held out may be harder to guess than what trains.
        #expect(judge.limitMissed(by: 6, steps: 300, guessing: 7) == nil)
        #expect(judge.limitMissed(by: 6, steps: 300, guessing: nil) == 4.2)
        #expect(LossJudge().limitMissed(by: 4556, steps: 300, guessing: nil) == nil)
    }
}
