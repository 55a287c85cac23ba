import Checkpoints
import Kernels
import LanguageModels
import TensorCore
import Testing
import TextCorpora
import Training

/// Whole training gives the same weights on any number of threads and every instruction set of this machine.
@Suite(.serialized) struct SameBitsTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let stack: String
        let embedding: Int
        let dropout: Double
        let lanes: Int
        let window: Int
        let steps: Int
    }
    static let cases = [
        Case(
            testDescription: "LSTM 2x48 one-hot", stack: "lstm:48,lstm:48", embedding: 0, dropout: 0, lanes: 16,
            window: 25, steps: 60),
        // Panels are shared out here, with a barrier a step.
        Case(
            testDescription: "LSTM 2x320", stack: "lstm:320,lstm:320", embedding: 40, dropout: 0, lanes: 40, window: 17,
            steps: 60),
        Case(
            testDescription: "GRU 2x100", stack: "gru:100,gru:100", embedding: 24, dropout: 0, lanes: 50, window: 20,
            steps: 60),
        Case(
            testDescription: "mixed", stack: "rnn:96:40,lstm:72", embedding: 24, dropout: 0.3, lanes: 24, window: 32,
            steps: 60),
    ]

    static func weights(
        _ testCase: Case, _ tokens: Tokens, steps: Int, threads: Int, _ set: InstructionSet
    ) throws -> String {
        let context = ComputeContext(threads: threads, instructionSet: set)
        let model = LanguageModel(
            try configuration(
                testCase.stack, classes: tokens.vocabularyCount, embedding: testCase.embedding,
                dropout: testCase.dropout),
            seed: 1, in: context)
        var last = Double.nan
        trained(model, on: tokens, lanes: testCase.lanes, window: testCase.window, steps: steps, in: context) {
            last = $1
        }
        #expect(last.isFinite)
        return weightsSHA256(of: model.weights)
    }

    @Test(arguments: cases) func trainingGivesTheSameWeights(_ testCase: Case) throws {
        let tokens = try tokens(of: sourceText(30_000, letters: 26)).tokens
        let best = InstructionSet.available[0]
        let expected = try Self.weights(testCase, tokens, steps: testCase.steps, threads: 1, best)
        for threads in [2, 3] {
            #expect(
                try Self.weights(testCase, tokens, steps: testCase.steps, threads: threads, best) == expected,
                "\(threads) threads")
        }
        for set in InstructionSet.available.dropFirst() where set != .portable {
            #expect(
                try Self.weights(testCase, tokens, steps: testCase.steps, threads: 1, set) == expected,
                "\(set.rawValue)")
        }
        let short = try Self.weights(testCase, tokens, steps: 3, threads: 1, best)
        #expect(short != expected)
        #expect(try Self.weights(testCase, tokens, steps: 3, threads: 2, .portable) == short, "portable")
    }

    /// Sizes at which the work buffers of the backward pass are as large as each other on one thread: one that was given
    /// back too early would be handed out again at once.
    @Test(arguments: ["gru:512", "lstm:512", "rnn:2048"]) func wideLayersOnOneThread(stack: String) throws {
        let tokens = try tokens(of: sourceText(600)).tokens
        let hashes = try [1, 2, 3].map { threads in
            let context = ComputeContext(threads: threads)
            let model = LanguageModel(
                try configuration(stack, classes: tokens.vocabularyCount, embedding: 5), seed: 1, in: context)
            trained(model, on: tokens, lanes: 3, window: 7, steps: 4, in: context)
            return weightsSHA256(of: model.weights)
        }
        #expect(Set(hashes).count == 1)
    }
}
