import Foundation
import Jacquard
import Testing

@Suite("A text model in bytes") struct BytePrecisionTests {
    @Test("writes other texts and scores nearly the same") func writesAndScores() throws {
        let text = (0..<300).map { "the weaver sat at loom \($0 * 7 % 13)\n" }.joined()
        var options = TextOptions()
        (options.hidden, options.layers, options.epochs) = (24, 1, 0.3)
        let model = try TextModel.train(onText: text, options: options)
        let single = try model.write(length: 3000, temperature: 1, seed: 4)
        let bytes = try model.write(length: 3000, temperature: 1, seed: 4, precision: .int8)
        #expect(single != bytes && bytes.count == 3000)
        #expect(try model.write(length: 3000, temperature: 1, seed: 4, precision: .single) == single)
        #expect(try model.stream(length: 3000, temperature: 1, seed: 4, precision: .int8).joined() == bytes)
        let exact = try model.score(text), rounded = try model.score(text, precision: .int8)
        #expect(exact != rounded && abs(exact.natsPerCharacter - rounded.natsPerCharacter) < 0.01)
    }
}
