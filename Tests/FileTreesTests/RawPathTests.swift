import FileTrees
import Foundation
import TestSupport
import Testing

@Suite struct RawPathTests {
    @Test(arguments: [
        ("a/b.txt", "a", "b.txt", "b", "txt"), ("b.tar.GZ", ".", "b.tar.GZ", "b.tar", "gz"),
        ("/a", "/", "a", "a", ""), ("/", "/", "", "", ""), ("a/b/", "a", "b", "b", ""),
        (".png", ".", ".png", ".png", ""),
        ("a/.hidden.png", "a", ".hidden.png", ".hidden", "png"), ("a.b/c", "a.b", "c", "c", ""),
        ("a.", ".", "a.", "a", ""),
        // Names that begin with a mark which a slash would carry.
        ("a/\u{301}b.png", "a", "\u{301}b.png", "\u{301}b", "png"),
    ])
    func parts(path: String, folder: String, last: String, stem: String, ending: String) {
        let path = RawPath(path)
        #expect(path.folder.text == folder)
        #expect(Array(path.lastComponent) == Array(last.utf8))
        #expect(Array(path.stem) == Array(stem.utf8))
        #expect(path.ending == ending)
    }

    @Test func anAbsolutePathIsWhatTheSystemMeans() throws {
        let files = FileManager.default
        let root = files.temporaryDirectory.appendingPathComponent("paths-\(UUID().uuidString)")
        defer { try? files.removeItem(at: root) }
        try files.createDirectory(at: root.appendingPathComponent("far/inner"), withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: root.path + "/link", withDestinationPath: root.path + "/far/inner")
        let real = try #require(RawPath(root.path).resolved).text
        #expect(RawPath(root.path + "/link/../corpus.txt").absolute.text == real + "/far/corpus.txt")
        #expect(RawPath(root.path + "/link/.././/./inner/").absolute.text == real + "/far/inner")
        #expect(RawPath(root.path + "//link/./x").absolute.text == root.path + "/link/x")
        // Where nothing is, nothing can be said of what lies above it.
        #expect(RawPath(root.path + "/none/../x").absolute.text == root.path + "/none/../x")
        #expect(RawPath("x").absolute.text == files.currentDirectoryPath + "/x")
        #expect(RawPath("/").absolute.text == "/" && RawPath(".").absolute.text == files.currentDirectoryPath)
    }

    @Test func foldersAreMadeWithThoseAboveThem() throws {
        let files = FileManager.default
        let root = files.temporaryDirectory.appendingPathComponent("paths-\(UUID().uuidString)")
        defer { try? files.removeItem(at: root) }
        let path = RawPath(root.path).appending([0x61, 0x2F, 0xE9, 0x2F, 0x62])
        #expect(path.makeFolder() == 0 && FileTree.isFolder(path))
        #expect(path.makeFolder() == 0)
        // What is there as soon as those above it are.
        #expect(RawPath(root.path + "/new/.").makeFolder() == 0 && FileTree.isFolder(RawPath(root.path + "/new")))
        try Data().write(to: root.appendingPathComponent("file"))
        #expect(RawPath(root.path + "/file").makeFolder() == EEXIST)
        #expect(RawPath(root.path + "/file/x").makeFolder() == ENOTDIR)
        #expect(RawPath(root.path + "/file/x/y").makeFolder() == ENOTDIR)
        #expect(path.synchronizeFolder() == 0)
        #expect(RawPath(root.path + "/file").synchronizeFolder() == ENOTDIR)
        #expect(RawPath(root.path + "/none").synchronizeFolder() == ENOENT)
    }

    /// Who may write there and not read has nothing to wait for that could be waited for.
    @Test func aFolderThatCannotBeReadIsNotWaitedFor() async {
        await #expect(processExitsWith: .success) {
            try giveUpSuperuserRights()
            let files = FileManager.default
            let root = files.temporaryDirectory.appendingPathComponent("paths-\(UUID().uuidString)")
            defer {
                chmod(root.path, 0o700)
                try? files.removeItem(at: root)
            }
            try files.createDirectory(at: root, withIntermediateDirectories: true)
            chmod(root.path, 0o300)
            #expect(open(root.path, O_RDONLY) == -1 && errno == EACCES)
            #expect(RawPath(root.path).synchronizeFolder() == 0 && RawPath(root.path + "/a/b").makeFolder() == 0)
        }
    }

    @Test func aPathLeadsThroughLinksToWhatIsNotThereYet() throws {
        let files = FileManager.default
        let root = files.temporaryDirectory.resolvingSymlinksInPath().appendingPathComponent(
            "paths-\(UUID().uuidString)")
        defer { try? files.removeItem(at: root) }
        try files.createDirectory(at: root.appendingPathComponent("inner"), withIntermediateDirectories: true)
        func path(_ name: String) -> RawPath { RawPath(root.path + "/" + name) }
        for (link, target) in [
            ("first", "inner/second"), ("inner/second", "third"), ("absolute", root.path + "/none"), ("round", "round"),
        ] {
            #expect(symlink(target, path(link).text) == 0)
        }
        #expect(path("first").destination == path("inner/third") && path("absolute").destination == path("none"))
        #expect(path("none").destination == path("none") && path("round").destination == path("round"))
        #expect(close(creat(path("inner/third").text, 0o600)) == 0)
        #expect(path("first").destination.lastComponent.elementsEqual("third".utf8))
    }

    @Test func aNameOfAnyBytesIsFoundAndOpened() throws {
        let files = FileManager.default
        let root = files.temporaryDirectory.appendingPathComponent("paths-\(UUID().uuidString)")
        defer { try? files.removeItem(at: root) }
        try files.createDirectory(at: root, withIntermediateDirectories: true)
        let names: [[UInt8]] = [[0x63, 0xE9], [0xC3, 0xA9], [0xFF, 0x0A, 0x1B], Array("\u{10FEE9}".utf8)]
        for name in names {
            let path = RawPath(root.path).appending(name)
            let descriptor = path.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL, 0o600) }
            #expect(descriptor >= 0)
            close(descriptor)
        }
        let found = try FileTree(folder: RawPath(root.path)).files
        #expect(Set(found.map { Array($0.lastComponent) }) == Set(names))
        for path in found { #expect(RawPath(path.text) == path && FileTree.isRegularFile(RawPath(path.text)) == true) }
    }
}
