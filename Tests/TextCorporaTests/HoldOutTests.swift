import Foundation
import Testing
import TestSupport
import TextCorpora

/// What is held out of a text, and how.
@Suite struct HoldOutTests {
    /// Different names, some of them twice, in an order that a seed shuffles.
    static func names(_ count: Int) -> [String] {
        let syllables = ["ka", "lo", "mi", "ra", "te", "su", "vi", "no", "an", "el"]
        return (0..<count).map { number in
            let first = syllables[number % 10].capitalized
            return first + syllables[number / 10 % 10] + syllables[number / 100 % 10] + (number % 7 == 0 ? "na" : "")
        }
    }

    static func lines(_ corpus: TextCorpus, _ range: Range<Int>) -> [String] {
        corpus.text(in: range).split(separator: "\n").map(String.init)
    }

    static func heldOut(
        _ text: String, _ rule: HoldOut.Rule? = nil, validation: Portion = 0.1, test: Portion = 0
    ) throws -> (rule: HoldOut.Rule, training: [String], validation: [String], test: [String]) {
        let read = try TextCorpus(text), found = try read.holdOut(rule, validation: validation, test: test)
        let corpus = try read.arranged(found.choice)
        #expect(corpus.count == read.count && corpus.fingerprint == read.fingerprint)
        let split = found.split
        #expect(split.training.upperBound == split.validation.lowerBound && split.test.upperBound == read.count)
        return (
            found.choice.rule, lines(corpus, split.training), lines(corpus, split.validation), lines(corpus, split.test)
        )
    }

    @Test func aListIsJudgedByTheSameLinesInWhateverOrder() throws {
        let names = Self.names(400)
        let sorted = try Self.heldOut(names.sorted().joined(separator: "\n") + "\n")
        let shuffled = try Self.heldOut(
            names.enumerated().sorted { $0.offset * 7919 % 400 < $1.offset * 7919 % 400 }.map(\.element)
                .joined(separator: "\n") + "\n")
        #expect(sorted.rule == .lines && shuffled.rule == .lines)
        #expect(sorted.validation.sorted() == shuffled.validation.sorted())
        #expect((sorted.training + sorted.validation).sorted() == names.sorted())
        // In the order of the text, and from all of it.
        #expect(sorted.validation == sorted.validation.sorted())
        #expect(Set(sorted.validation.map { $0.prefix(1) }).count >= 7)
        let share = Double(sorted.validation.count) / 400
        #expect(share > 0.07 && share < 0.14, "\(share)")
    }

    /// A text is a list if it has forty lines; at most one in a hundred is blank, and one in fifty long; and nearly all
    /// end as sentences do, or hardly any with a mark.
    @Test func whereListsEnd() throws {
        func isList(_ count: Int, _ change: (inout [String]) -> Void = { _ in }) throws -> Bool {
            var lines = Self.names(count)
            change(&lines)
            return try Self.heldOut(lines.map { $0 + "\n" }.joined()).rule == .lines
        }
        /// So many lines of so many characters, all different.
        func lengthen(_ count: Int, to length: Int, before: String = "") -> (inout [String]) -> Void {
            { lines in
                for number in 0..<count {
                    let letter = "abcdefghijklmnopqr".dropFirst(number).prefix(1)
                    lines[number * 11] = before + String(repeating: String(letter), count: length)
                }
            }
        }
        func end(_ mark: String, _ numbers: Range<Int>) -> (inout [String]) -> Void {
            { lines in for number in numbers { lines[number] += mark } }
        }
        #expect(try isList(40) && !isList(39))
        #expect(try isList(101) { $0[50] = "" } && !isList(100) { $0[50] = "" })
        #expect(try isList(101) { $0[50] = "  " } && !isList(100) { $0[50] = "  " })
        #expect(try isList(400, lengthen(8, to: 251)) && !isList(399, lengthen(8, to: 251)))
        #expect(try isList(399, lengthen(9, to: 250)))
        #expect(try isList(40, end(";", 0..<2)) && !isList(40, end(";", 0..<3)))
        #expect(try isList(40, end(".", 0..<38)) && !isList(40, end(".", 0..<37)))
        // Spaces within a line count to its length, those before it do not.
        #expect(try !isList(399, lengthen(8, to: 241, before: "x         ")))
        #expect(try isList(399, lengthen(8, to: 242, before: "         ")))
    }

    /// Ten units at least are left to train on, and ten may be.
    @Test func tenUnitsAreLeft() throws {
        var left: Set<Int> = []
        for count in 10...30 {
            let text = (0..<count).map { "\(Unicode.Scalar(UInt8(97 + $0 % 26)))\($0 > 25 ? "a" : "")" }
                .joined(separator: "\n")
            let corpus = try TextCorpus(text)
            for validation in 1..<text.utf8.count {
                guard let split = try? corpus.holdOut(.lines, validation: .count(validation)).split else { continue }
                left.insert(split.training.count)
            }
        }
        #expect(left.min() == 10, "\(left.sorted())")
    }

    /// Of a long text sixty-four pieces of 2,048 units are looked at, the first at its beginning and the last at its end.
    @Test func whatStandsBetweenThePiecesIsNotLookedAt() throws {
        let count = 262_144, starts = (0..<64).map { (count - 2048) * $0 / 63 }
        /// Lines of eight characters, all different, with a comma at the end wherever that is said.
        func text(hasComma: (Int) -> Bool) -> String {
            (0..<count / 8).map { line in
                let digits = String(line, radix: 16).map { Character(UnicodeScalar(($0.asciiValue ?? 0) | 0x40)) }
                let name = String(repeating: "z", count: 7 - digits.count) + String(digits)
                return hasComma(8 * line) ? name.dropFirst() + ",\n" : name + "\n"
            }.joined()
        }
        func isSeen(_ place: Int) -> Bool { starts.contains { (place + 8 > $0) && place < $0 + 2048 } }
        #expect(try Self.heldOut(text { !isSeen($0) }).rule == .lines)
        #expect(try Self.heldOut(text { isSeen($0) && $0 % 16 == 0 }).rule == .tail)
    }

    @Test func equalLinesStandOnOneSide() throws {
        let names = Self.names(150) + Self.names(90) + Self.names(60)
        let found = try Self.heldOut(names.joined(separator: "\n") + "\n", validation: 0.2, test: 0.1)
        #expect(found.rule == .lines)
        let sides = [Set(found.training), Set(found.validation), Set(found.test)]
        #expect(sides.allSatisfy { !$0.isEmpty })
        #expect(sides[0].isDisjoint(with: sides[1]) && sides[0].isDisjoint(with: sides[2]))
        #expect(sides[1].isDisjoint(with: sides[2]))
        #expect((found.training + found.validation + found.test).sorted() == names.sorted())
    }

    /// A last line without an end is a line, and joins no other one within a part.
    @Test func aLastLineWithoutAnEndIsALine() throws {
        for count in 60..<75 {
            let names = Self.names(count), found = try Self.heldOut(names.joined(separator: "\n"), .lines)
            #expect((found.training + found.validation).sorted() == names.sorted())
        }
    }

    static let verse = (1...60).map {
        "The shuttle says its word to wall \($0)\($0 % 3 == 0 ? "." : $0 % 3 == 1 ? "," : "")\n"
    }
    static let texts: [(String, String, HoldOut.Rule)] = [
        ("verse", verse.joined(), .tail),
        ("stanzas", verse.enumerated().map { $0.offset % 4 == 3 ? $0.element + "\n" : $0.element }.joined(), .tail),
        ("sentences", (1...60).map { "The weaver follows thread \($0).\n" }.joined(), .lines),
        ("Chinese sentences", (1...60).map { "织机织出第\($0)种花纹。\n" }.joined(), .lines),
        ("records", (1...60).map { "\($0);loom;\($0 * $0)\r\n" }.joined(), .lines),
        (
            "paragraphs", (1...60).map { "\($0) \(String(repeating: "It rains on the mill. ", count: 20))\n" }.joined(),
            .tail
        ),
        ("a few lines", (1...20).map { "Name\($0)\n" }.joined(), .tail),
        ("one line", String(repeating: "ACGTTAG", count: 90), .tail),
    ]

    @Test(arguments: texts) func theRuleFollowsFromTheText(name: String, text: String, rule: HoldOut.Rule) throws {
        #expect(try Self.heldOut(text).rule == rule, "\(name)")
        // What is asked for goes before it.
        for asked in [HoldOut.Rule.tail, .spread] {
            let found = try Self.heldOut(text, asked)
            #expect(found.rule == asked && !found.validation.isEmpty, "\(name)")
        }
    }

    @Test func theTailIsAsItWas() throws {
        let corpus = try TextCorpus(Self.verse.joined())
        let (choice, split) = try corpus.holdOut()
        #expect(split == (try corpus.split()) && choice.rule == .tail)
        #expect(try corpus.arranged(choice).text == corpus.text)
    }

    @Test func eachOfSeveralFilesIsJudged() throws {
        let scratch = try TemporaryFolder(), styles = ["verse", "bills", "letters"]
        for (index, style) in styles.enumerated() {
            let text = (1...300).map { "\(style) \($0) of the mill\($0 % 3 == 0 ? "." : "")\n" }.joined()
            try scratch.write("\(index).txt", String(text.prefix(6000 - 1500 * index)))
        }
        let read = try TextCorpus.read([scratch("0.txt"), scratch("1.txt"), scratch("2.txt")])
        let (choice, split) = try read.holdOut(test: 0.1), corpus = try read.arranged(choice)
        #expect(choice.rule == .spread)
        for part in [split.validation, split.test] {
            let lines = Self.lines(corpus, part)
            for (index, style) in styles.enumerated() {
                let units = lines.filter { $0.hasPrefix(style) }.reduce(0) { $0 + $1.count + 1 }
                let share = Double(units) / Double(6000 - 1500 * index)
                #expect(share > 0.05 && share < 0.15, "\(style): \(share)")
            }
            #expect(lines.allSatisfy { line in styles.contains { line.hasPrefix($0) } }, "cut at the starts of lines")
        }
        // All of it, once: the lines are all different.
        let all = [split.training, split.validation, split.test].flatMap { Self.lines(corpus, $0) }
        #expect(all.sorted() == Self.lines(read, 0..<read.count).sorted())
        // Read again from one file with all of it, the blocks are found again.
        try scratch.write("joined.txt", read.text)
        let joined = try TextCorpus.read([scratch("joined.txt")])
        #expect(try joined.arranged(choice).text == corpus.text)
        #expect(throws: TextError.self) { try TextCorpus("too short for these\n").arranged(choice) }
    }

    /// Blocks of a thousand units at least, and sixteen of a file at most, however much is asked for.
    @Test(arguments: [(6_000, 0.5, 3), (30_000, 0.5, 15), (200_000, 0.1, 16), (200_000, 0.4, 16)])
    func aFileIsJudgedInSixteenPlacesAtMost(units: Int, share: Double, blocks: Int) throws {
        let text = (0..<units / 8).map { String(format: "%07d\n", $0) }.joined()
        let choice = try TextCorpus(text).holdOut(.spread, validation: .fraction(share)).choice
        let pieces = try #require(choice.blocks).validation
        #expect(pieces.count == blocks, "\(pieces)")
    }

    /// Forty poems, ten of them there twice.
    @Test func smallFilesAreHeldOutWhole() throws {
        let scratch = try TemporaryFolder()
        func poem(_ number: Int) -> String { "Poem \(number) begins,\nand ends,\n\nwith number \(number)\n" }
        for number in 0..<40 {
            try scratch.write("poems/\(number).txt", poem(number))
            if number < 10 { try scratch.write("poems/again \(number).txt", poem(number)) }
        }
        let read = try TextCorpus.read([scratch("poems")]), (choice, split) = try read.holdOut()
        #expect(choice.rule == .spread)
        let corpus = try read.arranged(choice)
        let trained = corpus.text(in: split.training), judged = corpus.text(in: split.validation)
        for number in 0..<40 {
            let sides = [trained.contains(poem(number)), judged.contains(poem(number))]
            #expect(sides == [true, false] || sides == [false, true], "poem \(number): \(sides)")
        }
        #expect(split.validation.count * 20 > read.count && split.validation.count * 5 < read.count)
    }

    @Test func whatCannotBeHeldOutIsRefusedOnlyIfAskedFor() throws {
        let text = String(repeating: "yes\n", count: 30) + String(repeating: "no\n", count: 30)
        #expect(try Self.heldOut(text).rule == .tail)
        #expect(throws: TextError.self) { try Self.heldOut(text, .lines) }
        for rule in HoldOut.Rule.allCases {
            let all = try Self.heldOut(text, rule, validation: 0)
            #expect(all.validation.isEmpty && all.training.count == 60)
        }
    }

    @Test(arguments: TextUnit.allCases) func linesAreCutWhateverTheUnits(unit: TextUnit) throws {
        let names = Self.names(100).map { "\($0) é" }, text = names.map { $0 + "\r\n" }.joined()
        let read = try TextCorpus(text, unit: unit), (choice, split) = try read.holdOut()
        #expect(choice.rule == .lines)
        let corpus = try read.arranged(choice)
        let parts = [split.training, split.validation].map { range in
            corpus.text(in: range).components(separatedBy: "\r\n").filter { !$0.isEmpty }
        }
        #expect(parts.joined().sorted() == names.sorted() && parts[1].count > 5 && parts[1].count < 20)
    }

    @Test func theChoiceIsStored() throws {
        let corpus = try TextCorpus(Self.verse.joined())
        for rule in HoldOut.Rule.allCases {
            let choice = try corpus.holdOut(rule, validation: .count(300), test: 0.05).choice
            #expect(try JSONDecoder().decode(HoldOut.self, from: JSONEncoder().encode(choice)) == choice)
        }
    }
}
