import Checkpoints
import LanguageModels
import TensorCore
import Testing
import TrainingRuns
import TextCorpora

/// Training for a given time.
@Suite(.serialized) struct TimeLimitTests {
    /// The number of steps is fixed when warm-up ends, is stored, and repeats the run.
    @Test(arguments: [0, 1, 9]) func theNumberOfStepsRepeatsTheRun(warmUp: Int) throws {
        let folder = try Folder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus) {
            ($0.steps, $0.timeLimit, $0.warmUp, $0.evaluateEvery, $0.dropout) = (nil, 1.5, warmUp, 50, 0.1)
            ($0.lanes, $0.window, $0.hidden) = (8, 32, 24)
        }
        let clock = ContinuousClock(), start = clock.now
        var fixed: [Int] = []
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        let outcome = try session.train(onEvent: { if case .stepsFixed(let steps, _) = $0 { fixed.append(steps) } })
        #expect(clock.now - start < .seconds(3), "a limit of 1.5 seconds")
        #expect(fixed.count == 1)
        let steps = try #require(fixed.first)
        #expect(steps > warmUp && steps < 1_000_000)
        let stored = try store.run(session.run.id).configuration(as: TrainingPlan.self)
        #expect(stored.steps == steps && stored.stepsAreFixed && stored.timeLimit == 1.5)
        let found = try store.loadCheckpoint(.latest, of: session.run.id)
        // A busy machine may have cut it short: then it goes on, and is the same still.
        if case .stopped(_, let reason) = outcome {
            #expect(reason == .timeLimit)
        } else {
            #expect(found.step == steps)
        }
        var repeated = plan
        (repeated.steps, repeated.timeLimit, repeated.stepsAreFixed) = (steps, nil, true)
        let again = try LanguageModelTraining(
            plan: repeated, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        again.stopAfter = found.step
        _ = try again.train()
        let other = try store.loadCheckpoint(.latest, of: again.run.id)
        #expect(other.step == found.step)
        #expect(
            weightsSHA256(of: other.sections[.parameter] ?? NamedTensors())
                == weightsSHA256(of: found.sections[.parameter] ?? NamedTensors()))
        #expect(other.sections[.optimizer] == found.sections[.optimizer])
    }

    /// A limit shorter than the warm-up: what was done is the run.
    @Test func aLimitThatEndsBeforeWarmUp() throws {
        let folder = try Folder(), store = try folder.store(), context = ComputeContext(threads: 1)
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus) {
            ($0.steps, $0.timeLimit, $0.warmUp, $0.evaluateEvery) = (nil, 0.2, 1_000_000, 1_000_000)
        }
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        guard case .stopped(let step, .timeLimit) = try session.train() else { throw Unexpected("not stopped") }
        let stored = try store.run(session.run.id).configuration(as: TrainingPlan.self)
        #expect(stored.steps == step && stored.stepsAreFixed)
        // A model that was never validated can be used all the same.
        #expect(try SavedModel.load(.newestWithBest, from: store, in: context).step == step)
        var repeated = plan
        (repeated.steps, repeated.timeLimit, repeated.stepsAreFixed) = (step, nil, true)
        let again = try train(repeated, on: corpus, in: store).run
        #expect(
            try store.loadCheckpoint(.latest, of: again.id).sections[.parameter]
                == store.loadCheckpoint(.latest, of: session.run.id).sections[.parameter])
    }

    @Test func aLimitOnAResumedRunStopsIt() throws {
        let folder = try Folder(), store = try folder.store()
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
        #expect(try store.run(session.run.id).configuration(as: TrainingPlan.self).steps == 1_000_000)
    }

    /// A stop before the steps are fixed does not lose the limit.
    @Test func aRunWhoseStepsAreNotFixedYet() throws {
        let folder = try Folder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus) { ($0.steps, $0.timeLimit, $0.warmUp) = (nil, 0.5, 12) }
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        session.stopAfter = 4
        _ = try session.train()
        let resumed = try LanguageModelTraining.resume(.latest, store: store, in: ComputeContext(threads: 1))
        #expect(!resumed.plan.stepsAreFixed)
        _ = try resumed.train()
        let stored = try store.run(session.run.id).configuration(as: TrainingPlan.self)
        #expect(stored.stepsAreFixed && stored.steps >= 12)
    }
}
