import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training
import TrainingRuns

/// A run that is stopped and goes on computes what it would have computed, bit for bit.
@Suite struct ResumeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let stack: String
        let change: @Sendable (inout LanguageModelOptions) -> Void
    }
    static let cases = [
        Case(testDescription: "dropout, AdamW, cosine, embedding", stack: "lstm:20,rnn:18:9") { $0.dropout = 0.3 },
        Case(testDescription: "plateau and patience", stack: "gru:17") {
            ($0.schedule, $0.learningRate, $0.patience, $0.evaluateEvery) = (.plateau, 0.1, 30, 2)
            ($0.optimizer, $0.dropout) = (.adam, 0.2)
        },
        Case(testDescription: "random windows, one-hot", stack: "lstm:18") {
            ($0.randomWindows, $0.embedding, $0.optimizer) = (true, 0, .rmsprop)
        },
        Case(testDescription: "momentum, book's GRU, step schedule", stack: "gru-reset-before:9") {
            ($0.optimizer, $0.schedule, $0.learningRate, $0.clipValue) = (.momentum, .step, 0.05, 0.01)
        },
    ]
    static let stops: [[Stop]] = [
        [.after(20)], [.after(16)], [.after(7), .after(23)], [.inValidation(16)], [.inScoring],
        [.after(0), .after(17), .inValidation(24), .after(40 - 1), .inScoring],
    ]

    @Test(arguments: cases) func interruptedRunsLeaveTheSame(_ testCase: Case) throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        // The replacement symbol is trained by replacing a unit now and then: part of what must repeat.
        #expect(corpus.vocabulary.hasReplacement && corpus.vocabulary.replacedInTraining == 0)
        let plan = try smallPlan(corpus, testCase.stack) {
            $0.sampleEvery = 5
            testCase.change(&$0)
        }
        let whole = try Remains(train(plan, on: corpus, in: store).run.id, in: store)
        #expect(whole.step == 40)
        #expect(whole.samples.count == 8)
        #expect(whole.metrics.filter { $0.hasPrefix("validation_loss") }.count == 40 / plan.evaluateEvery)
        #expect(whole.metrics.filter { $0.hasPrefix("best_validation_nats") }.count == 1)
        for stops in Self.stops {
            let run = try train(plan, on: corpus, in: store, stops: stops).run
            #expect(try Remains(run.id, in: store) == whole, "\(testCase), stopped \(stops)")
        }
    }

    @Test func aQuestionThatSaysYesOnceStopsTheScoring() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(6000), in: folder), plan = try smallPlan(corpus, steps: 10)
        let whole = try Remains(train(plan, on: corpus, in: store).run.id, in: store)
        let run = try train(plan, on: corpus, in: store, stops: [.inScoringOnce]).run
        #expect(try Remains(run.id, in: store) == whole)
        let stops = try store.events(of: run.id).filter { $0.kind == "stopped" }
        #expect(stops.map(\.message) == ["while the best weights were scored"] && stops.map(\.step) == [10])
    }

    @Test func theSameSessionGoesOn() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(6000), in: folder)
        // A rate that grows beyond all sense: the best weights are not the last.
        let plan = try smallPlan(corpus, steps: 30) {
            ($0.learningRate, $0.warmUp, $0.evaluateEvery) = (3, 30, 3)
        }
        let whole = try Remains(train(plan, on: corpus, in: store).run.id, in: store)
        #expect(whole.bestStep < 30)
        let session = try LanguageModelTraining(
            plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1))
        for stop in [Stop.after(11), .inValidation(15), .inScoring] {
            let stopper = Stopper(stop)
            session.stopAfter = nil
            if case .after(let step) = stop { session.stopAfter = step }
            guard case .stopped = try session.train(shouldStop: { stopper.ask() }, onEvent: { stopper.see($0) }) else {
                throw Unexpected("not stopped")
            }
        }
        session.stopAfter = nil
        guard case .finished = try session.train() else { throw Unexpected("not finished") }
        #expect(try Remains(session.run.id, in: store) == whole)
    }

    /// As after a power cut: the store as it was between two saves, with later history or without.
    @Test func aKilledProcessGoesOnFromItsLastCheckpoint() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus, "gru:16") { ($0.sampleEvery, $0.saveEvery, $0.dropout) = (6, 10, 0.2) }
        var copied = 0
        let run = try train(plan, on: corpus, in: store) { event in
            guard case .progress(let progress) = event, [13, 27].contains(progress.step) else { return }
            let copy = folder.file("killed-\(progress.step).sqlite")
            if (try? FileManager.default.copyItem(atPath: store.path, toPath: copy)) != nil { copied += 1 }
        }.run
        #expect(copied == 2)
        let whole = try Remains(run.id, in: store)
        for step in [13, 27] {
            let killed = try folder.store("killed-\(step).sqlite")
            let found = try #require(try killed.runs().first)
            #expect(found.status == .running)
            // History that did not come from its latest checkpoint must not be there twice.
            let later = History(
                metrics: [MetricRecord(step: step + 1, epoch: 1, name: "training_loss", value: 7, seconds: 1)],
                samples: [SampleRecord(step: step + 1, temperature: 1, seed: 1, text: "later")])
            try killed.record(later, in: found.id)
            let session = try LanguageModelTraining.resume(.latest, store: killed, in: ComputeContext(threads: 2))
            guard case .finished = try session.train() else { throw Unexpected("not finished") }
            #expect(try Remains(found.id, in: killed) == whole)
        }
    }

    /// Weights that are no numbers are of use only where the state to go back to stands beside them: not where it is the
    /// same, as after a validation.
    @Test(arguments: [(16, false), (20, true)]) func spoiledWeightsNeedAWayBack(step: Int, isUsable: Bool) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 1)
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder), plan = try smallPlan(corpus)
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        session.stopAfter = step
        _ = try session.train()
        var latest = try store.loadCheckpoint(.latest, of: session.run.id)
        let weights = try #require(latest.sections[.parameter])
        latest.sections[.parameter] = NamedTensors(
            weights.map { ($0.name, Tensor(repeating: .nan, shape: $0.tensor.shape)) })
        try store.save(latest, in: session.run.id, isBest: false, mayGoBack: true)
        try store.giveBack(session.run.id)
        func resume() throws -> LanguageModelTraining {
            try LanguageModelTraining.resume(.latest, store: store, in: context)
        }
        guard isUsable else {
            guard case .damagedTensor? = thrown(StoreError.self, { _ = try resume() }) else {
                throw Unexpected("not refused")
            }
            return
        }
        var wentBack: [[Int]] = []
        let outcome = try resume().train(onEvent: {
            if case .rolledBack(let step, let to, _, _) = $0 { wentBack.append([step, to]) }
        })
        guard case .finished(let result) = outcome else { throw Unexpected("\(outcome)") }
        #expect(wentBack == [[20, 16]] && result.score?.loss.isFinite == true)
    }

    @Test func patienceEndsARunForGood() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus, steps: 400) {
            ($0.learningRate, $0.schedule, $0.evaluateEvery, $0.patience) = (0.5, .constant, 2, 3)
        }
        let (run, result) = try train(plan, on: corpus, in: store)
        #expect(result.endedEarly && result.steps < 400 && result.bestStep == result.steps - 6)
        let whole = try Remains(run.id, in: store)
        for stop in [Stop.inScoring, .inValidation(result.steps), .after(result.steps - 1)] {
            let (run, again) = try train(plan, on: corpus, in: store, stops: [stop])
            #expect(again.endedEarly && again.steps == result.steps, "\(stop)")
            #expect(try Remains(run.id, in: store) == whole, "\(stop)")
        }
        let error = thrown(RunError.self) {
            _ = try LanguageModelTraining.resume(.named(run.name), store: store, in: ComputeContext(threads: 1))
        }
        #expect(error == .runFinished(run: run.name, steps: result.steps))
        // More steps than it has done are steps to do.
        let session = try LanguageModelTraining.resume(
            .named(run.name), options: ResumeOptions(steps: result.steps + 2), store: store,
            in: ComputeContext(threads: 1))
        guard case .finished(let more) = try session.train() else { throw Unexpected("not finished") }
        #expect(more.steps == result.steps + 2)
    }

    @Test func aFinishedRunSaysSoAndGoesOnWithMoreSteps() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(3000), in: folder)
        let plan = try smallPlan(corpus, steps: 20) { ($0.schedule, $0.evaluateEvery) = (.constant, 10) }
        let run = try train(plan, on: corpus, in: store).run, context = ComputeContext(threads: 2)
        for options in [ResumeOptions(), ResumeOptions(steps: 20), ResumeOptions(steps: 5)] {
            let error = thrown(RunError.self) {
                _ = try LanguageModelTraining.resume(.named(run.name), options: options, store: store, in: context)
            }
            #expect(error == .runFinished(run: run.name, steps: 20))
        }
        #expect(try store.run(run.id).status == .finished)
        let session = try LanguageModelTraining.resume(
            .named(run.name), options: ResumeOptions(steps: 40), store: store, in: context)
        #expect(session.plan.steps == 40)
        guard case .finished(let result) = try session.train() else { throw Unexpected("not finished") }
        #expect(result.steps == 40)
        var longer = plan
        longer.steps = 40
        let whole = try Remains(train(longer, on: corpus, in: store).run.id, in: store)
        let continued = try Remains(run.id, in: store)
        #expect(continued.weights == whole.weights && continued.optimizer == whole.optimizer)
        #expect(continued.bestWeights == whole.bestWeights)
        #expect(try store.run(run.id).configuration(as: LanguageModelPlan.self).steps == 40)
    }

    @Test func theTextMustBeTheSame() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let text = sourceText(1000), corpus = try PreparedCorpus.of(text, in: folder, name: "a.txt")
        let context = ComputeContext(threads: 1), plan = try smallPlan(corpus, steps: 8) { $0.evaluateEvery = 4 }
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        session.stopAfter = 3
        _ = try session.train()
        func resume(_ paths: [String] = []) throws -> LanguageModelTraining {
            try LanguageModelTraining.resume(.latest, paths: paths, store: store, in: context)
        }
        let moved = folder.file("b.txt")
        try FileManager.default.moveItem(atPath: folder.file("a.txt"), toPath: moved)
        guard case .corpusNotFound(let run, let paths, _) = thrown(LanguageModelError.self, { _ = try resume() }) else {
            throw Unexpected("another error")
        }
        #expect(run == session.run.name && paths.count == 1 && paths[0].hasSuffix("a.txt"))
        let other = try folder.write("c.txt", text + "x")
        guard
            case .otherCorpus(_, let expected, let found) = thrown(
                LanguageModelError.self, { _ = try resume([other]) })
        else { throw Unexpected("another error") }
        #expect(expected == corpus.record.fingerprint && found != expected)
        guard case .finished = try resume([moved]).train() else { throw Unexpected("not finished") }
    }

    @Test(arguments: [
        ResumeOptions(steps: 0), .init(steps: -3), .init(epochs: .nan), .init(epochs: 1e300),
        .init(epochs: -1), .init(timeLimit: -1), .init(timeLimit: .infinity),
    ])
    func senselessOptionsAreRefused(_ options: ResumeOptions) throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(500), in: folder), context = ComputeContext(threads: 1)
        let session = try LanguageModelTraining(plan: smallPlan(corpus), corpus: corpus, store: store, in: context)
        session.stopAfter = 1
        _ = try session.train()
        guard
            case .invalidOption = thrown(
                RunError.self,
                {
                    _ = try LanguageModelTraining.resume(.latest, options: options, store: store, in: context)
                })
        else { throw Unexpected("another error") }
    }
}
