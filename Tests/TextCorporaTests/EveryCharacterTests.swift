import Foundation
import Testing
import TestSupport
import TextCorpora

/// Every character that Unicode has room for, alone and beside others, comes out of a file as it went in.
@Suite struct EveryCharacterTests {
    /// Surrogates are none; NUL, a line feed and what is turned into one, and the mark at the beginning, have tests of theirs.
    private static let all = (UInt32(0)...0x10_FFFF).compactMap(Unicode.Scalar.init).filter {
        !["\0", "\r", "\n", "\u{FEFF}"].contains($0)
    }

    @Test(arguments: [4096, 1 << 20]) func inUTF8(chunk: Int) throws {
        let scratch = try TemporaryFolder()
        var text = String.UnicodeScalarView()
        for (index, scalar) in Self.all.enumerated() {
            text.append(scalar)
            // ASCII behind one in seven: the fast path is left and entered again.
            if index % 7 == 0 { text.append("x") }
        }
        var options = ReadingOptions(encoding: "utf-8").inChunks(of: chunk)
        options.unit = .scalar
        let corpus = try TextCorpus.read([scratch.write("text.txt", Array(String(text).utf8))], options: options)
        #expect(corpus.report.files[0].invalidBytes == 0)
        #expect(Array(corpus.text.unicodeScalars) == Array(text))
    }
}
