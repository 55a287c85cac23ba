import Foundation
import TestSupport
import TextCorpora
import Testing

/// Real text of some 40 languages in the encodings that they were written in.
@Suite struct EncodingGuessTests {
    /// Of a thousand characters beyond ASCII a language's table accounts for nearly all; where there are too many signs,
    /// for three quarters.
    @Test func frequenciesAreSharesOfAWhole() {
        #expect(LetterFrequencies.shares.count > 40)
        for shares in LetterFrequencies.shares {
            let total = shares.values.reduce(0, +)
            let isWhole = shares.count >= 200 ? abs(total - 0.75) < 1e-9 : total > 0.93 && total < 1.05
            #expect(isWhole, "\(total): \(shares)")
        }
    }

    /// Bytes of a text by the C library; nil where it does not know the encoding or the encoding lacks a character.
    static func encode(_ text: String, as name: String) -> [UInt8]? {
        guard let handle = iconv_open(name, "UTF-8"), Int(bitPattern: handle) != -1 else { return nil }
        defer { iconv_close(handle) }
        var input = text.utf8.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: 8 * input.count)
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var source = input.baseAddress, sourceLeft = input.count
                var target = output.baseAddress, targetLeft = output.count
                guard iconv(handle, &source, &sourceLeft, &target, &targetLeft) == 0 else { return nil }
                return output.prefix(output.count - targetLeft).map { UInt8(bitPattern: $0) }
            }
        }
    }

    /// The encodings that a reading advises.
    static func advised(_ path: String) -> [String] {
        switch failure([path]) {
        case .invalidByte(let invalid)?: invalid.suggestions
        case .binary(_, _, let encodings?, _)?: encodings
        default: []
        }
    }

    /// An advice is right if obeying it gives the text. Where it names one encoding it must be right; where it names
    /// several, one of them must be. The issue asks for 95 of 100.
    @Test func theAdviceIsRight() throws {
        let scratch = try TemporaryFolder()
        var cases = 0, rightFirst = 0
        var wrong: [String] = []
        for (language, encodings, text) in Declaration.texts {
            for encoding in encodings {
                let bytes = try #require(Self.encode(text, as: encoding), "\(language) in \(encoding)")
                let path = try scratch.write("text", bytes)
                let advised = Self.advised(path)
                let isRight = advised.map { name in
                    (try? TextCorpus.read([path], options: .init(encoding: name)))?.text.unicodeScalars
                        .elementsEqual(text.unicodeScalars) ?? false
                }
                cases += 1
                if isRight.first == true { rightFirst += 1 }
                if !isRight.contains(true) { wrong.append("\(language) in \(encoding): \(advised)") }
            }
        }
        #expect(cases > 120)
        #expect(rightFirst * 100 >= 95 * cases, "\(rightFirst) of \(cases)")
        #expect(wrong.count * 100 <= cases, "\(wrong)")
    }

    /// English with a French word is not enough to tell, and that is said.
    @Test func whatCannotBeToldIsNotTold() throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", Array("The two met in a small caf".utf8) + [0xe9])
        guard case .invalidByte(let invalid)? = failure([path]) else {
            Issue.record("was read")
            return
        }
        // Not Hebrew or Vietnamese, whose converters hold the last character back.
        #expect(invalid.suggestions.count > 1 && invalid.suggestions.first == "windows-1252")
        #expect(invalid.description.contains("It may be one of"))
    }

    @Test func whatMakesNoSenseGetsNoAdvice() throws {
        let scratch = try TemporaryFolder()
        let noise = (0..<2000).map { UInt8(truncatingIfNeeded: ($0 &* 7919 &+ $0 / 3 &* 104_729) >> 3 | 0x80) }
        let path = try scratch.write("noise", Array("text ".utf8) + noise)
        #expect(Self.advised(path) == [])
    }

    /// A screen drawn with the lines of a PC.
    @Test func drawnBoxes() throws {
        let scratch = try TemporaryFolder()
        let text = String(repeating: "┌──────┐\n│ menu │\n└──────┘ café\n", count: 5)
        let path = try scratch.write("boxes", try #require(Self.encode(text, as: "CP437")))
        let advised = try #require(Self.advised(path).first)
        #expect(advised == "cp437")
        #expect(try TextCorpus.read([path], options: .init(encoding: advised)).text == text)
    }

    /// A wrong name is obeyed, but not in silence.
    @Test func namesThatDoNotFitAreDoubted() throws {
        let scratch = try TemporaryFolder()
        let text = Declaration.texts.first { $0.language == "Ukrainian" }?.text ?? ""
        let path = try scratch.write("utf8", text)
        let wrong = try TextCorpus.read([path], options: .init(encoding: "koi8-u"))
        #expect(wrong.report.notes == ["\(path): looks like UTF-8, read as koi8-u all the same: try `encoding` utf-8"])
        #expect(try TextCorpus.read([path]).report.notes.isEmpty)
        guard case .invalidByte(let invalid)? = failure([path], .init(encoding: "euc-jp")) else {
            Issue.record("was read")
            return
        }
        #expect(invalid.suggestions == ["utf-8"])
        let bytes = try #require(Self.encode("これは日本語です。", as: "ISO-2022-JP"))
        let seven = try scratch.write("seven", bytes)
        #expect(try TextCorpus.read([seven]).report.notes.first?.contains("`encoding` iso-2022-jp") == true)
        let right = try TextCorpus.read([seven], options: .init(encoding: "iso-2022-jp"))
        #expect(right.text == "これは日本語です。" && right.report.notes.isEmpty)
    }
}
