import Checkpoints
import Foundation
import TensorCore
import Testing
import TestSupport

@Suite struct RunTests {
    @Test func aRunComesBack() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let before = Date().addingTimeInterval(-1)
        let run = try store.createRun(description("sonnets"))
        #expect(run.name == "sonnets" && run.kind == "charnn" && run.status == .running)
        #expect(run.createdAt > before && run.createdAt < Date().addingTimeInterval(1))
        #expect(String(decoding: run.configuration, as: UTF8.self) == #"{"cell":"lstm","hidden":[256,128],"seed":1}"#)
        #expect(String(decoding: run.corpus, as: UTF8.self) == #"{"characters":1115394,"paths":["a/b.txt"]}"#)
        #expect(try run.configuration(as: Settings.self) == Settings())
        #expect(try run.corpus(as: CorpusNote.self) == CorpusNote())
        #expect(try store.run(named: "sonnets") == run)

        try store.setStatus(.finished, of: run.id)
        try store.setConfiguration(Settings(seed: 2), of: run.id)
        try store.rename(run.id, to: "sonnets of 1609")
        let changed = try store.run(run.id)
        #expect(changed.status == .finished && changed.name == "sonnets of 1609")
        #expect(try changed.configuration(as: Settings.self).seed == 2)
        try store.close()
    }

    @Test func whatIsOpenedToReadIsNotChanged() throws {
        let folder = try TemporaryFolder()
        let written = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try written.createRun(description("x"))
        try written.save(checkpoint(step: 1), in: run.id, isBest: false)
        try written.setStatus(.finished, of: run.id)
        try written.close()
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let found = try store.run(named: "x"), checkpoints = try store.checkpoints(of: run.id)
        for change: (CheckpointStore) throws -> Void in [
            { _ = try $0.createRun(description("y")) }, { try $0.rename(run.id, to: "y") }, { try $0.remove(run.id) },
            { try $0.take(run.id) }, { try $0.save(checkpoint(step: 2), in: run.id, isBest: true) },
        ] {
            #expect(throws: StoreError.openedReadOnly(path: folder.store)) { try change(store) }
        }
        #expect(try store.runs() == [found] && store.checkpoints(of: run.id) == checkpoints)
        try store.close()
    }

    @Test func namesAreMadeFromTheCorpus() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        func name(_ base: String) throws -> String { try store.createRun(description(base: base)).name }
        #expect(try name("tinyshakespeare") == "tinyshakespeare-1")
        #expect(try name("tinyshakespeare") == "tinyshakespeare-2")
        #expect(try name("  my text (v2)!! ") == "my-text-v2-1")
        #expect(try name("草枕") == "草枕-1")
        #expect(try name("///") == "charnn-1")
        _ = try store.createRun(description("tinyshakespeare-41"))
        _ = try store.createRun(description("tinyshakespeare-x"))
        _ = try store.createRun(description("tinyshakespeare-99999999999999999999999"))
        #expect(try name("tinyshakespeare") == "tinyshakespeare-42")
        try store.close()
    }

    @Test(arguments: ["a b", "名前", "q'); DROP TABLE run;--", "100%", "🎭", "e\u{301}", "a/b", "*"])
    func oddNamesWork(name: String) throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description(name))
        try store.save(checkpoint(step: 1), in: run.id, isBest: true)
        #expect(try store.run(named: name).id == run.id)
        #expect(try store.run(RunSelection(name), kind: "charnn").id == run.id)
        #expect(throws: StoreError.nameTaken(name: name, path: folder.store)) {
            try store.createRun(description(name))
        }
        try store.close()
    }

    @Test(arguments: ["", " ", "a\n", "a\nb", "a\u{7f}", "latest", "best", "-x", String(repeating: "x", count: 201)])
    func impossibleNamesAreRefused(name: String) throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let error = try storeError { _ = try store.createRun(description(name)) }
        guard case .invalidRunName(name: name, reason: _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(try store.runs().isEmpty)
        try store.close()
    }

    @Test func twoSpellingsOfALetterAreOneName() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("caf\u{e9}"))
        #expect(try store.run(named: "cafe\u{301}") == run)
        #expect(throws: StoreError.self) { try store.createRun(description("cafe\u{301}")) }
        try store.close()
    }

    @Test func theRunThatIsMeantIsFound() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let path = folder.store
        #expect(throws: StoreError.noRuns(path: path, kind: "charnn")) { try store.run(.latest, kind: "charnn") }
        let picture = try store.createRun(description("digits", kind: "ae"))
        #expect(throws: StoreError.noRuns(path: path, kind: "charnn")) {
            try store.run(RunSelection(nil), kind: "charnn")
        }
        let old = try store.createRun(description("old")), new = try store.createRun(description("new"))
        #expect(throws: StoreError.noCheckpoint(run: "new", wanted: "best", path: path)) {
            try store.run(RunSelection(nil), kind: "charnn")
        }
        try store.save(checkpoint(step: 1), in: old.id, isBest: true)
        try store.save(checkpoint(step: 1), in: new.id, isBest: false)
        try store.save(checkpoint(step: 1), in: picture.id, isBest: true)
        #expect(try store.run(RunSelection(nil), kind: "charnn").name == "old")
        #expect(try store.run(RunSelection("latest"), kind: "charnn").name == "new")
        #expect(try store.run(RunSelection("new"), kind: "charnn").name == "new")
        #expect(throws: StoreError.wrongKind(run: "digits", kind: "ae", expected: "charnn")) {
            try store.run(RunSelection("digits"), kind: "charnn")
        }
        #expect(try store.runs().map(\.name) == ["new", "old", "digits"])
        #expect(try store.runs(kind: "ae").map(\.name) == ["digits"])
        try store.close()
    }

    @Test func aNameThatIsNotThereGivesThoseNearIt() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        #expect(throws: StoreError.noRuns(path: folder.store, kind: nil)) { try store.run(named: "x") }
        for name in ["tinyshakespeare-1", "tinyshakespeare-2", "sonnets", "kokoro"] {
            _ = try store.createRun(description(name))
        }
        func near(_ name: String) throws -> [String] {
            let error = try storeError { _ = try store.run(named: name) }
            guard case .unknownRun(name, let near, folder.store) = error else { return ["\(error)"] }
            return near
        }
        #expect(try near("sonets") == ["sonnets"])
        #expect(try near("Kokoro") == ["kokoro"])
        #expect(try near("tinyshakespeare") == ["tinyshakespeare-2", "tinyshakespeare-1"])
        #expect(try near("zzzzzz") == [])
        #expect(throws: StoreError.unknownRun(name: "nope", near: [], path: folder.store)) {
            try store.run(.named("nope"), kind: "charnn")
        }
        #expect(throws: StoreError.noRuns(path: folder.store, kind: "ae")) { try store.run(.named("nope"), kind: "ae") }
        #expect("\(StoreError.unknownRun(name: "nope", near: [], path: "p"))".contains("None has a name like it."))
        let message = "\(StoreError.unknownRun(name: "a", near: ["b", "c", "d"], path: "p"))"
        #expect(message.hasPrefix("there is no run named 'a' in p. Did you mean 'b', 'c' or 'd'?"))
        try store.close()
    }

    @Test func whatHappenedIsRecorded() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        func metric(_ step: Int, _ value: Double) -> MetricRecord {
            MetricRecord(step: step, epoch: 0.5, name: "training_loss", value: value, seconds: 2)
        }
        let sample = SampleRecord(step: 3, temperature: 0.8, seed: .max, text: "Ã\u{0301}\n王様")
        try store.record(History(metrics: [metric(2, 3), metric(10, 1), metric(1, 4)], samples: [sample]), in: run.id)
        try store.save(
            checkpoint(step: 10), in: run.id, isBest: false,
            with: History(
                metrics: [metric(10, 1.5), metric(11, .infinity)],
                events: [EventRecord(time: Date(timeIntervalSince1970: 1.5), kind: "started", message: "x")]))
        #expect(try store.metrics(named: "training_loss", of: run.id) == [metric(1, 4), metric(2, 3), metric(10, 1.5)])
        #expect(try store.metrics(named: "other", of: run.id).isEmpty)
        #expect(try store.samples(of: run.id) == [sample])
        let events = try store.events(of: run.id)
        #expect(events.map(\.kind) == ["not_finite", "started"])
        #expect(events[0].message == "training_loss is inf" && events[0].step == 11)
        #expect(events[1].time == Date(timeIntervalSince1970: 1.5))

        try store.forgetHistory(after: 2, of: run.id)
        #expect(try store.metrics(of: run.id).map(\.step) == [1, 2])
        #expect(try store.samples(of: run.id).isEmpty)
        #expect(try store.events(of: run.id).count == 2)
        try store.close()
    }
}
