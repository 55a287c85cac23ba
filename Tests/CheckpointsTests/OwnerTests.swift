import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// A run belongs to the process that trains it, while that process lives.
@Suite struct OwnerTests {
    /// This process as it would look if it were another one.
    private func identity(
        host: String? = nil, boot: String? = nil, namespace: String? = nil, process: Int32? = nil, start: Int? = nil
    ) -> ProcessIdentity {
        var identity = ProcessIdentity.current
        identity.host = host ?? identity.host
        identity.boot = boot ?? identity.boot
        identity.namespace = namespace ?? identity.namespace
        identity.process = process ?? identity.process
        identity.start = start ?? identity.start
        return identity
    }

    /// A store with a run of status `running` that an owner of this identity has, and was heard of some time ago.
    private func folder(ownedBy identity: ProcessIdentity, heardOf secondsAgo: Double = 0) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(
            at: folder.store, access: .readWrite, options: StoreOptions(identity: identity))
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 3), in: run.id, isBest: true)
        // Not closed by its owner: the row stays, as when a process is killed.
        let copy = try DatabaseQueue(path: folder.store)
        let heartbeat = Timestamp.text(Date(timeIntervalSinceNow: -secondsAgo))
        let row = try copy.read { try Row.fetchOne($0, sql: "SELECT * FROM owner") }
        let owner = try #require(row)
        try store.close()
        try copy.write { database in
            try database.execute(
                sql: "INSERT INTO owner VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: StatementArguments(
                    owner.map { name, value in name == "heartbeat" ? heartbeat.databaseValue : value }))
        }
        try copy.close()
        return folder
    }

    private func isRefused(_ folder: TemporaryFolder) throws -> Bool {
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        defer { try? store.close() }
        let run = try store.run(named: "run")
        do {
            try store.take(run.id)
            return false
        } catch StoreError.beingTrained(run: "run", by: let owner, path: folder.store) {
            #expect(owner.isAlive)
            return true
        } catch {
            throw error
        }
    }

    @Test func theLivingAndTheDeadAreToldApart() throws {
        // A process that has just ended: its id is nobody's, as likely as not.
        let ended = Process()
        ended.executableURL = URL(fileURLWithPath: "/bin/true")
        try ended.run()
        ended.waitUntilExit()
        let cases: [(String, ProcessIdentity, Double, isAlive: Bool)] = [
            ("this process", identity(), 0, true),
            ("this process, not heard of for an hour: it may be suspended", identity(), 3600, true),
            ("one that has ended", identity(process: ended.processIdentifier, start: 1), 0, false),
            ("an id that is used again", identity(start: identity().start - 1), 0, false),
            ("another machine, heard of now", identity(host: "elsewhere", boot: "b"), 10, true),
            ("another machine, long ago", identity(host: "elsewhere", boot: "b"), 301, false),
            ("another container, heard of now", identity(namespace: "pid:[1]"), 10, true),
            ("another container, long ago", identity(namespace: "pid:[1]"), 301, false),
            ("this machine before it was started again", identity(boot: "b"), 100_000_000, false),
            ("a machine of the same name, heard of now", identity(boot: "b"), 0, true),
        ]
        for (what, identity, secondsAgo, isAlive) in cases {
            let folder = try folder(ownedBy: identity, heardOf: secondsAgo)
            #expect(try isRefused(folder) == isAlive, "\(what)")
        }
    }

    /// Killed, and still in the table of processes since its parent has not looked.
    @Test func aProcessThatWaitsForItsParentIsDead() throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The shell becomes a program that never asks after the one it has started.
        child.arguments = ["-c", "true & echo $!; exec cat"]
        let output = Pipe(), input = Pipe()
        (child.standardOutput, child.standardInput) = (output, input)
        try child.run()
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let process = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        func state() -> Substring? {
            let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
            return stat?.split(separator: ")").last?.split(separator: " ").first
        }
        while state() != "Z" { sched_yield() }
        let fields = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8).split(separator: " ")
        #expect(try !isRefused(folder(ownedBy: identity(process: process, start: Int(fields[21]) ?? 0))))
        try input.fileHandleForWriting.close()
        child.waitUntilExit()
    }

    @Test func aRunInUseIsNeitherRemovedNorRenamedNorWrittenTo() throws {
        let folder = try folder(ownedBy: identity())
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.run(named: "run")
        func refuses(_ body: () throws -> Void) throws {
            guard case .beingTrained(run: "run", let owner, _) = try storeError(body) else {
                throw NotRefused()
            }
            #expect(owner.process == getpid())
        }
        try refuses { try store.remove(run.id) }
        try refuses { try store.rename(run.id, to: "other") }
        try refuses { try store.save(checkpoint(step: 9), in: run.id, isBest: true) }
        try refuses { try store.setStatus(.finished, of: run.id) }
        try refuses { try store.record(History(events: [EventRecord(kind: "x", message: "y")]), in: run.id) }
        try refuses { try store.forgetHistory(after: 0, of: run.id) }
        #expect(throws: StoreError.nameTaken(name: "run", path: folder.store)) {
            try store.createRun(description("run"))
        }
        #expect(try store.checkpoints(of: run.id).map(\.step) == [3])
        #expect(try store.state(of: run) == .running(#require(try store.owner(of: run.id))))
        // Others are free.
        let other = try store.createRun(description("other"))
        try store.remove(other.id)
        try store.close()
    }

    /// As when a process is suspended on a machine that nobody can look at, and another one goes on with its run.
    @Test func whoWasTakenOverSavesNothingAnyMore() throws {
        let folder = try TemporaryFolder()
        let far = StoreOptions(identity: identity(host: "far", boot: "b"))
        let suspended = try CheckpointStore.open(at: folder.store, access: .readWrite, options: far)
        let run = try suspended.createRun(description("run"))
        try suspended.save(checkpoint(step: 3), in: run.id, isBest: true)
        suspended.rest()
        try DatabaseQueue(path: folder.store).write {
            try $0.execute(sql: "UPDATE owner SET heartbeat = '2026-03-01T09:30:00.000Z'")
        }
        let other = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let before = try other.take(run.id)
        #expect(before?.host == "far" && before?.isAlive == false)
        try other.save(checkpoint(step: 7), in: run.id, isBest: true)
        guard
            case .takenOver(run: "run", by: let owner?, _) = try storeError({
                try suspended.save(checkpoint(step: 8), in: run.id, isBest: true)
            })
        else { throw NotRefused() }
        #expect(owner.process == getpid())
        // Nor when the other one has done its work and gone.
        try other.setStatus(.finished, of: run.id)
        #expect(
            try storeError { try suspended.save(checkpoint(step: 8), in: run.id, isBest: true) }
                == .takenOver(run: "run", by: nil, path: folder.store))
        #expect(try other.checkpoints(of: run.id).map(\.step) == [3, 7])
        #expect(try other.run(run.id).status == .finished)
        try suspended.close()
        try other.close()
    }

    @Test func checkpointsDoNotGoBackUnlessTheRunDoes() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 9), in: run.id, isBest: false)
        #expect(
            try storeError { try store.save(checkpoint(step: 8), in: run.id, isBest: false) }
                == .goesBack(run: "run", from: 9, to: 8, path: folder.store))
        try store.save(checkpoint(step: 9), in: run.id, isBest: false)
        try store.save(checkpoint(step: 8), in: run.id, isBest: false, mayGoBack: true)
        #expect(try store.loadCheckpoint(.latest, of: run.id).step == 8)
        try store.close()
    }

    @Test func aCopyOfAStoreBelongsToNobody() throws {
        let folder = try folder(ownedBy: identity())
        #expect(try isRefused(folder))
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: folder.store, toPath: copy.store)
        #expect(try !isRefused(copy))
    }

    @Test func aRunThatSavedNothingGivesUpItsName() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let first = try store.createRun(description("run"))
        #expect(throws: StoreError.nameTaken(name: "run", path: folder.store)) {
            try store.createRun(description("run"))
        }
        // As when it is killed.
        try store.giveBack(first.id)
        #expect(try store.state(of: first) == .killed)
        let second = try store.createRun(description("run"))
        #expect(second.id != first.id)
        #expect(try store.runs().map(\.id) == [second.id])
        try store.save(checkpoint(step: 0), in: second.id, isBest: false)
        try store.giveBack(second.id)
        #expect(throws: StoreError.nameTaken(name: "run", path: folder.store)) {
            try store.createRun(description("run"))
        }
        try store.close()
    }

    // MARK: The file

    @Test(arguments: [false, true]) func aStoreThatIsGoneIsNotWrittenTo(atRest: Bool) throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        if atRest { store.rest() }
        try FileManager.default.removeItem(atPath: folder.store)
        let error = try storeError { try store.save(checkpoint(step: 2), in: run.id, isBest: false) }
        #expect(error == .moved(path: folder.store, isReplaced: false))
        #expect(!folder.contents.contains("jacquard.sqlite"))
        try store.close()
    }

    @Test func aStoreAtRestIsOneFileAndAnotherInItsPlaceStaysAsItIs() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        store.rest()
        #expect(folder.contents == ["jacquard.sqlite"])
        try store.export(run.id, to: folder.file("other.sqlite"))
        store.rest()
        let other = try Data(contentsOf: URL(fileURLWithPath: folder.file("other.sqlite")))
        #expect(rename(folder.file("other.sqlite"), folder.store) == 0)
        let error = try storeError { try store.save(checkpoint(step: 2), in: run.id, isBest: false) }
        #expect(error == .moved(path: folder.store, isReplaced: true))
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.store)) == other)
    }

    /// It would give the weights of a run that is none of ours, and not say so.
    @Test func anotherStoreInThePlaceOfOneAtRestIsNotRead() throws {
        let folder = try TemporaryFolder(), aside = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        store.rest()
        try makeFullStore(at: aside.store)
        #expect(rename(aside.store, folder.store) == 0)
        let error = try storeError { _ = try store.loadCheckpoint(.best, of: run.id) }
        #expect(error == .moved(path: folder.store, isReplaced: true))
        try store.close()
    }

    @Test func whatAStoreHeldIsThereWhenItIsGone() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        store.rest()
        try FileManager.default.removeItem(atPath: folder.store)
        let path = try #require(store.rescuePaths.first)
        #expect(path == folder.file("jacquard-rescued-1.sqlite"))
        let copy = try store.salvage(to: path)
        #expect(try copy.loadCheckpoint(.best, of: run.id).step == 1)
        try copy.save(checkpoint(step: 2), in: run.id, isBest: false)
        try copy.close()
        #expect(store.rescuePaths.first == folder.file("jacquard-rescued-2.sqlite"))
        try store.close()
        #expect(folder.contents == ["jacquard-rescued-1.sqlite"])
    }

    /// As a server has its store: it is one file between calls, and no other one is read, written or made instead of it.
    @Test func aStoreThatRestsBetweenCallsSeesThatItIsGone() throws {
        let folder = try TemporaryFolder(), aside = folder.file("aside.sqlite")
        let (title, settings) = ("a text", Data("{}".utf8))
        try makeFullStore(at: folder.store)
        let reading = try CheckpointStore.open(at: folder.store, access: .readOnly)
        reading.restBetweenCalls()
        let writing = try reading.openedForWriting(), names = try reading.runs().map(\.name)
        writing.restBetweenCalls()
        let text = try writing.createText(title: title, text: "kept", settings: settings)
        #expect(folder.contents == ["jacquard.sqlite"])
        let found = try reading.withFileOpen { try (reading.texts().first, reading.allTexts().last) }
        #expect(found == (text.summary, text))

        func isMoved(replaced: Bool) throws {
            for call in [
                { _ = try reading.runs() }, { _ = try reading.withFileOpen {} }, { _ = try reading.openedForWriting() },
                { _ = try writing.createText(title: title, text: "lost", settings: settings) },
            ] {
                #expect(try storeError(call) == .moved(path: folder.store, isReplaced: replaced))
            }
        }
        #expect(rename(folder.store, aside) == 0)
        try isMoved(replaced: false)
        #expect(folder.contents == ["aside.sqlite"])
        try CheckpointStore.open(at: folder.store, access: .readWrite).close()
        try isMoved(replaced: true)
        #expect(rename(aside, folder.store) == 0)
        #expect(try reading.runs().map(\.name) == names && writing.allTexts().last == text)
        try reading.close()
        try writing.close()
        #expect(folder.contents == ["jacquard.sqlite"])
    }

    /// Under each name it has a log of its own, of which those who use another name know nothing.
    @Test(arguments: [false, true]) func aStoreOfTwoNamesIsUsedUnderOneAtATime(isMounted: Bool) throws {
        guard SmallDisk.isPossible || !isMounted else { return }
        let folder = try TemporaryFolder(), second = folder.file("the second.sqlite")
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        if isMounted {
            try Data().write(to: URL(fileURLWithPath: second))
            let bind: UInt = 4096
            #expect(mount(folder.store, second, nil, bind, nil) == 0)
        } else {
            #expect(link(folder.store, second) == 0)
        }
        defer { if isMounted { umount2(second, Int32(MNT_DETACH)) } }
        for access in [CheckpointStore.Access.readOnly, .readWrite] {
            #expect(throws: StoreError.locked(path: second, seconds: 0.1)) {
                try CheckpointStore.open(at: second, access: access, options: StoreOptions(busyTimeout: 0.1))
            }
        }
        // One after the other.
        store.rest()
        let other = try CheckpointStore.open(at: second, access: .readWrite)
        let more = try other.createRun(description("more"))
        try store.save(checkpoint(step: 2), in: run.id, isBest: false)
        store.rest()
        try other.save(checkpoint(step: 7), in: more.id, isBest: false)
        #expect(try store.loadCheckpoint(.latest, of: more.id) == checkpoint(step: 7))
        store.rest()
        #expect(try other.loadCheckpoint(.latest, of: run.id) == checkpoint(step: 2))
        try other.close()
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite", "the second.sqlite"])
    }

    /// Each attempt to open it has to wait: together they wait no longer than one.
    @Test(arguments: ["WAL", "DELETE"]) func anExclusiveLockIsGivenUpOnAfterTheTimeThatIsSaid(mode: String) throws {
        let folder = try TemporaryFolder()
        try CheckpointStore.open(at: folder.store, access: .readWrite).close()
        let holder = try DatabaseQueue(path: folder.store)
        try holder.inDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = \(mode)")
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try database.execute(sql: "BEGIN EXCLUSIVE")
            let waits = Waits()
            let options = StoreOptions(busyTimeout: 0.2, prepare: { database in waits.opened(database) })
            let error = try storeError {
                _ = try CheckpointStore.open(at: folder.store, access: .readWrite, options: options)
            }
            #expect(error == .locked(path: folder.store, seconds: 0.2))
            // The first one waits for all of the time; another one has none left.
            #expect(waits.count <= 2)
            // What the programs wait for.
            #expect(StoreOptions().busyTimeout == 10)
            try database.execute(sql: "ROLLBACK")
        }
        try holder.close()
    }
}

/// Counts connections, from any thread.
private final class Waits: @unchecked Sendable {
    private let lock = NSLock()
    private var opened = 0
    var count: Int { lock.withLock { opened } }
    func opened(_ database: Database) { lock.withLock { opened += 1 } }
}

private struct NotRefused: Error {}
