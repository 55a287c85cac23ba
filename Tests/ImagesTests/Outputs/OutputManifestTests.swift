import ByteStreams
import FileTrees
import Foundation
import Images
import Testing
import TestSupport

@Suite struct OutputManifestTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> RawPath { RawPath(folder(name)) }

    private func record(_ name: String, _ text: String) throws {
        var manifest = OutputManifest(of: RawPath(folder.path))
        try manifest.add(path(name), digest: OutputManifest.digest(of: Array(text.utf8)))
        try OutputFile<ImageError>.replace(folder(name), with: text)
    }

    /// Whether a file is known, by a list that is read anew.
    private func holds(_ name: String) -> Bool { OutputManifest(of: RawPath(folder.path)).holds(path(name)) }

    private var list: String { (try? String(contentsOfFile: folder(".jacquard-outputs"), encoding: .utf8)) ?? "" }

    @Test func aFileIsOursUntilSomebodyChangesIt() throws {
        try record("a.csv", "one")
        #expect(holds("a.csv") && !holds("b.csv"))
        // SHA-256 of "one", by sha256sum.
        #expect(list.contains("\n7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed  a.csv\n"))
        try folder.write("a.csv", Array("One".utf8))
        #expect(!holds("a.csv") && OutputManifest(of: RawPath(folder.path)).names(path("a.csv")))
        // As it was once: nothing would be lost.
        try record("a.csv", "two")
        try folder.write("a.csv", Array("one".utf8))
        #expect(holds("a.csv"))
        rename(folder("a.csv"), folder("b.csv"))
        #expect(!holds("a.csv") && !holds("b.csv"))
    }

    @Test(arguments: ["a\nb.png", "back\\slash.png", "\\", "cr\rlf\r\n.png", "日本 語.png", "two  spaces", "#"])
    func namesThatTripReadersUp(name: String) throws {
        try record(name, "x")
        try record("other", "x")
        #expect(holds(name) && holds("other"))
        #expect(list.split(separator: "\n", omittingEmptySubsequences: false).count == 4, "\(list)")
    }

    @Test func whatIsNoListListsNothing() throws {
        try record("a", "one")
        for text in ["", "\u{0}\u{1}", "7692c3ad  a\n", String(list.dropLast(8)), list.replacing("  ", with: " ")] {
            try folder.write(".jacquard-outputs", Array(text.utf8))
            #expect(!holds("a"), "\(text)")
        }
    }

    /// Comments for `sha256sum`, which goes on to check the files.
    @Test func whichWeightsMadeAFile() throws {
        let digest = OutputManifest.digest(of: Array("one".utf8))
        let makers = ["a", "b"].map { String(repeating: $0, count: 64) }
        var manifest = OutputManifest(of: RawPath(folder.path))
        for weights in [nil, makers[0], makers[0], makers[1]] {
            try manifest.add(path("codes.csv"), digest: digest, weights: weights)
        }
        try folder.write("codes.csv", Array("one".utf8))
        #expect(holds("codes.csv") && manifest.weights(of: path("codes.csv")) == makers)
        #expect(list.split(separator: "\n").count { $0.hasPrefix("#") } == 3 && list.split(separator: "\n").count == 4)
        // Also where the list was made shorter.
        for number in 0..<1200 {
            try manifest.add(path("often"), digest: OutputManifest.digest(of: [UInt8](repeating: 0, count: number)))
        }
        try manifest.compact()
        #expect(list.split(separator: "\n").count < 10)
        #expect(OutputManifest(of: RawPath(folder.path)).weights(of: path("codes.csv")) == makers)
        try folder.write("codes.csv", Array("two".utf8))
        #expect(OutputManifest(of: RawPath(folder.path)).weights(of: path("codes.csv")).isEmpty)
    }

    @Test func theListStaysShort() throws {
        try record("kept", "k")
        var manifest = OutputManifest(of: RawPath(folder.path))
        for number in 0..<3000 {
            try manifest.compact()
            try manifest.add(path("often"), digest: OutputManifest.digest(of: Array("\(number)".utf8)))
        }
        #expect(list.split(separator: "\n").count < 1100)
        try folder.write("often", Array("2999".utf8))
        #expect(holds("often") && holds("kept"))
        // What is listed already is not listed again.
        let before = list
        try manifest.add(path("often"), digest: OutputManifest.digest(of: Array("2999".utf8)))
        #expect(list == before)
    }
}
