import Foundation
import TestSupport
import TextCorpora
import Testing

@Suite struct FileTests {
    @Test func foldersInByteOrderOfPath() throws {
        let scratch = try TemporaryFolder()
        // '-' and '.' sort before '/', and 'Z' before 'a'.
        for name in ["in/a/1", "in/a.txt", "in/a-b", "in/Z", "in/b/x/y", "in/é"] { try scratch.write(name, name) }
        let corpus = try TextCorpus.read([scratch("in")])
        #expect(corpus.text == "in/Z\nin/a-b\nin/a.txt\nin/a/1\nin/b/x/y\nin/é")
        #expect(corpus.report.files.count == 6)
        #expect(corpus.report.skipped.isEmpty)
    }

    @Test func skippedFilesAreCounted() throws {
        let scratch = try TemporaryFolder()
        try scratch.write("in/text", "hello")
        try scratch.write("in/.hidden", "no")
        try scratch.write("in/.git/config", "no")
        try scratch.write("in/picture.png", [0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13])
        try scratch.write("in/nothing", "")
        try scratch.write("in/mark-only", [0xef, 0xbb, 0xbf])
        try scratch.write("in/archive.gz", gzip([0, 1, 2, 3]))
        mkfifo(scratch("in/pipe"), 0o600)
        symlink("nowhere", scratch("in/dangling"))
        let report = try TextCorpus.read([scratch("in")]).report
        #expect(report.files.map(\.path) == [scratch("in/text")])
        #expect(report.skippedSummary == "2 hidden, 2 binary, 2 empty, 1 special, 1 link")
        #expect(report.description == "1 file, 5 bytes, UTF-8; skipped \(report.skippedSummary)")
    }

    @Test func linkLoopsEnd() throws {
        let scratch = try TemporaryFolder()
        try scratch.write("in/a/text", "once")
        symlink("..", scratch("in/a/up"))
        symlink("a", scratch("in/again"))
        symlink("self", scratch("in/self"))
        let corpus = try TextCorpus.read([scratch("in")])
        #expect(corpus.text == "once")
        #expect(corpus.report.skipped.map(\.reason) == [.link, .link, .link])
    }

    @Test func foldersWithoutText() throws {
        let scratch = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: scratch("empty"), withIntermediateDirectories: true)
        try scratch.write("blind/.hidden", "no")
        #expect(failure([scratch("empty")]) == .folderWithoutText(path: scratch("empty"), skipped: ""))
        #expect(failure([scratch("blind")]) == .folderWithoutText(path: scratch("blind"), skipped: "1 hidden"))
    }

    @Test func namedFilesThatCannotBeUsed() throws {
        let scratch = try TemporaryFolder()
        let empty = try scratch.write("empty", "")
        let mark = try scratch.write("mark", [0xff, 0xfe])
        let binary = try scratch.write("binary", [0x41, 0x42, 0, 0x43])
        let controls = try scratch.write("controls", (0..<200).map { UInt8($0 % 6 + 1) } + [0xff])
        #expect(failure([]) == .noPaths)
        #expect(failure([scratch("missing")]) == .noSuchFile(path: scratch("missing")))
        #expect(failure([empty + "/below"]) == .noSuchFile(path: empty + "/below"))
        #expect(failure([empty]) == .empty(path: empty))
        #expect(failure([mark]) == .empty(path: mark))
        #expect(
            failure([binary])
                == .binary(path: binary, reason: "byte 2 is NUL", encodings: [], unitIsFixed: false))
        guard case .binary? = failure([controls]) else {
            Issue.record("control characters were read")
            return
        }
        let bytes = try TextCorpus.read([binary], options: .init(unit: .byte))
        #expect(bytes.bytes(in: 0..<bytes.count) == [0x41, 0x42, 0, 0x43])
    }

    @Test func severalPathsAreJoinedByANewline() throws {
        let scratch = try TemporaryFolder()
        let first = try scratch.write("first", [0xef, 0xbb, 0xbf] + Array("one".utf8))
        let second = try scratch.write("second", [0xef, 0xbb, 0xbf] + Array("two".utf8))
        let corpus = try TextCorpus.read([second, first])
        #expect(corpus.text == "two\none")
        #expect(corpus.report.files.map(\.units) == [3, 3])
        #expect(corpus.count == 7)
    }

    @Test func unreadableFiles() async {
        await #expect(processExitsWith: .success) {
            try giveUpSuperuserRights()
            let scratch = try TemporaryFolder()
            let secret = try scratch.write("in/secret", "x")
            try scratch.write("in/open", "open")
            chmod(secret, 0)
            guard case .unreadable(secret, _)? = failure([secret]) else {
                Issue.record("was read")
                return
            }
            #expect(try TextCorpus.read([scratch("in")]).report.skippedSummary == "1 unreadable")
        }
    }

    @Test func aFileThatOpensButCannotBeRead() throws {
        // /proc/self/mem opens but cannot be read at 0.
        guard case .unreadable("/proc/self/mem", _)? = failure(["/proc/self/mem"]) else {
            Issue.record("was read")
            return
        }
    }

    @Test func namesThatAreNotUTF8() throws {
        let scratch = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: scratch("in"), withIntermediateDirectories: true)
        let name: [UInt8] = Array(scratch("in/").utf8) + [0xc4, 0xe3, 0]
        let file = name.withUnsafeBytes { fopen($0.baseAddress!.assumingMemoryBound(to: CChar.self), "w") }
        fputs("found", file)
        fclose(file)
        #expect(try TextCorpus.read([scratch("in")]).text == "found")
    }

    /// A named pipe gives its data in small pieces and at its own pace.
    @Test func pipes() async throws {
        let scratch = try TemporaryFolder()
        let pipe = scratch("pipe")
        mkfifo(pipe, 0o600)
        let writer = Thread {
            guard let file = fopen(pipe, "w") else { return }
            for _ in 0..<50 {
                fputs("drip é\r\n", file)
                fflush(file)
                sched_yield()
            }
            fclose(file)
        }
        writer.start()
        let corpus = try TextCorpus.read([pipe], options: ReadingOptions().inChunks(of: 100))
        #expect(corpus.text == String(repeating: "drip é\n", count: 50))
    }

    /// No other test reads standard input, so it may be exchanged for a while.
    @Test func standardInput() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let saved = dup(0)
        dup2(ends[0], 0)
        close(ends[0])
        let bytes = gzip(Array("from a pipe\r\n".utf8))
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        let corpus = try TextCorpus.read(["-"])
        let again = failure(["-"])
        dup2(saved, 0)
        close(saved)
        #expect(corpus.text == "from a pipe\n")
        #expect(corpus.report.files[0].path == "-")
        #expect(again == .empty(path: "-"))
    }
}
