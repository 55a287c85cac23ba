import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import Training
import TrainingRuns
import TextCorpora

/// Training for a given time.
@Suite(.serialized) struct TimeLimitTests {
    static func session(
        _ folder: TemporaryFolder, _ store: CheckpointStore, _ time: MadeUpTime, warmUp: Int = 9, limit: Double = 60,
        steps: Int? = nil, evaluateEvery: Int = 50, hidden: Int = 20
    ) throws -> (session: TrainingSession<TimedTask>, corpus: PreparedCorpus, plan: LanguageModelPlan) {
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus) {
            ($0.steps, $0.timeLimit, $0.warmUp, $0.evaluateEvery) = (steps, limit, warmUp, evaluateEvery)
            ($0.lanes, $0.window, $0.dropout, $0.patience) = (8, 16, 0.1, 0)
            $0.stack = [LayerSpecification(.lstm, hidden: hidden)]
        }
        let session = try sessionInMadeUpTime(plan, corpus, store, time)
        return (session, corpus, plan)
    }

    /// The number of steps is fixed when warm-up ends, is stored, and repeats the run.
    @Test(arguments: [0, 1, 9]) func theNumberOfStepsRepeatsTheRun(warmUp: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = MadeUpTime()
        let (session, corpus, plan) = try Self.session(folder, store, time, warmUp: warmUp)
        var fixed: [Int] = []
        let outcome = try session.train(onEvent: { if case .stepsFixed(let steps, _, _) = $0 { fixed.append(steps) } })
        #expect(time.seconds < 62, "a limit of a minute")
        let steps = try #require(fixed.first)
        #expect(fixed.count == 1 && steps > 300)
        guard case .finished(let result) = outcome else { throw Unexpected("\(outcome)") }
        #expect(result.steps == steps && result.score != nil)
        let stored = try store.run(session.run.id).configuration(as: LanguageModelPlan.self)
        #expect(stored.steps == steps && stored.stepsAreFixed && stored.timeLimit == 60)
        var repeated = plan
        (repeated.steps, repeated.timeLimit, repeated.stepsAreFixed) = (steps, nil, true)
        let again = try train(repeated, on: corpus, in: store).run
        let found = try store.loadCheckpoint(.latest, of: session.run.id)
        let other = try store.loadCheckpoint(.latest, of: again.id)
        #expect(other.step == found.step)
        #expect(
            weightsSHA256(of: other.sections[.parameter] ?? NamedTensors())
                == weightsSHA256(of: found.sections[.parameter] ?? NamedTensors()))
        #expect(other.sections[.optimizer] == found.sections[.optimizer])
    }

    /// The machine becomes four times slower, or faster, after a quarter of the time.
    @Test(arguments: [4, 0.25]) func theNumberOfStepsFollowsTheSpeed(factor: Double) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = MadeUpTime()
        let (session, _, _) = try Self.session(folder, store, time)
        var fixed: [Int] = []
        let outcome = try session.train(onEvent: { event in
            if case .stepsFixed(let steps, _, _) = event { fixed.append(steps) }
            if let first = fixed.first, case .progress(let progress) = event, progress.step == first / 4 {
                time.factor = factor
            }
        })
        guard case .finished(let result) = outcome else { throw Unexpected("\(outcome)") }
        let end = time.seconds
        #expect(end < 62 && end > 45, "\(end) seconds of 60")
        #expect(fixed.count >= 2)
        #expect(factor > 1 ? fixed[1] < fixed[0] : fixed[1] > fixed[0])
        let planned = try #require(fixed.last)
        #expect(result.steps <= planned && result.steps > planned * 9 / 10 && result.score != nil)
        // A run that has followed two schedules is not made again by a number of steps.
        #expect(try store.events(of: session.run.id).contains { $0.kind == RunEvents.stepsChanged })
        let last = try store.loadCheckpoint(.latest, of: session.run.id)
        #expect(last.step == result.steps)
        let state = try #require(try JSONSerialization.jsonObject(with: last.state) as? [String: Any])
        #expect(state["steps"] as? Int == planned)
    }

    /// Where there is more time than the plan's passes take, the run makes those and ends, also if the machine becomes
    /// faster meanwhile; if it becomes slower, the time still ends the run.
    @Test(arguments: [(0.25, true), (20, false)]) func moreTimeThanIsOfUseIsNotTaken(
        factor: Double, isWhole: Bool
    ) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = MadeUpTime()
        let (session, _, plan) = try Self.session(folder, store, time, limit: 600, hidden: 128)
        let most = try #require(plan.mostSteps)
        var fixed: [(steps: Int, areAll: Bool)] = []
        let outcome = try session.train(onEvent: { event in
            if case .stepsFixed(let steps, _, let areAll) = event { fixed.append((steps, areAll)) }
            if case .progress(let progress) = event, progress.step == most / 4 { time.factor = factor }
        })
        guard case .finished(let result) = outcome else { throw Unexpected("\(outcome)") }
        let first = try #require(fixed.first)
        #expect(first == (most, true))
        #expect(result.score != nil && time.seconds < 610)
        if isWhole {
            #expect(result.steps == most && fixed.count == 1 && time.seconds < 100, "\(time.seconds) seconds")
        } else {
            #expect(result.steps < most && time.seconds > 450, "\(result.steps) steps, \(time.seconds) seconds")
        }
    }

    /// So slow at the end that one step takes more than is left, as its end shows: what is there is scored. A step of four
    /// seconds begins at second 21 of 24.
    @Test func aRunThatIsCutIsScored() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = Self.exactTime()
        let (session, _, _) = try Self.session(folder, store, time, limit: 24, evaluateEvery: 1_000_000)
        let outcome = try session.train(onEvent: { _ in if time.seconds == 21 { time.factor = 40 } })
        guard case .finished(let result) = outcome else { throw Unexpected("\(outcome)") }
        #expect(result.steps == 169 && result.bestStep == 169 && result.score != nil)
        let stored = try store.run(session.run.id), plan = try stored.configuration(as: LanguageModelPlan.self)
        #expect(stored.status == .finished && plan.stepsAreFixed && plan.steps > result.steps)
        let events = try store.events(of: session.run.id)
        #expect(events.contains { $0.kind == RunEvents.cutShort && $0.step == 169 })
        #expect(!events.contains { $0.kind == RunEvents.stepsChanged })
    }

    /// Steps that were given are not changed: the run is cut, validated, and goes on where it is resumed.
    @Test func aRunWithAGivenNumberOfStepsIsValidatedWhereItIsCut() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = MadeUpTime()
        let (session, _, _) = try Self.session(
            folder, store, time, limit: 10, steps: 100_000, evaluateEvery: 1_000_000)
        let outcome = try session.train()
        guard case .stopped(let step, .timeLimit) = outcome else { throw Unexpected("\(outcome)") }
        #expect(time.seconds < 11)
        let best = try #require(session.best)
        #expect(best.step == step && best.loss < log(8))
        #expect(try store.loadCheckpoint(.best, of: session.run.id).step == step)
        let stored = try store.run(session.run.id).configuration(as: LanguageModelPlan.self)
        #expect(stored.steps == 100_000)
    }

    /// Steps of an eighth of a second of made-up time: sums of them are exact.
    private static func exactTime() -> MadeUpTime {
        let time = MadeUpTime()
        time.factor = 1.25
        return time
    }

    /// Eight steps say how long one takes: those of the warm-up and the one after it, and as many more as are missing,
    /// whose gradients are not used. A quarter of the time may pass with that and no more.
    @Test(arguments: [(0, 60.0, 8), (3, 60, 8), (6, 60, 8), (7, 60, 8), (9, 60, 10), (0, 2, 4), (2, 2, 4), (5, 2, 6)])
    func whenWarmUpEndsTheNumberOfStepsIsFixed(warmUp: Int, limit: Double, gradients: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = Self.exactTime()
        let (session, _, _) = try Self.session(folder, store, time, warmUp: warmUp, limit: limit)
        var steps = 0, fixed: [(steps: Int, gradients: Int)] = []
        session.stopAfter = warmUp + 3
        _ = try session.train(onEvent: { event in
            if case .progress(let progress) = event { steps = progress.step }
            if case .stepsFixed = event { fixed.append((steps, session.task.gradientCount)) }
        })
        #expect(fixed.map(\.steps) == [warmUp + 1] && fixed.map(\.gradients) == [gradients], "\(fixed)")
    }

    /// As nobody plans it, but a store may say it.
    @Test func withoutALimitTheStepsThatWereToBeFixedStayAsTheyAre() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = Self.exactTime()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        var plan = try smallPlan(corpus, steps: 12) { $0.warmUp = 0 }
        plan.stepsAreFixed = false
        let session = try sessionInMadeUpTime(plan, corpus, store, time)
        var fixed: [Int] = []
        let outcome = try session.train(onEvent: { if case .stepsFixed(let steps, _, _) = $0 { fixed.append(steps) } })
        guard case .finished(let result) = outcome else { throw Unexpected("\(outcome)") }
        // Nothing is measured ahead where there is no time to keep to.
        #expect(fixed == [12] && result.steps == 12 && session.task.gradientCount == 12)
    }

    /// Where the end alone takes all that is left, there is one step more, which is on its way. The rate is looked at
    /// every two seconds of 24, here from the first on: the machine becomes slower at one look, as the next one finds.
    @Test func whereNothingIsLeftThereIsOneStepMore() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = Self.exactTime()
        let (session, _, _) = try Self.session(folder, store, time, limit: 24, evaluateEvery: 1_000_000)
        var step = 0, fixed: [(steps: Int, after: Int, seconds: Double)] = []
        let outcome = try session.train(onEvent: { event in
            if case .progress(let progress) = event { step = progress.step }
            if time.seconds == 21 { time.factor = 2.5 }
            if case .stepsFixed(let steps, _, _) = event { fixed.append((steps, step, time.seconds)) }
        })
        guard case .finished(let result) = outcome else { throw Unexpected("\(outcome)") }
        // 168 steps until second 21, and eight slow ones.
        let last = try #require(fixed.last)
        #expect(fixed.count == 2 && last == (177, 176, 23), "\(fixed)")
        #expect(result.steps == 177 && result.score != nil)
    }

    /// The moment at which the time is over belongs to the end.
    @Test func aLimitThatIsReachedExactlyIsReached() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = Self.exactTime()
        let (session, _, _) = try Self.session(
            folder, store, time, limit: 0.5, steps: 100_000, evaluateEvery: 1_000_000)
        guard case .stopped(4, .timeLimit) = try session.train() else { throw Unexpected("not after 4 steps") }
        let events = try session.store.events(of: session.run.id)
        #expect(events.contains { $0.kind == "stopped" && $0.message == "the time is over" })
    }

    /// Eight lanes of sixteen characters in an eighth of a second, from the first step on; and no rate where no time passes.
    @Test(arguments: [(1.25, 1024.0), (0, 0)]) func theRateIsThatOfTheSteps(factor: Double, rate: Double) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), time = MadeUpTime()
        time.factor = factor
        let (session, _, _) = try Self.session(folder, store, time, steps: 5)
        var rates: [Double] = []
        _ = try session.train(onEvent: { if case .progress(let found) = $0 { rates.append(found.unitsPerSecond) } })
        #expect(rates.count == 5 && rates.allSatisfy { abs($0 - rate) <= 1e-9 * rate }, "\(rates)")
    }

    @Test func asManyStepsFitAsThereIsTimeFor() {
        let cost = TimeCost(secondsPerStep: 0.5, finalSeconds: 3)
        #expect([0, 3, 3.4, 3.5, 4.9, 103].map(cost.steps(within:)) == [0, 0, 0, 1, 3, 200])
        #expect(cost.steps(within: 1e18) == largestStepCount)
    }

    /// Beside the system's own clock, which also runs while the machine sleeps.
    @Test func theClockCountsSeconds() throws {
        func elapsed() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let before = elapsed(), start = SessionClock.systemSeconds(), inside = elapsed()
        while elapsed() < inside + 0.01 {}
        let insideEnd = elapsed(), end = SessionClock.systemSeconds(), after = elapsed()
        #expect(end - start >= insideEnd - inside - 1e-4 && end - start <= after - before + 1e-4)
    }

    /// A limit shorter than the warm-up: what was done is the run, and is scored.
    @Test func aLimitThatEndsBeforeWarmUp() throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus) {
            ($0.steps, $0.timeLimit, $0.warmUp, $0.evaluateEvery) = (nil, 0.2, 1_000_000, 1_000_000)
        }
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        guard case .finished(let result) = try session.train() else { throw Unexpected("not finished") }
        let step = result.steps
        let stored = try store.run(session.run.id).configuration(as: LanguageModelPlan.self)
        #expect(stored.steps == step && stored.stepsAreFixed && result.score != nil && result.bestStep == step)
        #expect(try SavedLanguageModel.load(.newestWithBest, from: store, in: context).step == step)
        var repeated = plan
        (repeated.steps, repeated.timeLimit, repeated.stepsAreFixed) = (step, nil, true)
        let again = try train(repeated, on: corpus, in: store).run
        #expect(
            try store.loadCheckpoint(.latest, of: again.id).sections[.parameter]
                == store.loadCheckpoint(.latest, of: session.run.id).sections[.parameter])
    }

    @Test func aLimitOnAResumedRunStopsIt() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus, steps: 1_000_000)
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        session.stopAfter = 3
        _ = try session.train()
        let resumed = try LanguageModelTraining.resume(
            .latest, options: ResumeOptions(timeLimit: 0.2), store: store, in: ComputeContext(threads: 1))
        guard case .stopped(let step, .timeLimit) = try resumed.train() else { throw Unexpected("not stopped") }
        #expect(step > 3)
        #expect(try store.run(session.run.id).configuration(as: LanguageModelPlan.self).steps == 1_000_000)
    }

    /// A stop before the steps are fixed does not lose the limit.
    @Test func aRunWhoseStepsAreNotFixedYet() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus) { ($0.steps, $0.timeLimit, $0.warmUp) = (nil, 0.5, 12) }
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        session.stopAfter = 4
        _ = try session.train()
        let resumed = try LanguageModelTraining.resume(.latest, store: store, in: ComputeContext(threads: 1))
        #expect(!resumed.plan.stepsAreFixed)
        _ = try resumed.train()
        let stored = try store.run(session.run.id).configuration(as: LanguageModelPlan.self)
        #expect(stored.stepsAreFixed && stored.steps >= 12)
    }
}
