import TestSupport
import TextCorpora
import Testing

/// Texts longer than what is looked at at once, and than the memory that is asked for ahead.
@Suite struct LongTextTests {
    /// Sixteen bytes are looked at together: whatever is not ASCII may stand anywhere among them.
    @Test(arguments: ["é", "—", "👍", "éé", "é—👍a—"]) func anythingAnywhere(insert: String) throws {
        for length in 0...50 {
            for place in 0...length {
                let plain = (0..<length).map { String(UnicodeScalar(UInt8(0x20 + $0))) }
                let text = plain[..<place].joined() + insert + plain[place...].joined()
                let corpus = try TextCorpus(text)
                #expect(corpus.text == text)
                #expect(corpus.count == length + insert.unicodeScalars.count)
            }
        }
    }

    @Test func anInvalidByteAnywhere() throws {
        let scratch = try TemporaryFolder()
        for length in [1, 15, 16, 17, 40] {
            for place in 0..<length {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                bytes[place] = 0xff
                let path = try scratch.write("text", bytes)
                guard case .invalidByte(let found) = failure([path]) else {
                    Issue.record("a byte that is no text at \(place) of \(length) was not found")
                    continue
                }
                #expect(found.offset == place && found.byte == 0xff)
            }
        }
    }

    /// Memory that is asked for ahead moves with a second file, and widens with a third one's ids.
    @Test(arguments: [TextUnit.byte, .scalar]) func memoryThatMoves(unit: TextUnit) throws {
        let scratch = try TemporaryFolder()
        let lines = (0..<60_000).map {
            "line \($0) of a long text, with ümlauts — and more: \(0xffff_ffff - 7919 * $0)\n"
        }
        let long = lines.joined() + lines.reversed().joined()
        let wide =
            String(
                String.UnicodeScalarView((0..<400).map { Unicode.Scalar(0x400 + UInt32($0)) ?? " " })) + long
        let paths = try [("a", long), ("b", String(long.prefix(5_000_000))), ("c", wide)].map {
            try scratch.write($0.0, $0.1)
        }
        let whole = [long, String(long.prefix(5_000_000)), wide].joined(separator: "\n")
        let corpus = try TextCorpus.read(paths, options: ReadingOptions(unit: unit))
        #expect(Array(corpus.bytes(in: 0..<corpus.count)) == Array(whole.utf8))
        #expect(corpus.memory == corpus.count * (unit == .byte ? 1 : 2))
    }
}
