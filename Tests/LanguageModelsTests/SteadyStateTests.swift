import LanguageModels
import TensorCore
import Testing
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
        // 9 windows of an epoch, the last of them shorter: two epochs show all shapes.
        trained(model, on: tokens, lanes: 8, window: 60, steps: 60, in: context) { _, _ in
            idle.append(context.workspace.idleBytes)
        }
        #expect(Set(idle[20...].enumerated().map { $0.offset % 9 == 7 ? 0 : $0.element }).count <= 3, "\(idle)")
        #expect(idle[20...].max() == idle[..<20].max(), "\(idle)")
    }

    @Test func writingAndScoringReuseTheirBuffers() throws {
        let context = ComputeContext(threads: 1), (tokens, vocabulary) = try tokens(of: sourceText(4000))
        let model = LanguageModel(try configuration("lstm:40,rnn:12:5", classes: vocabulary.count), seed: 1, in: context)
        var generator = TextGenerator(
            model: model, vocabulary: vocabulary, options: SamplingOptions(length: 300), seed: 1, index: 0, in: context)
        var idle: [Int] = []
        while generator.next() != nil { idle.append(context.workspace.idleBytes) }
        #expect(Set(idle[10...]).count == 1, "\(idle)")
        var afterEach: [Int] = []
        for _ in 0..<6 {
            _ = model.evaluate(.stream(tokens, range: 0..<4000), in: context)
            afterEach.append(context.workspace.idleBytes)
        }
        #expect(Set(afterEach[1...]).count == 1, "\(afterEach)")
    }
}
