import Foundation
import TestSupport
import TextCorpora
import Testing

@Suite struct VocabularyTests {
    @Test func sortedByBytesWithTheReplacementLast() throws {
        let corpus = try TextCorpus("zé\na猫z𝄞")
        let vocabulary = try Vocabulary(counting: corpus)
        #expect(
            (0..<6).map { String(decoding: vocabulary.bytes(of: $0), as: UTF8.self) } == [
                "\n", "a", "z", "é", "猫", "𝄞",
            ])
        #expect(vocabulary.count == 7)
        #expect(vocabulary.replacementId == 6)
        #expect(vocabulary.label(of: 6) == "replacement")
        #expect(vocabulary.label(of: 0) == "line feed")
        let tokens = try corpus.tokens(using: vocabulary)
        #expect(tokens.ids(in: 0..<7) == [2, 3, 0, 1, 4, 2, 5])
        #expect(vocabulary.decode(tokens.ids(in: 0..<7)) == "zé\na猫z𝄞")
    }

    @Test func comesFromTheTrainingPart() throws {
        let corpus = try TextCorpus("abababababababababab" + "xyxa")
        let vocabulary = try Vocabulary(counting: corpus, in: 0..<20)
        #expect(vocabulary.count == 3)
        let tokens = try corpus.tokens(using: vocabulary)
        #expect(tokens.ids(in: 18..<24) == [0, 1, 2, 2, 2, 0])
        let unknown = corpus.unknownUnits(to: vocabulary, in: 20..<24)
        #expect(unknown.map(\.label) == ["\"x\"", "\"y\""])
        #expect(unknown.map(\.count) == [2, 1])
        let encoded = vocabulary.encode("ayxbx")
        #expect(encoded.ids == [0, 2, 2, 1, 2])
        #expect(encoded.unknown.map(\.label) == ["\"y\"", "\"x\""])
        #expect(encoded.unknown.map(\.count) == [1, 2])
    }

    /// Rare units have no symbol of their own either: it would be wrong to say that they were never seen.
    @Test func whatIsSaidOfUnknownUnits() throws {
        let corpus = try TextCorpus("aaaabbbc")
        let all = try Vocabulary(counting: corpus, minimumCount: 1)
        let note = "the model has never seen \"x\" (2×): it reads them as unknown characters"
        #expect(all.encode("axxc").note == note)
        let frequent = try Vocabulary(counting: corpus, minimumCount: 3)
        let rare = "the model has seen fewer than 3 times \"c\" (1×), \"x\" (1×): it reads them as unknown characters"
        #expect(frequent.encode("acx").note == rare)
        #expect(frequent.encode("ab").note == nil)
    }

    @Test(arguments: [
        ("e\u{301}a", "\u{e9}", true), ("\u{e9}a", "e\u{301}", true), ("\u{e9}a", "\u{e8}", false),
        ("abc", "\u{301}", false),
        ("\u{3ac}b", "\u{1f71}", true), ("ab", "x", false),
    ])
    func otherNormalizationFormsAreSaid(training: String, text: String, isSaid: Bool) throws {
        let vocabulary = try Vocabulary(counting: try TextCorpus(training), minimumCount: 1)
        let encoded = vocabulary.encode(text)
        #expect(!encoded.unknown.isEmpty && encoded.isInAnotherForm == isSaid)
        #expect(encoded.note?.contains("in NFC or in NFD") == isSaid)
    }

    @Test func withoutAReplacement() throws {
        let vocabulary = try Vocabulary(counting: try TextCorpus("abc"), minimumCount: 5, replacement: false)
        #expect(vocabulary.count == 3 && vocabulary.replacementId == nil && vocabulary.minimumCount == 1)
        #expect(vocabulary.encode("axb").ids == [0, 1])
        let other = try TextCorpus("abxxé")
        #expect(throws: TextError.unknownUnits(labels: ["\"x\"", "\"é\""], distinct: 2)) {
            try other.tokens(using: vocabulary)
        }
        let (rest, omitted) = try TextCorpus("éabxxcéa").omittingUnreadable(by: vocabulary)
        #expect(try rest.tokens(using: vocabulary).ids(in: 0..<rest.count) == [0, 1, 2, 0] && rest.text == "abca")
        #expect(omitted.map(\.label) == ["\"x\"", "\"é\""] && omitted.map(\.count) == [2, 2])
        // One with a replacement symbol reads everything.
        let reading = try Vocabulary(counting: try TextCorpus("abc")), whole = try other.omittingUnreadable(by: reading)
        #expect(whole.corpus.text == "abxxé" && whole.omitted.isEmpty)
    }

    @Test func rareUnits() throws {
        let corpus = try TextCorpus("aaaabbbbccd")
        let vocabulary = try Vocabulary(counting: corpus, minimumCount: 2)
        #expect(vocabulary.count == 4)
        #expect(vocabulary.replacedInTraining == 1)
        #expect(UnitReplacement(for: vocabulary, trainingCount: 11, seed: 1) == nil)
        // A count above every other leaves the two most frequent.
        #expect(try Vocabulary(counting: corpus, minimumCount: 100).count == 3)
    }

    @Test func oneDistinctUnit() throws {
        #expect(throws: TextError.oneDistinctUnit(label: "\"a\"", count: 30, unit: .scalar)) {
            try Vocabulary(counting: try TextCorpus(String(repeating: "a", count: 30)))
        }
        #expect(throws: TextError.oneDistinctUnit(label: "\"a\"", count: 20, unit: .scalar)) {
            try Vocabulary(counting: try TextCorpus(String(repeating: "a", count: 20) + "bcd"), in: 0..<20)
        }
    }

    /// Frequencies that fall with a power of the rank: rare units go, at most one in a thousand of the text.
    @Test func chosenMinimumCount() throws {
        func corpus(ranks: Int, top: Double, power: Double = 1) throws -> TextCorpus {
            var text: [UInt8] = []
            for rank in 0..<ranks {
                let unit = Array(String(Unicode.Scalar(UInt32(0x4e00 + rank))!).utf8)
                for _ in 0..<max(1, Int(top / pow(Double(rank + 1), power))) { text += unit }
            }
            return try TextCorpus(String(decoding: text, as: UTF8.self))
        }
        let large = try corpus(ranks: 4000, top: 2_000_000, power: 2)
        let vocabulary = try Vocabulary(counting: large)
        #expect(vocabulary.minimumCount > 1)
        #expect(vocabulary.replacedInTraining > 0)
        #expect(vocabulary.replacedInTraining * 1000 <= large.count)
        // One more would be too many.
        let next = try Vocabulary(counting: large, minimumCount: vocabulary.minimumCount + 1)
        #expect(next.replacedInTraining * 1000 > large.count)
        // Few units, or a text in which everything is rare, keep all.
        #expect(try Vocabulary(counting: try corpus(ranks: 250, top: 20_000)).minimumCount == 1)
        #expect(try Vocabulary(counting: try corpus(ranks: 900, top: 400)).minimumCount == 1)
        // Never more than 20,000.
        #expect(try Vocabulary(counting: try corpus(ranks: 20_950, top: 42_000)).count <= 20_000)
    }

    /// Every character three times, some four times: the frequent ones stay, and of the others the first by bytes,
    /// whatever the order of the text and whatever is asked for.
    @Test(arguments: [nil, 1, 3, 5])
    func neverMoreThanTwentyThousandUnits(minimumCount: Int?) throws {
        let all = (0x4e00..<0x9f00).map { Unicode.Scalar(UInt32($0))! } + (0xac00..<0xd700).map { Unicode.Scalar($0)! }
        let frequent = all.suffix(1000)
        var text = String.UnicodeScalarView()
        for _ in 0..<3 { text.append(contentsOf: all.reversed()) }
        text.append(contentsOf: frequent)
        let corpus = try TextCorpus(String(text))
        let vocabulary = try Vocabulary(counting: corpus, minimumCount: minimumCount)
        let listed = Array(all.prefix(minimumCount == 5 ? 0 : 18_999)) + frequent
        #expect(vocabulary.count == listed.count + 1 && vocabulary.isFull == (listed.count == 19_999))
        #expect(listed.allSatisfy { vocabulary.id(ofUnit: String($0).utf8) != nil })
        #expect(vocabulary.replacedInTraining == 3 * (all.count - listed.count))
        #expect(try corpus.tokens(using: vocabulary).vocabularyCount == vocabulary.count)
    }

    /// What is typed has the line ends of the text that the model has seen.
    @Test func lineEndsOfWhatIsTyped() throws {
        let vocabulary = try Vocabulary(counting: try TextCorpus("a.\nb"))
        #expect(Array(vocabulary.foldingLineEnds("a\r\nb\rc\r\r\n\n").utf8) == Array("a\nb\nc\n\n".utf8))
        #expect(vocabulary.missing(from: Array(".\nab".utf8)) == [])
        #expect(vocabulary.missing(from: Array("a\rxé".utf8)) == ["U+000D", "\"x\"", "\"é\""])
        let withReturns = try Vocabulary(counting: try TextCorpus("a\r\nb"))
        #expect(Array(withReturns.foldingLineEnds("a\r\nb\rc").utf8) == Array("a\r\nb\rc".utf8))
        // A cluster holds what its characters are.
        let clusters = try Vocabulary(counting: try TextCorpus("a\r\ne\u{301}", unit: .grapheme))
        #expect(clusters.missing(from: Array("\n".utf8)) == [] && clusters.missing(from: Array("e".utf8)) == [])
        #expect(clusters.missing(from: Array("x".utf8)) == ["\"x\""])
        let bytes = try Vocabulary(counting: try TextCorpus("é!", unit: .byte))
        #expect(bytes.missing(from: [0xc3, 0x21]) == [] && bytes.missing(from: [0xe9]) == ["byte 0xE9"])
        #expect(bytes.encode([0xa9, 0xe9]).unknown == [UnitCount(bytes: [0xe9], count: 1)])
    }

    @Test(arguments: TextUnit.allCases)
    func jsonForm(unit: TextUnit) throws {
        let corpus = try TextCorpus(UnitTests.hard + "\u{0}\"\\\u{2028}", unit: unit)
        let vocabulary = try Vocabulary(counting: corpus)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(vocabulary)
        #expect(try JSONDecoder().decode(Vocabulary.self, from: json) == vocabulary)
        #expect(try encoder.encode(try JSONDecoder().decode(Vocabulary.self, from: json)) == json)
    }

    @Test func jsonFormIsStable() throws {
        let vocabulary = try Vocabulary(counting: try TextCorpus("b\na猫"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(vocabulary), as: UTF8.self)
                == #"{"has_replacement":true,"minimum_count":1,"replaced_in_training":0,"unit":"scalar","units":"\nab猫"}"#
        )
        for damaged in [
            #"{"has_replacement":true,"minimum_count":1,"replaced_in_training":0,"unit":"scalar","units":"ba"}"#,
            #"{"has_replacement":true,"minimum_count":1,"replaced_in_training":0,"unit":"byte","units":"0g"}"#,
            #"{"has_replacement":true,"minimum_count":1,"replaced_in_training":0,"unit":"word","units":"ab"}"#,
        ] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: Data(damaged.utf8)) }
        }
    }

    @Test func replacementIsAPureFunctionOfItsPlace() throws {
        let vocabulary = try Vocabulary(counting: try TextCorpus("abcdefgh"))
        let replacement = try #require(UnitReplacement(for: vocabulary, trainingCount: 1_000_000, seed: 7))
        #expect(replacement.probability == 1.0 / 5000)
        #expect(replacement.replacementId == 8)
        let count = 2_000_000
        let first = (0..<count).filter { replacement.isReplaced(epoch: 0, position: $0) }
        let again = (0..<count).reversed().filter { replacement.isReplaced(epoch: 0, position: $0) }
        let second = (0..<count).filter { replacement.isReplaced(epoch: 1, position: $0) }
        #expect(first == again.reversed())
        #expect(first != second)
        // 400 expected, standard deviation 20.
        #expect(abs(first.count - 400) < 100 && abs(second.count - 400) < 100)
        #expect(Set(first).intersection(second).count < 5)
        #expect(UnitReplacement(for: vocabulary, trainingCount: 450, seed: 7)?.probability == 0.01)
    }

    @Test func labels() {
        #expect(UnitCount(bytes: Array("é".utf8), count: 1).label == "\"é\"")
        #expect(UnitCount(bytes: [0xe4], count: 1).label == "byte 0xE4")
        #expect(UnitCount(bytes: Array("\u{200d}".utf8), count: 1).label == "U+200D")
        #expect(UnitCount(bytes: [7], count: 1).label == "U+0007")
    }
}

@Suite struct StreamingDecoderTests {
    @Test(arguments: TextUnit.allCases)
    func piecesJoinToTheText(unit: TextUnit) throws {
        let corpus = try TextCorpus(UnitTests.hard, unit: unit)
        let vocabulary = try Vocabulary(counting: corpus)
        var decoder = StreamingDecoder(vocabulary)
        let ids = vocabulary.encode(UnitTests.hard).ids
        let pieces = ids.map { decoder.append($0) }
        #expect(pieces.joined() + decoder.finish() == UnitTests.hard)
        #expect(pieces.contains("") == (unit == .byte))
        #expect(pieces.allSatisfy { !$0.unicodeScalars.contains("\u{fffd}") })
    }

    @Test func bytesThatAreNotText() throws {
        let scratch = try TemporaryFolder()
        let bytes: [UInt8] = [0x61, 0xff, 0xe7, 0x8c, 0xab, 0xe7, 0x8c, 0x62, 0xf0, 0x9f, 0x98, 0x80, 0xc3, 0xc3]
        let corpus = try TextCorpus.read([try scratch.write("text", bytes)], options: .init(unit: .byte))
        let vocabulary = try Vocabulary(counting: corpus)
        let ids = try corpus.tokens(using: vocabulary).ids(in: 0..<corpus.count)
        var decoder = StreamingDecoder(vocabulary)
        let pieces = ids.map { decoder.append($0) }
        #expect(pieces == ["a", "\u{fffd}", "", "", "猫", "", "", "\u{fffd}b", "", "", "", "😀", "", "\u{fffd}"])
        #expect(decoder.finish() == "\u{fffd}")
        #expect(decoder.finish() == "")
    }

    @Test func replacementPrintsAsTheReplacementCharacter() throws {
        let vocabulary = try Vocabulary(counting: try TextCorpus("ab"))
        var decoder = StreamingDecoder(vocabulary)
        #expect(decoder.append(2) == "\u{fffd}")
        #expect(vocabulary.decode([0, 2, 1]) == "a\u{fffd}b")
    }
}
