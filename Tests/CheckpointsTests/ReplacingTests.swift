import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// An export takes the place of nothing that somebody needs.
@Suite struct ReplacingTests {
    /// A store to export from, with a run "run", and one at `target.sqlite` with a run "other".
    private func makeTwo(in folder: TemporaryFolder) throws -> (store: CheckpointStore, run: Run, target: String) {
        try makeFullStore(at: folder.store)
        let target = folder.file("target.sqlite"), other = try CheckpointStore.open(at: target, access: .readWrite)
        let run = try other.createRun(description("other"))
        try other.save(checkpoint(step: 1, shape: [90, 90]), in: run.id, isBest: true)
        try other.setStatus(.finished, of: run.id)
        try other.close()
        let options = StoreOptions(busyTimeout: 0.1)
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly, options: options)
        return (store, try store.run(named: "run"), target)
    }

    private func runNames(_ path: String) throws -> [String] {
        let store = try CheckpointStore.open(at: path, access: .readOnly)
        defer { try? store.close() }
        for run in try store.runs() { _ = try store.loadCheckpoint(.latest, of: run.id) }
        return try store.runs().map(\.name)
    }

    @Test func aStoreThatAnotherProcessHasOpenIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let (store, run, target) = try makeTwo(in: folder)
        let holder = try Tool("hold", target)
        #expect(holder.readSome() == "holding\n")
        #expect(throws: StoreError.inUse(path: target)) { try store.export(run.id, to: target, overwrite: true) }
        #expect(holder.wait().output == "released")
        #expect(try runNames(target) == ["other"])
        try store.export(run.id, to: target, overwrite: true)
        #expect(try runNames(target) == ["run"])
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite", "target.sqlite"])
    }

    /// Of a store without a log nothing tells that somebody reads it but its lock.
    @Test func aStoreThatAnotherProcessReadsIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let (store, run, target) = try makeTwo(in: folder)
        try edit(target, "PRAGMA journal_mode = DELETE")
        let reader = try Tool("hold-reading", target)
        #expect(reader.readSome() == "holding\n")
        #expect(throws: StoreError.inUse(path: target)) { try store.export(run.id, to: target, overwrite: true) }
        #expect(reader.wait().output == "released")
        #expect(try runNames(target) == ["other"])
        try store.export(run.id, to: target, overwrite: true)
        #expect(try runNames(target) == ["run"])
        try store.close()
    }

    /// Its process has it open only while it saves.
    @Test func aStoreInWhichARunIsBeingTrainedIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let (store, run, target) = try makeTwo(in: folder)
        let training = try CheckpointStore.open(at: target, access: .readWrite)
        let other = try training.createRun(description("trained"))
        try training.save(checkpoint(step: 1), in: other.id, isBest: true)
        training.rest()
        #expect(throws: StoreError.inUse(path: target)) { try store.export(run.id, to: target, overwrite: true) }
        try training.save(checkpoint(step: 2), in: other.id, isBest: false)
        try training.close()
        #expect(try runNames(target) == ["trained", "other"])
        try store.export(run.id, to: target, overwrite: true)
        #expect(try runNames(target) == ["run"])
        try store.close()
    }

    /// What was killed left a log beside the store, which would be taken for that of the new one.
    @Test func aStoreWhoseProcessWasKilledIsReplacedWithItsLog() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        let target = folder.file("target.sqlite")
        #expect(try Tool("save", target, "killed", "1").wait().status == 0)
        #expect(try Tool("die", target, "killed", "PRAGMA busy_timeout", "1").wait().status == -9)
        #expect(try folder.size("target.sqlite-wal") > 0)
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        try store.export(store.run(named: "run").id, to: target, overwrite: true)
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite", "target.sqlite"])
        #expect(try runNames(target) == ["run"])
    }

    @Test(arguments: ["-wal", "-shm", "-journal"]) func filesBesideTheNewOneAreNotTouched(ending: String) throws {
        let folder = try TemporaryFolder()
        let (store, run, _) = try makeTwo(in: folder)
        for (name, overwrite) in [("new.sqlite", false), ("text.txt", true)] {
            let path = folder.file(name)
            if overwrite { try Data("mine".utf8).write(to: URL(fileURLWithPath: path)) }
            for other in [ending, ".partial"] {
                try Data("mine too".utf8).write(to: URL(fileURLWithPath: path + other))
            }
            #expect(throws: StoreError.besideIt(path: path, other: path + ending)) {
                try store.export(run.id, to: path, overwrite: overwrite)
            }
            for other in [ending, ".partial"] {
                #expect(try String(contentsOfFile: path + other, encoding: .utf8) == "mine too")
            }
            try FileManager.default.removeItem(atPath: path + ending)
            try store.export(run.id, to: path, overwrite: overwrite)
            #expect(try String(contentsOfFile: path + ".partial", encoding: .utf8) == "mine too")
            #expect(try runNames(path) == ["run"])
        }
        try store.close()
        #expect(!folder.contents.contains { $0.contains("partial-") })
    }

    @Test func throughALinkItIsTheFileThatTheLinkLeadsTo() throws {
        let folder = try TemporaryFolder()
        let (store, run, target) = try makeTwo(in: folder)
        let link = folder.file("link.sqlite"), loose = folder.file("loose.sqlite")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target.sqlite")
        try FileManager.default.createSymbolicLink(atPath: loose, withDestinationPath: "not yet.sqlite")
        try store.export(run.id, to: link, overwrite: true)
        try store.export(run.id, to: loose)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target.sqlite")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: loose) == "not yet.sqlite")
        #expect(try runNames(target) == ["run"] && runNames(folder.file("not yet.sqlite")) == ["run"])
        // A link to the store itself is the store itself.
        let own = folder.file("own.sqlite")
        try FileManager.default.createSymbolicLink(atPath: own, withDestinationPath: "jacquard.sqlite")
        #expect(throws: StoreError.storeItself(path: own)) { try store.export(run.id, to: own, overwrite: true) }
        try store.close()
    }

    /// Neither a pipe nor a device is a file that could be replaced, nor is a link to one.
    @Test func whatIsNoFileIsNotReplaced() throws {
        let folder = try TemporaryFolder()
        let (store, run, _) = try makeTwo(in: folder)
        let pipe = folder.file("pipe"), link = folder.file("link.sqlite")
        #expect(mkfifo(pipe, 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "pipe")
        for path in [pipe, link, "/dev/null"] {
            #expect(throws: StoreError.notAFile(path: path)) { try store.export(run.id, to: path, overwrite: true) }
        }
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite", "link.sqlite", "pipe", "target.sqlite"])
    }

    @Test func rightsAreThoseOfTheFileOrTheUsualOnes() throws {
        let folder = try TemporaryFolder()
        let (store, run, target) = try makeTwo(in: folder)
        let before = umask(0o002)
        defer { umask(before) }
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        chmod(target, 0o600)
        try store.export(run.id, to: target, overwrite: true)
        try store.export(run.id, to: folder.file("new.sqlite"))
        #expect(try mode(target) == 0o600 && mode(folder.file("new.sqlite")) == 0o664)
        try makeFullStore(at: folder.file("group.sqlite"))
        #expect(try mode(folder.file("group.sqlite")) == 0o664)
        try store.close()
    }

    @Test(arguments: [false, true]) func severalAtOnceLeaveOneWholeFile(overwrite: Bool) throws {
        let folder = try TemporaryFolder(), target = folder.file("target.sqlite")
        try makeFullStore(at: folder.store)
        let tools = try (0..<4).map { _ in try Tool("export", folder.store, "run", target, "\(overwrite)") }
        let results = tools.map { $0.wait() }
        #expect(results.contains { $0.status == 0 }, "\(results)")
        for result in results where result.status != 0 {
            #expect(result.output.contains(overwrite ? "another program has open" : "exists already"))
        }
        if !overwrite { #expect(results.filter { $0.status == 0 }.count == 1) }
        #expect(try runNames(target) == ["run"])
        #expect(folder.contents == ["jacquard.sqlite", "target.sqlite"])
    }

    /// The copy is not to blame.
    @Test func aDamagedSourceIsNamed() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        try force("NULL", into: "step", of: "sample", in: folder.store)
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let run = try store.run(named: "run"), target = folder.file("copy.sqlite")
        #expect("\(try storeError { try store.export(run.id, to: target) })".hasPrefix("\(folder.store) is damaged"))
        try store.close()
        try edit(folder.store, "UPDATE sample SET step = 1")
        try edit(folder.store, "UPDATE tensor SET data = zeroblob(length(data)) WHERE name = 'rnn.weight_hh_l0'")
        let again = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let error = try storeError { try again.export(run.id, to: target) }
        #expect("\(error)".hasPrefix("\(folder.store) is damaged: in the table tensor"), "\(error)")
        try again.close()
        #expect(folder.contents == ["jacquard.sqlite"])
    }

    @Test func foldersAreNotExported() throws {
        let folder = try TemporaryFolder()
        let (store, run, _) = try makeTwo(in: folder)
        try edit(
            folder.store,
            #"UPDATE run SET corpus = '{"paths":["/home/ada/secret/a.txt","-","b.txt"],"held_out_paths":["/x/y"],"n":1.50}', corpus_crc32 = NULL"#
        )
        let target = folder.file("copy.sqlite")
        try store.export(run.id, to: target)
        let copy = try CheckpointStore.open(at: target, access: .readOnly)
        let corpus = String(decoding: try copy.run(named: "run").corpus, as: UTF8.self)
        #expect(corpus == #"{"paths":["a.txt","-","b.txt"],"held_out_paths":["y"],"n":1.50}"#)
        try copy.close()
        try store.close()
    }
}
