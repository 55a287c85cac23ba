import Autodiff
import Checkpoints
import LanguageModels
import Layers
import TensorCore
import TestSupport
import Testing
import TextCorpora
import Training
import TrainingRuns

@Suite struct ModelTests {
    static let stacks = [
        "lstm:10", "gru:10", "rnn:10", "gru-reset-before:7", "lstm:9:5", "gru:17:3,rnn:5", "rnn:18:9,lstm:6:4,gru:5",
        "gru-reset-before:5:4,lstm:6",
    ]

    @Test(arguments: stacks, [0, 6]) func everyCellLearnsAndIsStored(stack: String, embedding: Int) throws {
        let folder = try TemporaryFolder(), store = try folder.store(), context = ComputeContext(threads: 2)
        let corpus = try PreparedCorpus.of(sourceText(1500, letters: 4), in: folder)
        let plan = try smallPlan(corpus, stack, steps: 40) {
            ($0.embedding, $0.evaluateEvery, $0.learningRate, $0.dropout) = (embedding, 20, 0.02, 0.1)
        }
        var losses: [Double] = []
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: context)
        let fresh = LanguageModel(plan.model, seed: plan.seed, in: context)
        let start = fresh.evaluate(
            .stream(corpus.tokens, range: corpus.split.validation), in: context
        ).natsPerUnit
        guard
            case .finished(let result) = try session.train(onEvent: {
                if case .validated(let report) = $0 { losses.append(report.validationLoss) }
            })
        else { throw Unexpected("not finished") }
        #expect(losses.count == 2 && losses[0] < start - 0.05 && losses[1] < losses[0] + 0.05)
        let saved = try SavedLanguageModel.load(.latest, checkpoint: .best, from: store, in: context)
        #expect(saved.plan == plan && saved.vocabulary == corpus.vocabulary && saved.step == result.bestStep)
        let again = saved.model.evaluate(.stream(corpus.tokens, range: corpus.split.validation), in: context)
        #expect(again.natsPerUnit == result.score?.loss && again.units == result.score?.units)
        let checkpoint = try store.loadCheckpoint(.latest, of: session.run.id)
        #expect(checkpoint.sections[.parameter]?.names.sorted() == fresh.parameters.map(\.name).sorted())
        #expect(checkpoint.sections[.parameter] != fresh.weights)
    }

    @Test func parametersAreCountedAsTheyAre() throws {
        let context = ComputeContext(threads: 1)
        for stack in Self.stacks + ["lstm:33,lstm:33", "rnn:65:64,rnn:1", "gru:1"] {
            for classes in [2, 31] {
                for embedding in [0, 1, 12] {
                    let shape = try configuration(stack, classes: classes, embedding: embedding)
                    let model = LanguageModel(shape, seed: 1, in: context)
                    #expect(shape.parameterCount == model.parameters.reduce(0) { $0 + $1.value.count }, "\(stack)")
                    #expect(shape.parameterShapes.map(\.name) == model.parameters.map(\.name))
                    #expect(shape.parameterShapes.map(\.shape) == model.parameters.map(\.value.shape))
                    #expect(Set(model.parameters.map(\.name)).count == model.parameters.count)
                }
            }
        }
        // By hand: LSTM 4·(5·(3 + 5) + 5), head 7·5 + 7, embedding 7·3.
        #expect(try configuration("lstm:5", classes: 7, embedding: 3).parameterCount == 4 * (5 * 8 + 5) + 42 + 21)
    }

    @Test func aModelIsAFunctionOfItsSeed() throws {
        let shape = try configuration("lstm:40:9,gru:70", classes: 30, embedding: 12)
        let model = LanguageModel(shape, seed: 7, in: ComputeContext(threads: 1))
        #expect(LanguageModel(shape, seed: 7, in: ComputeContext(threads: 3)).weights == model.weights)
        #expect(LanguageModel(shape, seed: 8, in: ComputeContext(threads: 1)).weights != model.weights)
        // No two matrices start alike.
        let matrices = model.parameters.filter { $0.value.shape.rank == 2 }
        for (index, one) in matrices.enumerated() {
            for other in matrices[..<index] {
                #expect(
                    Array(one.value.values.prefix(9)) != Array(other.value.values.prefix(9)),
                    "\(one.name) \(other.name)")
            }
        }
    }

    @Test func stacksAreParsed() throws {
        let good: [(String, [LayerSpecification])] = [
            ("lstm:5", [.init(.lstm, hidden: 5)]), ("gru:7:3", [.init(.gru, hidden: 7, projection: 3)]),
            (
                "rnn:1,gru-reset-before:65536:2",
                [.init(.rnn, hidden: 1), .init(.gruResetBefore, hidden: 65536, projection: 2)]
            ),
            (" lstm:5 , gru: 6 ", [.init(.lstm, hidden: 5), .init(.gru, hidden: 6)]),
        ]
        for (text, layers) in good {
            #expect(try LayerSpecification.parse(text) == layers, "\(text)")
            #expect(try LayerSpecification.parse(layers.map(\.description).joined(separator: ",")) == layers)
        }
        let bad = [
            "", ",", "lstm", "lstm:", "lstm:0", "lstm:-3", "lstm:x", "lstm:5:", "lstm:5:0", "lstm:5:6:7", "cnn:4",
            "lstm:5,", ",lstm:5", "lstm:65537", "lstm:99999999999999999999", "5", "lstm 5",
            Array(repeating: "rnn:1", count: 65).joined(separator: ","),
        ]
        for text in bad {
            guard
                case .invalidStack(text, let reason) = thrown(
                    LanguageModelError.self, { _ = try LayerSpecification.parse(text) })
            else {
                Issue.record("'\(text)'")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test func windowsOfNothingStopTheProgram() async {
        let noIds = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let context = ComputeContext(threads: 1), tape = Tape(in: context)
            let shape = LanguageModelConfiguration(
                classes: 5, embedding: 0, stack: [LayerSpecification(.lstm, hidden: 4)], dropout: 0)
            let model = LanguageModel(shape, seed: 1, in: context)
            _ = model([], state: LanguageModelState(zerosFor: shape, lanes: 2), mode: .inference, on: tape)
        }
        expectMessage("0 ids for 2 lanes: a window has at least one step", from: noIds)
    }
}
