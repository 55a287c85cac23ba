import TestSupport
import TextCorpora
import Testing

@Suite struct GzipTests {
    static let text = (0..<3000).map { "line \($0 * 7919 % 1013) é\n" }.joined()

    @Test(arguments: [1, 100, 4096, 1 << 20])
    func compressedText(chunk: Int) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("text", gzip(Array(Self.text.utf8)))
        let corpus = try TextCorpus.read([path], options: ReadingOptions().inChunks(of: chunk))
        #expect(corpus.text == Self.text)
        #expect(corpus.report.files[0].isCompressed)
    }

    @Test func severalMembersAndPadding() throws {
        let scratch = try TemporaryFolder()
        // The first member ends inside a character.
        let bytes = Array("caf\u{e9}s".utf8)
        let members = gzip(Array(bytes.prefix(4))) + gzip([]) + gzip(Array(bytes.dropFirst(4)))
        let path = try scratch.write("text.gz", members + [UInt8](repeating: 0, count: 700))
        #expect(try TextCorpus.read([path]).text == "cafés")
    }

    @Test func truncated() throws {
        let scratch = try TemporaryFolder()
        let whole = gzip(Array(Self.text.utf8))
        for count in [3, 9, 10, 11, whole.count / 2, whole.count - 8, whole.count - 1] {
            let path = try scratch.write("text.gz", Array(whole.prefix(count)))
            guard case .truncatedGzip(path, let decoded)? = failure([path]) else {
                Issue.record("\(count) of \(whole.count) bytes were read")
                continue
            }
            #expect(decoded <= Self.text.utf8.count)
        }
    }

    @Test func damaged() throws {
        let scratch = try TemporaryFolder()
        var bytes = gzip(Array(Self.text.utf8))
        bytes[bytes.count - 6] ^= 1
        let checksum = try scratch.write("checksum.gz", bytes)
        guard case .corruptGzip(checksum, _, "incorrect data check")? = failure([checksum]) else {
            Issue.record("\(String(describing: failure([checksum])))")
            return
        }
        let garbage = try scratch.write("garbage.gz", gzip(Array("text".utf8)) + Array("more".utf8))
        guard case .corruptGzip(garbage, 4, _)? = failure([garbage]) else {
            Issue.record("was read")
            return
        }
    }

    @Test func emptyAndInvalid() throws {
        let scratch = try TemporaryFolder()
        let empty = try scratch.write("empty.gz", gzip([]))
        #expect(failure([empty]) == .empty(path: empty))
        let invalid = try scratch.write("invalid.gz", gzip([0x61, 0xff]))
        guard case .invalidByte(let place)? = failure([invalid]) else {
            Issue.record("was read")
            return
        }
        #expect(place.offset == 1 && place.isDecompressed)
    }
}
