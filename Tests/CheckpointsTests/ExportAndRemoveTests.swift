import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

@Suite struct ExportAndRemoveTests {
    /// A store with two runs, closed: "old" with three checkpoints and a history, and "new".
    private func makeStore(in folder: TemporaryFolder) throws {
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let old = try store.createRun(description("old")), new = try store.createRun(description("new"))
        for step in 1...3 {
            var saved = checkpoint(step: step, loss: 2, shape: [200, 300])
            saved.sections[.parameter]?["nothing"] = Tensor([Float](), shape: [0, 2])
            try store.save(saved, in: old.id, isBest: step == 1)
        }
        try store.record(
            History(
                metrics: [MetricRecord(step: 3, epoch: 1, name: "training_loss", value: 2, seconds: 9)],
                samples: [SampleRecord(step: 3, temperature: 1, seed: 4, text: "o")],
                events: [EventRecord(kind: "started", message: "now")]),
            in: old.id)
        try store.save(checkpoint(step: 4), in: new.id, isBest: true)
        try store.close()
    }

    @Test func aRunIsCopiedWhole() throws {
        let folder = try TemporaryFolder()
        try makeStore(in: folder)
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let run = try store.run(named: "old")
        let target = folder.file("deep/er/copy.sqlite")
        try store.export(run.id, to: target)
        let copy = try CheckpointStore.open(at: target, access: .readWrite)
        let copied = try #require(try copy.runs().first)
        #expect(try copy.runs().count == 1)
        #expect(copied.name == "old" && copied.status == .interrupted && copied.createdAt == run.createdAt)
        #expect(copied.configuration == run.configuration)
        // Names without folders.
        #expect(try copied.corpus(as: CorpusNote.self) == CorpusNote(paths: ["b.txt"]))
        #expect(try copy.checkpoints(of: copied.id) == store.checkpoints(of: run.id))
        for step in 1...3 {
            #expect(
                try copy.loadCheckpoint(.step(step), of: copied.id) == store.loadCheckpoint(.step(step), of: run.id))
        }
        #expect(try copy.metrics(of: copied.id) == store.metrics(of: run.id))
        #expect(try copy.samples(of: copied.id) == store.samples(of: run.id))
        #expect(try copy.events(of: copied.id) == store.events(of: run.id))
        // It is a store like any other: training goes on in it.
        try copy.save(checkpoint(step: 9), in: copied.id, isBest: false)
        #expect(try copy.createRun(description("another")).id != copied.id)
        try copy.close()
        try store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("deep/er")) == ["copy.sqlite"])
        #expect(folder.contents == ["deep", "jacquard.sqlite"])
    }

    @Test func weightsOnlyIsWhatSamplingNeeds() throws {
        let folder = try TemporaryFolder()
        try makeStore(in: folder)
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let run = try store.run(named: "old")
        let best = try store.loadCheckpoint(.best, of: run.id)
        try store.export(run.id, to: folder.file("weights.sqlite"), weightsOnly: true)
        try store.close()
        let copy = try CheckpointStore.open(at: folder.file("weights.sqlite"), access: .readOnly)
        let copied = try copy.run(.newestWithBest, kind: "charnn")
        #expect(try copy.checkpoints(of: copied.id).count == 1)
        for selection in [CheckpointSelection.best, .latest] {
            let loaded = try copy.loadCheckpoint(selection, of: copied.id)
            #expect(loaded.sections == best.sections.filter { [.parameter, .buffer].contains($0.key) })
            #expect(loaded.state == best.state && loaded.step == 1)
        }
        try copy.close()
        #expect(try folder.size("weights.sqlite") < folder.size("jacquard.sqlite") / 2)
    }

    @Test func nothingIsOverwrittenUnasked() throws {
        let folder = try TemporaryFolder()
        try makeStore(in: folder)
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let run = try store.run(named: "new"), target = folder.file("notes.txt")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: target))
        #expect(throws: StoreError.exportExists(path: target)) { try store.export(run.id, to: target) }
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
        #expect(throws: StoreError.folder(path: folder.path)) {
            try store.export(run.id, to: folder.path, overwrite: true)
        }
        // The store itself is not, even when asked.
        let itself = folder.file("./jacquard.sqlite")
        #expect(throws: StoreError.storeItself(path: itself)) {
            try store.export(run.id, to: itself, overwrite: true)
        }
        try store.export(run.id, to: target, overwrite: true)
        #expect(try CheckpointStore.open(at: target, access: .readOnly).runs().map(\.name) == ["new"])
        #expect(try store.runs().count == 2)
        try store.close()
    }

    @Test func aFailedExportLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("empty"))
        #expect(throws: StoreError.noCheckpoint(run: "empty", wanted: "best", path: folder.store)) {
            try store.export(run.id, to: folder.file("copy.sqlite"), weightsOnly: true)
        }
        try store.close()
        #expect(folder.contents == ["jacquard.sqlite"])
    }

    @Test func removingGivesTheSpaceBack() throws {
        let folder = try TemporaryFolder()
        try makeStore(in: folder)
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let before = try folder.size("jacquard.sqlite")
        let run = try store.run(named: "old")
        try store.remove(run.id)
        #expect(before > 600_000)
        #expect(try folder.size("jacquard.sqlite") < 200_000)
        #expect(try store.runs().map(\.name) == ["new"])
        #expect(throws: StoreError.runRemoved(path: folder.store)) { try store.remove(run.id) }
        #expect(throws: StoreError.runRemoved(path: folder.store)) {
            try store.save(checkpoint(step: 9), in: run.id, isBest: false)
        }
        #expect(throws: StoreError.runRemoved(path: folder.store)) {
            try store.record(History(events: [EventRecord(kind: "x", message: "y")]), in: run.id)
        }
        let new = try store.run(named: "new")
        #expect(try store.loadCheckpoint(.best, of: new.id) == checkpoint(step: 4))
        // The number of a removed run is not given to another.
        try store.remove(new.id)
        #expect(try store.createRun(description("third")).id != new.id)
        try store.close()
        let left = try DatabaseQueue(path: folder.store).read { database in
            try ["checkpoint", "tensor", "metric", "sample", "event"].map {
                try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)")
            }
        }
        #expect(left == [0, 0, 0, 0, 0])
    }
}
