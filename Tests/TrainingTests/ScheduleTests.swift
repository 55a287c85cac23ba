import Foundation
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct ScheduleTests {
    /// Base 0.5 over 20 steps unless the fixture says otherwise.
    static func schedule(_ shape: LearningRateShape, steps: Int = 20, warmUp: Int = 0) -> LearningRateSchedule {
        LearningRateSchedule(base: 0.5, shape: shape, steps: steps, warmUp: warmUp)
    }

    @Test func equalsPyTorch() throws {
        let fixture = try Fixture.load("schedules")
        let cases: [(String, LearningRateSchedule)] = [
            ("constant", Self.schedule(.constant)), ("linear", Self.schedule(.linear(finalFraction: 0.125), steps: 16)),
            ("exponential", Self.schedule(.exponential(finalFraction: pow(0.875, 20)))),
            ("step", Self.schedule(.step(factor: 0.25, every: 6))),
            ("cosine", Self.schedule(.cosine(finalFraction: 0.125))),
            ("warm_up_constant", Self.schedule(.constant, warmUp: 4)),
            ("warm_up_cosine", Self.schedule(.cosine(finalFraction: 0.125), warmUp: 4)),
        ]
        for (name, schedule) in cases {
            let expected = try fixture[name].values
            expectMatch(expected.indices.map(schedule.rate(at:)), expected, name)
        }
    }

    @Test func startWarmUpMiddleEnd() {
        func rates(_ shape: LearningRateShape, at steps: [Int]) -> [Double] {
            let schedule = LearningRateSchedule(base: 0.8, shape: shape, steps: 1010, warmUp: 10)
            return steps.map(schedule.rate(at:))
        }
        // First step, last of warm-up, first after it, half way, one quarter from the end, end, beyond.
        let steps = [0, 9, 10, 510, 760, 1010, 5000], start = [0.8 / 11, 0.8 * 10 / 11, 0.8]
        let shapes: [(LearningRateShape, [Double])] = [
            (.constant, [0.8, 0.8, 0.8, 0.8]), (.linear(finalFraction: 0.25), [0.5, 0.35, 0.2, 0.2]),
            (.exponential(finalFraction: 0.0625), [0.2, 0.1, 0.05, 0.05]),
            (.step(factor: 0.5, every: 250), [0.2, 0.1, 0.05, 0.8 * pow(0.5, 19)]),
            (.cosine(finalFraction: 0.1), [0.44, 0.08 + 0.72 * (1 - 0.5.squareRoot()) / 2, 0.08, 0.08]),
            (.plateau(PlateauRule()), [0.8, 0.8, 0.8, 0.8]),
        ]
        #expect(Set(shapes.map(\.0.kind)) == Set(ScheduleKind.allCases))
        for (shape, rest) in shapes {
            for (found, expected) in zip(rates(shape, at: steps), start + rest) {
                #expect(abs(found - expected) <= 1e-12 * expected, "\(shape): \(found), expected \(expected)")
            }
        }
    }

    @Test func endsAtNothing() {
        for kind in [ScheduleKind.linear, .cosine] {
            let schedule = LearningRateSchedule(base: 3e-3, shape: kind.shape(steps: 700), steps: 700)
            #expect(schedule.rate(at: 700) >= 0)
            #expect(schedule.rate(at: 700) < 1e-18)
            #expect(schedule.rate(at: 699) > 0)
        }
    }

    @Test func warmUpOfTheWholeRunAndNoStepAtAll() {
        let short = LearningRateSchedule(base: 1, shape: .cosine(finalFraction: 0), steps: 3, warmUp: 5)
        expectMatch((0..<3).map { short.rate(at: $0) }, [1.0 / 6, 2.0 / 6, 0.5], "warm-up", tolerance: 1e-15)
        #expect(LearningRateSchedule(base: 1, shape: .linear(finalFraction: 0.5), steps: 0).rate(at: 0) == 0.5)
    }

    @Test func plateauEqualsPyTorch() throws {
        let fixture = try Fixture.load("schedules")
        let rule = PlateauRule(factor: 0.5, patience: 2, threshold: 1e-4, minimumFraction: 0.25)
        var rate = LearningRate(LearningRateSchedule(base: 0.5, shape: .plateau(rule), steps: 100))
        var rates: [Double] = [], lowered: [Bool] = []
        for loss in try fixture["plateau.losses"].values {
            let before = rate.rate(at: 3)
            lowered.append(rate.record(validationLoss: loss))
            rates.append(rate.rate(at: 3))
            #expect(lowered.last == (rate.rate(at: 3) < before))
            // A run stopped and resumed here goes on the same way.
            rate = try JSONDecoder().decode(LearningRate.self, from: JSONEncoder().encode(rate))
        }
        #expect(try rates == fixture["plateau"].values)
        #expect(lowered.count { $0 } == 2)
    }

    @Test func plateauTakesAnyLoss() {
        var plateau = Plateau(PlateauRule(factor: 0.5, patience: 0, threshold: 0.1, minimumFraction: 0))
        // -1.25 is better, but by less than a tenth.
        let losses = [Double.nan, -1, -1.2, -1.25, .infinity]
        #expect(losses.map { plateau.record($0) } == [true, false, false, true, true])
        #expect(plateau.fraction == 0.125)
        #expect(plateau.best == -1.2)
    }

    @Test func moreStepsKeepWhatThePlateauSaw() {
        let schedule = LearningRateSchedule(base: 1, shape: .plateau(PlateauRule(patience: 0)), steps: 10)
        var rate = LearningRate(schedule)
        rate.record(validationLoss: 1)
        rate.record(validationLoss: 1)
        let longer = LearningRateSchedule(base: 1, shape: schedule.shape, steps: 20)
        #expect(rate.following(longer).rate(at: 15) == 0.5)
        #expect(rate.following(LearningRateSchedule(base: 1, steps: 20)).rate(at: 15) == 1)
    }

    @Test(arguments: ScheduleKind.allCases) func readsBack(_ kind: ScheduleKind) throws {
        let schedule = LearningRateSchedule(base: 3e-3, shape: kind.shape(steps: 1000), steps: 1000, warmUp: 30)
        #expect(schedule.shape.kind == kind)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(schedule)
        #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: json) == schedule)
        if kind == .cosine {
            #expect(
                String(decoding: json, as: UTF8.self)
                    == #"{"base":0.003,"final_fraction":0,"kind":"cosine","steps":1000,"warm_up":30}"#)
        }
    }

    @Test(arguments: [
        #"{"base":0,"kind":"constant","steps":10,"warm_up":0}"#,
        #"{"base":1,"kind":"constant","steps":-1,"warm_up":0}"#,
        #"{"base":1,"kind":"constant","steps":10,"warm_up":-3}"#,
        #"{"base":1,"kind":"linear","steps":10,"warm_up":0}"#,
        #"{"base":1,"kind":"linear","final_fraction":1.5,"steps":10,"warm_up":0}"#,
        #"{"base":1,"kind":"exponential","final_fraction":0,"steps":10,"warm_up":0}"#,
        #"{"base":1,"kind":"step","factor":0.5,"every":0,"steps":10,"warm_up":0}"#,
        #"{"base":1,"kind":"zigzag","steps":10,"warm_up":0}"#,
    ]) func refusesBadNumbers(_ json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(LearningRateSchedule.self, from: Data(json.utf8))
        }
    }
}
