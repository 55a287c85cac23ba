import FileTrees
import Testing

@Suite struct ByteTextTests {
    /// Every sequence of up to three bytes out of those where UTF-8 decides something, and longer ones around carriers.
    @Test func bytesComeBackAsTheyWere() {
        let edges: [UInt8] = [
            0x00, 0x2F, 0x41, 0x7F, 0x80, 0x8F, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
            0xFF,
        ]
        var cases: [[UInt8]] = [[]]
        for first in edges {
            cases.append([first])
            for second in edges {
                cases.append([first, second])
                cases += edges.map { [first, second, $0] }
            }
        }
        for value in UInt32(0x10_FDFE)...0x10_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(UTF8.encode(scalar)!)
            cases += [bytes, [0xE9] + bytes + [0xE9], Array(bytes.dropLast())]
        }
        var texts: Set<[Unicode.Scalar]> = []
        for bytes in Set(cases) {
            let text = ByteText.text(bytes)
            #expect(ByteText.bytes(text) == bytes)
            #expect(texts.insert(Array(text.unicodeScalars)).inserted, "\(bytes) is another's text")
            // Swift's own decoder says what is valid.
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect(!ByteText.isUTF8(text) || isValid)
        }
    }

    @Test func validTextIsItself() {
        for text in [
            "", "corpus.txt", "naïve 王様 e\u{301} \u{FEFF}\u{FFFD}", "a\u{0}b\n", "\u{10FFFF}\u{10FE7F}\u{10FF00}",
        ] {
            #expect(Array(ByteText.text(Array(text.utf8)).unicodeScalars) == Array(text.unicodeScalars))
            #expect(ByteText.bytes(text) == Array(text.utf8))
        }
    }

    /// As the guide says it: 0xE9 is U+10FEE9.
    @Test func aByteIsCarriedByAScalarOfItsOwn() {
        #expect(ByteText.text([0x63, 0xE9]) == "c\u{10FEE9}")
        #expect(ByteText.text([0x80, 0xFF]) == "\u{10FE80}\u{10FEFF}")
        #expect(ByteText.text([0xE4, 0xBD]) == "\u{10FEE4}\u{10FEBD}")
    }
}
