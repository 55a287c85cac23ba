import Checkpoints
import FileTrees
import Foundation
import Testing
import TestSupport

/// Where a store is, in names of any bytes and through links.
@Suite struct StorePathTests {
    /// A run goes in and comes out again, by the same path.
    private func useStore(at path: String) throws {
        let written = try CheckpointStore.open(at: path, access: .readWrite)
        let run = try written.createRun(description("one"))
        try written.save(checkpoint(step: 1), in: run.id, isBest: true)
        try written.close()
        let read = try CheckpointStore.open(at: path, access: .readOnly)
        #expect(try read.run(named: "one").name == "one")
        try read.close()
    }

    /// Bytes that are not UTF-8, and all that an address escapes.
    @Test func aStoreMayHaveAnyName() throws {
        for name in [
            Array("caf".utf8) + [0xE9], Array("a b?c=d#e%41%".utf8), Array("naïve 王 é".utf8),
            [0x01, 0x0f, 0x10, 0x1f, 0x20, 0x7f],
        ] {
            let folder = try TemporaryFolder()
            let path = RawPath(folder.path).appending(name + [UInt8(ascii: "/")] + name + [0xFF])
            try useStore(at: path.text)
            let inside = try FileTree(folder: RawPath(folder.path)).files
            #expect(inside == [path])
            // A folder that cannot be written to is another way of opening; the superuser can write to any.
            #expect(path.folder.withCString { chmod($0, 0o555) } == 0)
            let read = try Tool("read-as-nobody", path.text).wait()
            #expect(read.output == "one@1" && read.status == 0)
            #expect(path.folder.withCString { chmod($0, 0o755) } == 0)
        }
    }

    /// `..` behind a link is where the link leads, as it is for the system.
    @Test func goingUpFromALinkIsWhatTheSystemMeans() throws {
        let folder = try TemporaryFolder()
        let files = FileManager.default
        try files.createDirectory(atPath: folder.file("far/inner"), withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: folder.file("far/inner"))
        try useStore(at: folder.file("link/../m.sqlite"))
        #expect(try files.contentsOfDirectory(atPath: folder.file("far")).sorted() == ["inner", "m.sqlite"])
        #expect(folder.contents == ["far", "link"])
    }

    /// The files beside a store lie beside the file that a link leads to.
    @Test func aLinkToAStoreIsThatStore() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("far"), withIntermediateDirectories: true)
        try useStore(at: folder.file("far/m.sqlite"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link.sqlite"), withDestinationPath: "far/m.sqlite")
        let store = try CheckpointStore.open(at: folder.file("link.sqlite"), access: .readOnly)
        let run = try store.run(named: "one")
        #expect(
            try storeError { try store.export(run.id, to: folder.file("far/m.sqlite"), overwrite: true) }
                == .storeItself(path: folder.file("far/m.sqlite")))
        try store.close()
    }

    /// A link of any bytes to a place where nothing is yet.
    @Test func aStoreIsMadeWhereALinkLeads() throws {
        let folder = try TemporaryFolder()
        let target = RawPath(folder.path).appending([0xE9]), link = RawPath(folder.path).appending([0xE8])
        #expect(RawPath(bytes: [0xE9]).withCString { name in link.withCString { symlink(name, $0) } } == 0)
        try useStore(at: link.text)
        #expect(FileTree.isRegularFile(target) == true && link.linkTarget == RawPath(bytes: [0xE9]))
        #expect(try FileTree(folder: RawPath(folder.path)).files == [link, target])
    }

    /// Where the work of a store goes that is no longer there.
    @Test func aStoreOfAnyNameIsRescuedUnderItsName() throws {
        let folder = try TemporaryFolder()
        let path = RawPath(folder.path).appending([0xE9, 0x2E, 0x71]).text
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        #expect(store.rescuePaths.first == folder.path + "/\u{10FEE9}-rescued-1.sqlite")
        try store.close()
    }

    @Test func whatIsNoFileIsNoStore() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        for path in [folder.file("pipe"), "/dev/null"] {
            for access in [CheckpointStore.Access.readOnly, .readWrite] {
                #expect(
                    try storeError { _ = try CheckpointStore.open(at: path, access: access) } == .notAFile(path: path))
            }
        }
    }
}
