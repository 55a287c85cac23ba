import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training

/// After a few steps nothing grows any more.
@Suite struct SteadyStateTests {
    @Test(arguments: [("lstm:40,gru:33", 12), ("rnn:70:20,lstm:18", 0), ("gru-reset-before:9", 4)])
    func trainingReusesItsBuffers(stack: String, embedding: Int) throws {
        let context = ComputeContext(threads: 2), tokens = try tokens(of: sourceText(4000)).tokens
        let shape = try configuration(stack, classes: tokens.vocabularyCount, embedding: embedding, dropout: 0.2)
        let model = LanguageModel(shape, seed: 1, in: context)
        var idle: [Int] = []
        var misses: [Int] = []
        // 9 windows of an epoch, the last of them shorter: two epochs show all shapes.
        trained(model, on: tokens, lanes: 8, window: 60, steps: 60, in: context) { _, _ in
            idle.append(context.workspace.idleBytes)
            misses.append(context.workspace.misses)
        }
        #expect(misses[20] > 0 && misses[20...].allSatisfy { $0 == misses[20] }, "\(misses)")
        #expect(idle[20...].max()! <= idle[..<20].max()!, "\(idle)")
        // The short window at an epoch's end finds its room in what the others have left.
        #expect(idle[..<20].max()! * 100 < idle[..<8].max()! * 110, "\(idle)")
    }

    /// Validation empties the workspace; when an epoch's short last window comes next, its buffers make room again.
    @Test func aShortWindowAfterValidationLeavesNothing() throws {
        let folder = try TemporaryFolder(), corpus = try PreparedCorpus.of(sourceText(4000), in: folder)
        let plan = try smallPlan(corpus, "lstm:40,gru:33") { ($0.lanes, $0.window) = (8, 60) }
        let context = ComputeContext(threads: 1), task = LanguageModelTask(plan, corpus: corpus, in: context)
        func most(_ steps: Range<Int>) -> Int {
            steps.map { step in
                _ = task.gradients(step: step)
                task.advance()
                return context.workspace.idleBytes
            }.max() ?? 0
        }
        let stepsPerEpoch = plan.stepsPerEpoch, whole = most(0..<stepsPerEpoch - 1)
        _ = task.validationLoss(shouldStop: { false })
        #expect(most(stepsPerEpoch - 1..<stepsPerEpoch) < whole, "the last window is not shorter")
        #expect(most(stepsPerEpoch..<2 * stepsPerEpoch - 1) * 100 < whole * 110)
    }

    @Test func writingAndScoringReuseTheirBuffers() throws {
        let context = ComputeContext(threads: 1), (tokens, vocabulary) = try tokens(of: sourceText(4000))
        let model = LanguageModel(
            try configuration("lstm:40,rnn:12:5", classes: vocabulary.count), seed: 1, in: context)
        var generator = TextGenerator(
            model: model, vocabulary: vocabulary, options: SamplingOptions(length: 300), seed: 1, index: 0, in: context)
        var idle: [Int] = []
        var misses: [Int] = []
        while generator.next() != nil {
            idle.append(context.workspace.idleBytes)
            misses.append(context.workspace.misses)
        }
        #expect(Set(idle[10...]).count == 1 && Set(misses[10...]).count == 1, "\(idle) \(misses)")
        var afterEach: [Int] = []
        misses = []
        for _ in 0..<6 {
            _ = model.evaluate(.stream(tokens, range: 0..<4000), in: context)
            afterEach.append(context.workspace.idleBytes)
            misses.append(context.workspace.misses)
        }
        #expect(Set(misses[1...]).count == 1, "\(misses)")
        #expect(Set(afterEach[1...]).count == 1, "\(afterEach)")
    }
}
