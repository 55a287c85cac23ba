import BookLessons
import Foundation
import Jacquard
import Testing

@Suite("The text lesson of chapter 7") struct Chapter7TextTests {
    /// Words by chance: what follows a letter depends on the letters before it.
    private static let text: String = {
        let words = ["loom", "weft", "warp", "shuttle", "thread", "bobbin", "spindle", "treadle"]
        var state: UInt64 = 5
        return (0..<8000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return words[Int(state >> 61)]
        }.joined(separator: " ")
    }()

    @Test("the LSTM with validation beats pairs of characters on text that it has not seen, and so does a text model")
    func beatsPairs() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).txt")
        try Self.text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        var lesson = NextCharacter()
        (lesson.length, lesson.epochs) = (20, 1)
        let materials = Materials(
            digits: .drawn(writers: 5), text: file.path, in: ComputeContext(threads: 1))
        let report = try lesson.run(with: materials)

        func entropy(_ counts: [Int]) -> Double {
            let total = Double(counts.reduce(0, +))
            return -counts.reduce(0) { $0 + Double($1) / total * log(Double($1) / total) }
        }
        let text = Array(Self.text), size = Double(Set(text).count)
        let counts = Dictionary(text.dropLast().map { ($0, 1) }, uniquingKeysWith: +)
        let pairs = Dictionary(zip(text, text.dropFirst()).map { ("\($0)\($1)", 1) }, uniquingKeysWith: +)
        let bigram = entropy(Array(pairs.values)) - entropy(Array(counts.values))

        let start = try #require(report["validation before, nats"].value)
        let validated = try #require(report["validation after one pass, nats"].value)
        let model = try #require(report["text model, the same stream, nats"].value)
        // In the middle of a word with nothing before it one guesses badly: windows cost more than a stream.
        let streamed = try #require(report["the last fifth as one stream, nats"].value)
        #expect(abs(start - log(size)) < 0.2)
        #expect(streamed < validated - 0.1, "\(streamed) beside \(validated)")
        // The book's 62 units, whatever the alphabet.
        #expect(report["parameters"].value == 4 * 62 * (size + 62 + 1) + (62 + 1) * size)
        #expect(validated < bigram - 0.1, "\(validated) beside \(bigram)")
        #expect(model < bigram - 0.1, "\(model) beside \(bigram)")
    }
}
