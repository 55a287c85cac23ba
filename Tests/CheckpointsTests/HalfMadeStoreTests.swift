import Checkpoints
import Foundation
import GRDB
import Testing
import TestSupport

/// A process may be killed at any moment while it makes a store.
@Suite struct HalfMadeStoreTests {
    /// The file is written and its journal still there: whoever opens it next goes back to the empty file, in which
    /// nothing says any more whose it is.
    @Test(arguments: [CheckpointStore.Access.readOnly, .readWrite], [false, true])
    func goesBackToNothing(access: CheckpointStore.Access, isSpoiled: Bool) throws {
        let folder = try TemporaryFolder()
        if isSpoiled {
            // The journal came to the disk, and of the file only its length.
            try Data(repeating: 0xa5, count: 8192).write(to: URL(fileURLWithPath: folder.store))
        } else {
            try edit(
                folder.store,
                "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1245791057")
        }
        // https://www.sqlite.org/fileformat.html#the_rollback_journal: no page to write back, and no page before.
        let magic: [UInt8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]
        let numbers: [UInt32] = [0, 1, 0, 512, 8192]
        let header = magic + numbers.flatMap { number in (0..<4).map { UInt8(number >> (24 - 8 * $0) & 255) } }
        try Data(header + Array(repeating: 0, count: 512 - header.count)).write(
            to: URL(fileURLWithPath: folder.store + "-journal"))
        if access == .readOnly {
            #expect(try storeError { try readAll(folder.store) } == .noStore(path: folder.store))
        }
        try makeFullStore(at: folder.store)
        try readAll(folder.store)
        #expect(folder.contents == ["jacquard.sqlite"])
    }

    /// Files that begin as such a journal does, and are none, or belong to a file that had pages.
    @Test(arguments: [8, 19, 20, 100], [[0, 0, 0, 1], [1, 0, 0, 0]] as [[UInt8]])
    func anotherFileBesideItIsNoJournal(length: Int, pages: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let journal = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0, 0, 0, 0, 0, 0, 1] + pages
        let bytes = Array((journal + Array(repeating: 0, count: 100)).prefix(length))
        try Data(repeating: 0xa5, count: 8192).write(to: URL(fileURLWithPath: folder.store))
        try Data(bytes).write(to: URL(fileURLWithPath: folder.store + "-journal"))
        #expect(try storeError { try readAll(folder.store) } == .notSQLite(path: folder.store))
    }

    /// Killed between any two of the statements with which a store is made.
    @Test func killedAtAnyStatement() throws {
        // How many there are, nobody says: they are at their end when one comes through.
        var kills = 0, hasSurvived = false
        while !hasSurvived, kills < 400 {
            let folder = try TemporaryFolder(in: TemporaryFolder.memory)
            let ended = try Tool("die-creating", folder.store, "\(kills + 1)").wait()
            hasSurvived = ended.status == 0
            if !hasSurvived {
                #expect(ended.status == -Int(SIGKILL), "\(ended)")
                kills += 1
            }
            do {
                let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
                #expect(try store.runs().count <= 1)
                try store.close()
            } catch {
                #expect(error == StoreError.noStore(path: folder.store), "after statement \(kills)")
            }
            try makeFullStoreWithAnyName(folder.store)
        }
        #expect(hasSurvived && kills > 50, "\(kills) kills")
    }

    private func makeFullStoreWithAnyName(_ path: String) throws {
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        let run = try store.createRun(description())
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        try store.close()
        try CheckpointStore.open(at: path, access: .readOnly).close()
    }
}
