import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// What was saved is what is read, or an error.
@Suite struct ChecksumTests {
    /// ISO 3309, one bit at a time.
    private func crc32(_ bytes: some Sequence<UInt8>) -> Int {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return Int(~crc)
    }

    @Test(arguments: [32 << 20, 16]) func everyRowHasItsChecksum(chunkBytes: Int) throws {
        #expect(crc32("123456789".utf8) == 0xcbf4_3926)
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, chunkBytes: chunkBytes)
        let queue = try DatabaseQueue(path: folder.store)
        let rows = try queue.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT data, crc32 FROM tensor UNION ALL SELECT data, crc32 FROM code
                    UNION ALL SELECT CAST(configuration AS BLOB), configuration_crc32 FROM run
                    UNION ALL SELECT CAST(corpus AS BLOB), corpus_crc32 FROM run
                    UNION ALL SELECT CAST(state AS BLOB), state_crc32 FROM checkpoint
                    UNION ALL SELECT data, crc32 FROM text UNION ALL SELECT title, title_crc32 FROM text
                    UNION ALL SELECT CAST(settings AS BLOB), settings_crc32 FROM text
                    """)
        }
        #expect(rows.count > (chunkBytes == 16 ? 1000 : 10))
        for row in rows { #expect(crc32(row["data"] as Data) == row["crc32"] as Int?) }
        try queue.close()
    }

    /// The check sum of nothing is 0.
    @Test func whatIsEmptyHasItsChecksumToo() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        try store.saveCodes([StoredCode(name: "a.png", label: nil, step: 2, values: [])], of: run.id)
        _ = try store.createText(title: "", text: "", settings: Data("{}".utf8))
        try store.close()
        let found = try DatabaseQueue(path: folder.store).read { database in
            try Int.fetchAll(
                database,
                sql: """
                    SELECT crc32 FROM code UNION ALL SELECT crc32 FROM text UNION ALL SELECT title_crc32 FROM text
                    """)
        }
        #expect(found == [0, 0, 0])
        try readAll(folder.store)
    }

    /// One bit, in one number of each section and in every other column that has a checksum.
    @Test func aFlippedBitIsNoticed() throws {
        let folder = try TemporaryFolder(), original = folder.file("original.sqlite")
        try makeFullStore(at: original)
        for name in ["rnn.weight_hh_l0", "rnn.bias", "running_mean", "adam.m.rnn.bias", "hidden.0"] {
            try? FileManager.default.removeItem(atPath: folder.store)
            try FileManager.default.copyItem(atPath: original, toPath: folder.store)
            let queue = try DatabaseQueue(path: folder.store)
            try queue.write { database in
                var data = try #require(
                    try Data.fetchOne(database, sql: "SELECT data FROM tensor WHERE name = ?", arguments: [name]))
                data[5] ^= 1
                try database.execute(sql: "UPDATE tensor SET data = ? WHERE name = ?", arguments: [data, name])
            }
            try queue.close()
            let error = try storeError { try readAll(folder.store) }
            guard case .damagedTensor(name, "run", _, let reason, folder.store) = error else {
                Issue.record("\(name): \(error)")
                continue
            }
            #expect(reason.contains("checksum"))
        }
        for (table, column) in [
            ("run", "configuration"), ("run", "corpus"), ("checkpoint", "state"), ("text", "settings"),
            ("text", "title"), ("text", "data"),
        ] {
            try? FileManager.default.removeItem(atPath: folder.store)
            try FileManager.default.copyItem(atPath: original, toPath: folder.store)
            let damaged = "replace(CAST(\(column) AS TEXT), '1', '3') || ' '"
            let isBytes = ["title", "data"].contains(column)
            try edit(
                folder.store, "UPDATE \(table) SET \(column) = \(isBytes ? "CAST(\(damaged) AS BLOB)" : damaged)")
            let error = try storeError { try readAll(folder.store) }
            guard case .damagedValue(table, _, column, let reason, folder.store) = error else {
                Issue.record("\(column): \(error)")
                continue
            }
            #expect(reason.contains("checksum"))
        }
        try? FileManager.default.removeItem(atPath: folder.store)
        try FileManager.default.copyItem(atPath: original, toPath: folder.store)
        try edit(folder.store, "UPDATE code SET data = x'0000803f0000004000004041'")
        #expect("\(try storeError { try readAll(folder.store) })".contains("table code"))
    }

    /// The rows of one tensor under the name of another: each is whole, and not what was asked for.
    @Test func anIndexThatLeadsElsewhereIsNoticed() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        var saved = checkpoint(step: 1)
        saved.sections = [
            .parameter: NamedTensors([
                (name: "a", tensor: tensor([8], seed: 1)), (name: "b", tensor: tensor([8], seed: 2)),
            ])
        ]
        try store.save(saved, in: run.id, isBest: true)
        try store.close()
        // The records change names where they are; the index still says which is which.
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.store)))
        for letter in ["a", "b"] {
            let record = Array("parameter\(letter)[8]".utf8)
            let place = try #require(bytes.indices.first { bytes[$0...].starts(with: record) })
            bytes[place + 9] = UInt8(ascii: letter == "a" ? "c" : "a")
        }
        let last = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("parameterc[8]".utf8)) })
        bytes[last + 9] = UInt8(ascii: "b")
        try Data(bytes).write(to: URL(fileURLWithPath: folder.store))
        let error = try storeError { try readAll(folder.store) }
        guard case .damagedTensor(_, "run", 1, let reason, folder.store) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.contains("there is another one"))
    }
}
