import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// A store on a file system of three megabytes, where that can be made.
@Suite(.enabled(if: SmallDisk.isPossible)) struct FullDiskTests {
    /// Filled to the last byte, after training had found no room: the command that is advised frees space.
    @Test(arguments: [false, true]) func removingFreesSpace(wasClosed: Bool) throws {
        let folder = try TemporaryFolder(), disk = try SmallDisk(at: folder.file("small"))
        let path = disk.path + "/jacquard.sqlite"
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        let old = try store.createRun(description("old")), new = try store.createRun(description("new"))
        try store.save(checkpoint(step: 1, shape: [400, 300]), in: old.id, isBest: true)
        try store.save(checkpoint(step: 1, shape: [20, 20]), in: new.id, isBest: true)
        let text = try store.createText(title: "\0", text: "kept\0", settings: Data("{}".utf8))
        for run in [old, new] { try store.setStatus(.finished, of: run.id) }
        try store.close()
        if !wasClosed {
            // A megabyte each: the second finds no room, and leaves a log that has none in the store.
            let failed = try Tool("save", path, "another", "9").wait()
            #expect(failed.status == 1 && failed.output.contains("the disk is full"))
        }
        disk.fill()
        let again = try CheckpointStore.open(at: path, access: .readWrite)
        let last = try again.loadCheckpoint(.latest, of: again.run(named: "new").id)
        try again.remove(again.run(named: "old").id)
        try? again.close()
        #expect(disk.freeBytes > 400_000, "\(disk.freeBytes) bytes are free")
        let after = try CheckpointStore.open(at: path, access: .readWrite)
        #expect(try after.runs().map(\.name) == (wasClosed ? ["new"] : ["another", "new"]))
        #expect(try after.loadCheckpoint(.latest, of: after.run(named: "new").id) == last)
        #expect(try after.allTexts() == [text])
        // No number is used twice.
        #expect(try after.createRun(description("third")).id != old.id)
        try after.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).sorted() == ["fill", "jacquard.sqlite"])
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil)
    }

    /// A server that was started on a full disk keeps nobody out, and is in nobody's way.
    @Test func aReaderThatFoundNoRoomKeepsNobodyOut() throws {
        let folder = try TemporaryFolder(), disk = try SmallDisk(at: folder.file("small"))
        let path = disk.path + "/jacquard.sqlite"
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        let old = try store.createRun(description("old"))
        try store.save(checkpoint(step: 1, shape: [400, 300]), in: old.id, isBest: true)
        try store.setStatus(.finished, of: old.id)
        try store.close()
        disk.fill()
        let reader = try CheckpointStore.open(at: path, access: .readOnly)
        let hasty = StoreOptions(busyTimeout: 0.1)
        let another = try CheckpointStore.open(at: path, access: .readOnly, options: hasty)
        #expect(try reader.runs().map(\.name) == ["old"] && another.runs().map(\.name) == ["old"])
        for one in [reader, another] { one.restBetweenCalls() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).sorted() == ["fill", "jacquard.sqlite"])
        let removing = try CheckpointStore.open(at: path, access: .readWrite, options: hasty)
        try removing.remove(old.id)
        try? removing.close()
        #expect(disk.freeBytes > 400_000, "\(disk.freeBytes) bytes are free")
        #expect(try storeError { _ = try reader.runs() } == .moved(path: path, isReplaced: true))
        for one in [reader, another] { try one.close() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).sorted() == ["fill", "jacquard.sqlite"])
    }

    /// A second name keeps the space of what is removed: the store has no room to come back, and stays where it is said.
    @Test func withoutRoomToComeBackAStoreStaysAway() throws {
        let folder = try TemporaryFolder(), disk = try SmallDisk(at: folder.file("small"))
        let path = disk.path + "/jacquard.sqlite"
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        let old = try store.createRun(description("old")), new = try store.createRun(description("new"))
        for run in [old, new] {
            try store.save(checkpoint(step: 1, shape: [200, 200]), in: run.id, isBest: true)
            try store.setStatus(.finished, of: run.id)
        }
        try store.close()
        #expect(link(path, disk.path + "/second.sqlite") == 0)
        disk.fill()
        let again = try CheckpointStore.open(at: path, access: .readWrite)
        let error = try storeError { try again.remove(old.id) }
        let away = try FileManager.default.destinationOfSymbolicLink(atPath: path)
        defer { try? FileManager.default.removeItem(atPath: away) }
        guard case .notWritable(path, let reason) = error, reason.contains(away) else { throw SmallDisk.Impossible() }
        let left = try FileManager.default.contentsOfDirectory(atPath: disk.path).sorted()
        #expect(left == ["fill", "jacquard.sqlite", "second.sqlite"])
        let after = try CheckpointStore.open(at: path, access: .readOnly)
        #expect(try after.runs().map(\.name) == ["new"])
        #expect(try after.loadCheckpoint(.latest, of: new.id) == checkpoint(step: 1, shape: [200, 200]))
        try after.close()
    }

    @Test func aStoreThatCannotBeMadeLeavesNothing() throws {
        let folder = try TemporaryFolder(), disk = try SmallDisk(at: folder.file("small"))
        disk.fill()
        let path = disk.path + "/jacquard.sqlite"
        #expect(throws: StoreError.full(path: path)) { try CheckpointStore.open(at: path, access: .readWrite) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["fill"])
    }
}

/// Memory posing as a disk of three megabytes.
final class SmallDisk {
    let path: String

    static let isPossible: Bool = {
        guard getuid() == 0, let folder = try? TemporaryFolder() else { return false }
        return (try? SmallDisk(at: folder.file("trial"))) != nil
    }()

    init(at path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("none", path, "tmpfs", 0, "size=3m") == 0 else { throw Impossible() }
    }

    struct Impossible: Error {}

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Leaves no byte free.
    func fill() {
        let descriptor = open(path + "/fill", O_WRONLY | O_CREAT | O_APPEND, 0o644)
        let block = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
        close(descriptor)
    }

    var freeBytes: Int {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    }
}
