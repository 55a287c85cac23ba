import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

@Suite struct SavingAndLoadingTests {
    @Test func everythingComesBackBitForBit() throws {
        let folder = try TemporaryFolder()
        let special: [Float] = [
            0, -0.0, .nan, .signalingNaN, .infinity, -.infinity, .leastNonzeroMagnitude,
            Float(bitPattern: 0xffc1_2345), Float(bitPattern: 0x7f80_0001), .greatestFiniteMagnitude,
        ]
        var saved = checkpoint(step: 3, loss: 1.25, state: #"{"seed":18446744073709551615,"é":"ü"}"#)
        saved.sections[.state]?["special"] = Tensor(special, shape: [2, 5])
        saved.sections[.parameter]?["scalar"] = Tensor(Float(0.1))
        saved.sections[.parameter]?["nothing"] = Tensor([Float](), shape: [3, 0, 2])
        saved.sections[.parameter]?["重み.ü '\"%;--"] = tensor([1, 2, 3, 4], seed: 9)

        var store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        try store.save(saved, in: run.id, isBest: true)
        #expect(try store.loadCheckpoint(.best, of: run.id) == saved)
        try store.close()

        store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let loaded = try store.loadCheckpoint(.latest, of: run.id)
        #expect(loaded == saved)
        #expect(loaded.sections[.parameter]?.names == saved.sections[.parameter]?.names)
        let back = try #require(loaded.sections[.state]?["special"]?.values)
        #expect(back.map(\.bitPattern) == special.map(\.bitPattern))
        try store.close()
    }

    @Test(arguments: [4, 12, 16, 60, 64])
    func tensorsAreCutIntoChunks(bytes: Int) throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(
            at: folder.store, access: .readWrite, options: StoreOptions(chunkBytes: bytes))
        let run = try store.createRun(description())
        let saved = checkpoint(step: 1)
        try store.save(saved, in: run.id, isBest: false)
        #expect(try store.loadCheckpoint(.latest, of: run.id) == saved)
        try store.close()
        let rows = try DatabaseQueue(path: folder.store).read { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM tensor WHERE name = 'rnn.weight_hh_l0'")
        }
        #expect(rows == (60 + bytes - 1) / bytes)
    }

    @Test func sectionsCanBeLoadedAlone() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        let saved = checkpoint(step: 1)
        try store.save(saved, in: run.id, isBest: true)
        let weights = try store.loadCheckpoint(.best, of: run.id, sections: [.parameter])
        #expect(weights.sections == [.parameter: try #require(saved.sections[.parameter])])
        #expect(weights.state == saved.state)
        try store.close()
    }

    @Test func theLastTwoAndTheBestStay() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description()), other = try store.createRun(description())
        try store.save(checkpoint(step: 1), in: other.id, isBest: false)
        for step in 1...6 {
            try store.save(checkpoint(step: step, loss: Double(step)), in: run.id, isBest: step == 2)
        }
        let kept = try store.checkpoints(of: run.id)
        #expect(kept.map(\.step) == [2, 5, 6])
        #expect(kept.map(\.isBest) == [true, false, false])
        #expect(kept.map(\.isLatest) == [false, false, true])
        #expect(kept.map(\.validationLoss) == [2, 5, 6])
        #expect(try store.loadCheckpoint(.step(5), of: run.id) == checkpoint(step: 5, loss: 5))
        #expect(try store.checkpoints(of: other.id).map(\.step) == [1])

        try store.save(checkpoint(step: 7), in: run.id, isBest: true)
        #expect(try store.checkpoints(of: run.id).map(\.step) == [6, 7])
        try store.save(checkpoint(step: 8), in: run.id, isBest: false, retention: .last(1))
        #expect(try store.checkpoints(of: run.id).map(\.step) == [7, 8])
        for step in 9...12 { try store.save(checkpoint(step: step), in: run.id, isBest: false, retention: .all) }
        #expect(try store.checkpoints(of: run.id).map(\.step) == [7, 8, 9, 10, 11, 12])
        #expect(throws: StoreError.noCheckpoint(run: run.name, wanted: "step-6", path: folder.store)) {
            try store.loadCheckpoint(.step(6), of: run.id)
        }
        try store.close()
    }

    /// After going back, a step may come again with other weights.
    @Test func aStepCanBeSavedTwice() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        var again = checkpoint(step: 5)
        again.sections[.parameter]?["rnn.bias"] = tensor([7], seed: 99)
        try store.save(checkpoint(step: 5), in: run.id, isBest: true)
        try store.save(again, in: run.id, isBest: false)
        #expect(try store.loadCheckpoint(.best, of: run.id) == checkpoint(step: 5))
        #expect(try store.loadCheckpoint(.latest, of: run.id) == again)
        #expect(try store.loadCheckpoint(.step(5), of: run.id) == again)
        try store.close()
    }

    @Test func theFileStopsGrowing() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        var sizes: [Int] = []
        for step in 1...8 {
            try store.save(checkpoint(step: step, shape: [300, 400]), in: run.id, isBest: step == 1)
            sizes.append(try folder.size("jacquard.sqlite"))
        }
        // Three checkpoints of 480 kB: the best and the last two.
        #expect(sizes[1] > sizes[0] + 400_000)
        #expect(Set(sizes[2...]).count == 1)
        #expect(sizes[7] < 1_700_000)
        try store.close()
    }

    @Test func aLossThatIsNotFiniteIsAnEvent() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        try store.save(checkpoint(step: 1, loss: .nan), in: run.id, isBest: true)
        #expect(try store.checkpoints(of: run.id).map(\.isBest) == [false])
        #expect(try store.checkpoints(of: run.id).map(\.validationLoss) == [nil])
        #expect(try store.events(of: run.id).map(\.message) == ["validation_loss is nan"])
        try store.close()
    }

    /// Before the first of them GRDB ends what it binds and what it reads.
    @Test func samplesMayHoldNULs() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        let samples = ["\0", "a\0b\0", "", "é\u{1}"].enumerated().map { step, text in
            SampleRecord(step: step, temperature: 1, seed: 1, text: text)
        }
        try store.record(History(samples: samples), in: run.id)
        try store.save(checkpoint(step: 9), in: run.id, isBest: true)
        try store.setStatus(.finished, of: run.id)
        #expect(try store.samples(of: run.id) == samples)
        try store.export(run.id, to: folder.file("copy.sqlite"))
        try store.close()
        _ = try CheckpointStore.repair(folder.store, into: folder.file("repaired.sqlite"))
        for name in ["copy.sqlite", "repaired.sqlite"] {
            let copy = try CheckpointStore.open(at: folder.file(name), access: .readOnly)
            #expect(try copy.samples(of: copy.run(named: "run").id) == samples, "\(name)")
            try copy.close()
        }
        // Text it is all the same.
        let stored = try DatabaseQueue(path: folder.store).read { database in
            try Row.fetchAll(database, sql: "SELECT typeof(text) AS type, hex(text) AS bytes FROM sample ORDER BY step")
        }
        #expect(stored.map { $0["type"] as String } == ["text", "text", "text", "text"])
        #expect(stored.map { $0["bytes"] as String } == ["00", "61006200", "", "C3A901"])
    }

    @Test func aStateThatIsNotJSONIsRefused() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description())
        let error = try storeError { try store.save(checkpoint(step: 1, state: "{,"), in: run.id, isBest: false) }
        guard case .json = error else {
            Issue.record("\(error)")
            return
        }
        #expect(try store.checkpoints(of: run.id).isEmpty)
        try store.close()
    }
}
