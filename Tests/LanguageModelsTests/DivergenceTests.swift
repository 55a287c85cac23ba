import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training
import TrainingRuns

/// Training that goes astray although its loss is a number.
@Suite struct DivergenceTests {
    static func session(
        steps: Int, _ folder: TemporaryFolder, text: String = sourceText(1500),
        _ change: (inout LanguageModelOptions) -> Void
    ) throws -> (session: LanguageModelTraining, store: CheckpointStore) {
        let store = try folder.store(), corpus = try PreparedCorpus.of(text, in: folder)
        let plan = try smallPlan(corpus, steps: steps, change)
        return (
            try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: ComputeContext(threads: 1)), store
        )
    }

    static let cases: [(OptimizerKind, Double)] = [(.sgd, 1e6), (.adamw, 100), (.momentum, 1e4), (.adam, 1000)]

    @Test(arguments: cases) func aRateFarTooHighIsNoResult(optimizer: OptimizerKind, rate: Double) throws {
        let folder = try TemporaryFolder()
        let (session, store) = try Self.session(steps: 300, folder) {
            ($0.optimizer, $0.learningRate) = (optimizer, rate)
        }
        var rolledBack: [(step: Int, to: Int)] = []
        let error = thrown(RunError.self) {
            _ = try session.train(onEvent: {
                if case .rolledBack(let step, let to, _, _) = $0 { rolledBack.append((step, to)) }
            })
        }
        switch error {
        case .diverged(_, _, let attempts): #expect(attempts == 4)
        case .worseThanGuessing(_, let loss, let guessing, _): #expect(!(loss <= 1.1 * guessing))
        default: Issue.record("\(String(describing: error))")
        }
        #expect(rolledBack.count == 4 && rolledBack.allSatisfy { $0.to < $0.step })
        #expect(try store.run(session.run.id).status == .failed)
        let stored = try store.loadCheckpoint(.latest, of: session.run.id)
        #expect(RollBackTests.isFinite(stored.sections[.parameter]))
    }

    /// A model that knows nothing gives every unit the same chance: losses are judged by that from the first step on.
    @Test func whatGuessingCostsIsStored() throws {
        let folder = try TemporaryFolder(), (session, store) = try Self.session(steps: 20, folder) { _ in }
        session.stopAfter = 1
        _ = try session.train()
        let state = try store.loadCheckpoint(.latest, of: session.run.id).state
        let json = try #require(try JSONSerialization.jsonObject(with: state) as? [String: Any])
        let judge = try #require((json["roll_back"] as? [String: Any])?["judge"] as? [String: Any])
        let guessing = try #require(judge["guessing"] as? Double)
        #expect(abs(guessing - log(Double(session.plan.model.classes))) < 1e-12)
    }

    /// A rate that a few halvings make good; the same with stops anywhere.
    @Test func aLowerRateSavesTheRun() throws {
        let folder = try TemporaryFolder(), store = try folder.store()
        let corpus = try PreparedCorpus.of(sourceText(1500), in: folder)
        let plan = try smallPlan(corpus, steps: 200) {
            ($0.optimizer, $0.learningRate, $0.schedule, $0.clipNorm) = (.momentum, 60, .constant, 1)
            $0.evaluateEvery = 10
        }
        var rolledBack: [Int] = []
        let outcome = Result {
            try train(plan, on: corpus, in: store) {
                if case .rolledBack(let step, _, _, _) = $0 { rolledBack.append(step) }
            }
        }
        guard case .success(let (run, result)) = outcome else { throw Unexpected("\(outcome)") }
        #expect(!rolledBack.isEmpty)
        #expect((result.score?.loss ?? 100) < 1.1 * log(Double(corpus.vocabulary.count)))
        let whole = try Remains(run.id, in: store)
        let first = try #require(rolledBack.first)
        for stops in [[Stop.after(first)], [.after(3), .after(first - 1)], [.after(37), .after(90)]] {
            let again = try train(plan, on: corpus, in: store, stops: stops).run
            #expect(try Remains(again.id, in: store) == whole, "stopped \(stops)")
        }
    }

    /// Units that nothing predicts, a warm-up from above guessing, and single lanes through chapters in other alphabets.
    @Test func hardTextsAreLeftAlone() throws {
        let random = RandomStream(seed: 4).uniform(count: 3000, in: ComputeContext(threads: 1))
        let noise = String(String.UnicodeScalarView(random.map { Unicode.Scalar(97 + UInt8($0 * 26)) }))
        let chapters = (0..<4).map { chapter in
            String(
                String.UnicodeScalarView(
                    sourceText(700).unicodeScalars.map {
                        $0 == "\n" ? $0 : Unicode.Scalar($0.value + UInt32(20 * chapter)) ?? $0
                    }
                ))
        }
        for (text, lanes) in [(noise, 4), (noise, 1), (chapters.joined(), 1)] {
            let folder = try TemporaryFolder()
            let (session, _) = try Self.session(steps: 400, folder, text: text) {
                ($0.lanes, $0.learningRate, $0.heldOut) = (lanes, 0.01, HeldOutPart(rule: .spread))
            }
            let outcome = try session.train(onEvent: {
                if case .rolledBack(_, _, let reason, _) = $0 { Issue.record("\(reason)") }
            })
            guard case .finished = outcome else { throw Unexpected("\(outcome)") }
        }
    }

    /// What is held out runs backwards: the model is worse than guessing there, and good where it was trained.
    @Test func anEndWorseThanGuessingIsSaid() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "abcdefghij", count: 200) + String(repeating: "jihgfedcba", count: 22)
        let (session, store) = try Self.session(steps: 150, folder, text: text) {
            ($0.heldOut, $0.learningRate, $0.evaluateEvery) = (HeldOutPart(rule: .tail), 0.02, 150)
        }
        let error = thrown(RunError.self) { _ = try session.train() }
        guard case .worseThanGuessing(_, let loss, let guessing, let trained?) = error else {
            throw Unexpected("\(String(describing: error))")
        }
        #expect(loss > guessing && trained < guessing)
        #expect("\(error.map { "\($0)" } ?? "")".contains("`validation`"))
        #expect(try store.run(session.run.id).status == .failed)
        #expect(try store.events(of: session.run.id).contains { $0.kind == "worse_than_guessing" })
        // The model is there for who wants it.
        #expect(try SavedLanguageModel.load(.latest, from: store, in: ComputeContext(threads: 1)).step == 150)
    }
}
