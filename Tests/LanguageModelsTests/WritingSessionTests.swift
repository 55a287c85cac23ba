import Autodiff
import Foundation
import LanguageModels
import Layers
import TensorCore
import Testing
import TextCorpora

/// A text that a person and a model write together.
@Suite struct WritingSessionTests {
    private let context = ComputeContext(threads: 1)
    private static let options = SamplingOptions(temperature: 1, length: 25)

    private func session(
        _ text: String, _ options: SamplingOptions = options, seed: UInt64 = 5, unit: TextUnit = .scalar
    ) throws -> (WritingSession, LanguageModel, Vocabulary) {
        let (model, vocabulary) = try GeneratorTests.untrained("abcdefgh\n织", unit: unit, in: context)
        let session = WritingSession(
            model: model, vocabulary: vocabulary, text: Array(text.utf8), options: options, seed: seed, in: context)
        return (session, model, vocabulary)
    }

    private func texts(_ session: WritingSession, _ count: Int = 4) -> [String] {
        session.continuations(count: count).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test(arguments: ["", "abc", "织\ncab"]) func theFirstContinuationsAreTheTextsOfASample(text: String) throws {
        let (session, model, vocabulary) = try session(text)
        let series = TextSeries(
            model: model, vocabulary: vocabulary, options: Self.options, prompt: text, seed: 5, count: 4, in: context)
        let wanted = TextSeriesTests.texts(series, count: 4)
        #expect(Set(wanted).count == 4 && texts(session) == wanted)
        let more = WritingSession(
            model: model, vocabulary: vocabulary, text: Array(text.utf8), options: Self.options, seed: 5,
            in: ComputeContext(threads: 3))
        #expect(more.continuations(count: 4) == session.continuations(count: 4))
    }

    /// Of each id of a text what the model, told to read unit by unit, expected of it: a softmax in Double.
    private func probabilities(_ model: LanguageModel, _ ids: [Int32]) -> [Double] {
        var state = LanguageModelState(zerosFor: model.configuration, lanes: 1)
        return ids.indices.dropLast().map { place in
            let tape = Tape(in: context, recording: false)
            let (logits, after) = model([ids[place]], state: state, mode: .inference, on: tape)
            state = after
            let scores = logits.value.values.map { Double($0) }, top = scores.max() ?? 0
            let weights = scores.map { exp($0 - top) }
            return weights[Int(ids[place + 1])] / weights.reduce(0, +)
        }
    }

    @Test(arguments: [TextUnit.scalar, .byte]) func probabilitiesAreTheModelsOwn(unit: TextUnit) throws {
        let prompt = Array("abcdefgh织".utf8)
        let (model, vocabulary) = try GeneratorTests.untrained("abcdefgh\n织", unit: unit, in: context)
        let read = vocabulary.encode(prompt).ids.count
        // What chooses among them changes nothing of it, nor does a stop that comes later or holds text back.
        for options in [
            SamplingOptions(temperature: 2, topK: 9, length: 30), SamplingOptions(length: 25, stop: ["ab", "织c", "g"]),
        ] {
            let series = TextSeries(
                model: model, vocabulary: vocabulary, options: options, prompt: prompt, seed: 5, count: 4,
                givesProbabilities: true, in: context)
            var bytes = Array(repeating: prompt, count: 4), found: [[Float]] = Array(repeating: [], count: 4)
            for piece in series {
                bytes[piece.index] += piece.bytes
                found[piece.index] += piece.probabilities.compactMap(\.probability)
                #expect(piece.probabilities.reduce(0) { $0 + $1.byteCount } == piece.bytes.count)
            }
            for (bytes, found) in zip(bytes, found) {
                let wanted = probabilities(model, vocabulary.encode(bytes).ids).dropFirst(read - 1)
                #expect(wanted.count == found.count)
                for (wanted, found) in zip(wanted, found) { #expect(abs(wanted - Double(found)) < 1e-5) }
            }
        }
        let (session, _, _) = try session("abcdefgh织", unit: unit)
        for continuation in session.continuations(count: 4) {
            let each = probabilities(model, vocabulary.encode(prompt + continuation.bytes).ids).dropFirst(read - 1)
            let mean = exp(each.reduce(0) { $0 + log($1) } / Double(each.count))
            #expect(abs(mean - continuation.meanProbability) < 1e-4 * mean, "\(mean)")
        }
    }

    /// A stop that begins inside a unit lets only a part of it out; what the other part was worth is not said twice.
    @Test func aUnitThatIsCut() throws {
        let (model, vocabulary) = try GeneratorTests.untrained("e\u{301}ab\n", unit: .grapheme, in: context)
        let options = SamplingOptions(temperature: 1, length: 60, stop: ["\u{301}a"])
        let series = TextSeries(
            model: model, vocabulary: vocabulary, options: options, prompt: Array("a".utf8), seed: 1, count: 4,
            givesProbabilities: true, in: context)
        var bytes = 0, counted = 0, rests = 0
        for piece in series {
            bytes += piece.bytes.count
            counted += piece.probabilities.reduce(0) { $0 + $1.byteCount }
            rests += piece.probabilities.filter { $0.probability == nil }.count
        }
        #expect(bytes == counted && bytes > 10 && rests > 0)
    }

    @Test func aTextGrowsAndShrinks() throws {
        var (session, _, _) = try session("ab\n")
        let first = session.continuations(count: 4)
        session.take(first[2])
        #expect(session.text == Array("ab\n".utf8) + first[2].bytes)
        let second = texts(session)
        session.append(Array(" own words".utf8))
        #expect(session.text == Array("ab\n".utf8) + first[2].bytes + Array(" own words".utf8))
        #expect(texts(session) != second)
        session.append([])
        #expect(session.undo() && texts(session) == second)
        #expect(session.undo() && session.continuations(count: 4) == first)
        // What was there at first stays.
        #expect(!session.undo() && session.text == Array("ab\n".utf8))
    }

    @Test func othersComeWhenAskedForAndGoWithAnUndo() throws {
        var (session, _, _) = try session("ab")
        let first = texts(session)
        session.askForOthers()
        let second = texts(session)
        session.askForOthers()
        #expect(Set(first + second + texts(session)).count == 12)
        session.append(Array("c".utf8))
        session.undo()
        #expect(texts(session) == first)
    }

    /// The same continuation taken again and again does not begin with the same quantile each time.
    @Test func everyPlaceHasItsOwnCoins() throws {
        var (session, _, _) = try session("", SamplingOptions(temperature: 1, length: 1))
        var written: Set<[UInt8]> = []
        for _ in 0..<30 {
            let continuation = session.continuations(count: 1)[0]
            written.insert(continuation.bytes)
            session.take(continuation)
        }
        #expect(written.count > 3)
    }

    @Test func longerShorterHotterCooler() throws {
        var (session, _, _) = try session("", SamplingOptions(temperature: 0.8, length: 40))
        session.lengthen()
        session.heat()
        #expect(session.options.length == 80 && session.options.temperature == 0.9)
        #expect(session.continuations(count: 2).allSatisfy { String(decoding: $0.bytes, as: UTF8.self).count == 80 })
        for _ in 0..<12 {
            session.shorten()
            session.cool()
        }
        #expect(session.options.length == 1 && session.options.temperature == 0)
        for _ in 0..<70 {
            session.lengthen()
            session.heat()
        }
        #expect(session.options.length == 2000 && session.options.temperature == 5)
    }

    /// At temperature 0 all are the same.
    @Test func equalContinuationsAreOfferedOnce() throws {
        let (greedy, _, _) = try session("ab", SamplingOptions(temperature: 0, length: 9))
        #expect(greedy.continuations(count: 4).count == 1)
        let (short, _, _) = try session("ab", SamplingOptions(temperature: 5, length: 1))
        let offered = short.continuations(count: 9)
        #expect(offered.count > 2 && offered.count < 9 && Set(offered.map(\.bytes)).count == offered.count)
        #expect(short.continuations(count: 4, unless: { true }).isEmpty)
    }

    /// Its last 1,024 units: whatever came before.
    @Test(arguments: [TextUnit.scalar, .byte, .grapheme]) func ofALongTextTheEndIsRead(unit: TextUnit) throws {
        let text = String(repeating: "abc织d\nhgfe", count: 300)
        let end =
            unit == .byte
            ? String(decoding: Array(text.utf8).suffix(1024), as: UTF8.self) : String(text.suffix(1024))
        let (whole, _, _) = try session(text, unit: unit), (part, _, _) = try session(end, unit: unit)
        #expect(whole.continuations(count: 4) == part.continuations(count: 4))
        let (shorter, _, _) = try session(String(end.suffix(2)), unit: unit)
        #expect(shorter.continuations(count: 4) != whole.continuations(count: 4))
    }

    /// Line ends are what those of the text that was there are; the model reads its own.
    @Test func linesOfAWindowsText() throws {
        var (windows, _, _) = try session("ab\r\ncd\r\n"), (unix, _, _) = try session("ab\ncd\n")
        #expect(texts(windows) == texts(unix))
        windows.append(Array("e\nf\r\ng\n".utf8))
        #expect(String(decoding: windows.text, as: UTF8.self) == "ab\r\ncd\r\ne\r\nf\r\ng\r\n")
        #expect(windows.undo() && windows.text == Array("ab\r\ncd\r\n".utf8))
        unix.append(Array("e\n".utf8))
        #expect(unix.text == Array("ab\ncd\ne\n".utf8))
        var (mixed, _, _) = try session("ab\r\ncd\n")
        mixed.append([10])
        #expect(mixed.text == Array("ab\r\ncd\n\n".utf8))
    }

    @Test func unknownCharactersAreNamed() throws {
        let (session, _, _) = try session("")
        #expect(session.encoded(Array("abéxé\r\n".utf8)).unknown.map(\.label) == ["\"é\"", "\"x\""])
        #expect(session.encoded(Array("abc\n".utf8)).unknown.isEmpty)
    }
}

/// What a typed line means.
@Suite struct WritingCommandTests {
    private func command(_ line: String) -> WritingCommand { WritingCommand(Array(line.utf8)) }

    @Test func aCommandIsALineOfOneCharacter() {
        let keys: [(String, WritingCommand)] = [
            ("u", .undo), ("+", .longer), ("-", .shorter), ("h", .hotter), ("c", .cooler), ("n", .lineBreak),
            ("s", .save), ("q", .quit), ("?", .help), ("0", .take(0)), ("1", .take(1)), ("9", .take(9)),
        ]
        for (key, wanted) in keys {
            #expect(command(key) == wanted)
            // Quoted it is a character, and what looks quoted is too.
            #expect(command("\"" + key) == .words(Array(key.utf8)))
            #expect(command("\"\"" + key) == .words(Array(("\"" + key).utf8)))
        }
        #expect(command("") == .others)
    }

    /// No word is lost: whatever is no command is written as it is.
    @Test func everythingElseIsWords() {
        for line in [
            "a", "I", "U", "Q", ".", "\"", " ", "é", "织", " c", "c ", "cc", "quit", "undo", "12", "-1", "--", "??",
            "\"Yes,\"",
            "\"cold\"", "\"\"", "1.", "no", "\\c", ":q", " the weaver ", "\tq",
        ] { #expect(command(line) == .words(Array(line.utf8)), "\(line)") }
    }
}
