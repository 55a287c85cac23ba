import Checkpoints
import Digests
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

@Suite struct GuideTests {
    private static let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Documentation/CheckpointStore.md")

    /// What stands between ```language and ``` in the guide.
    private func blocks(_ language: String) throws -> [String] {
        let text = try String(contentsOf: Self.guide, encoding: .utf8)
        return text.components(separatedBy: "```\(language)\n").dropFirst()
            .map { $0.components(separatedBy: "\n```")[0] }
    }

    private func makeStore(in folder: TemporaryFolder, chunkBytes: Int = 32 << 20) throws -> NamedTensors {
        let store = try CheckpointStore.open(
            at: folder.store, access: .readWrite, options: StoreOptions(chunkBytes: chunkBytes))
        let useless = try store.createRun(description("a-run-nobody-needs"))
        try store.save(checkpoint(step: 1, shape: [64, 64]), in: useless.id, isBest: false)
        let run = try store.createRun(description("tiny"))
        var saved = checkpoint(step: 5, loss: 1.5)
        saved.sections[.parameter]?["Zeta"] = tensor([2, 3], seed: 5)
        saved.sections[.parameter]?["a"] = Tensor(Float(-0.0))
        saved.sections[.parameter]?["ä"] = tensor([4], seed: 6)
        saved.sections[.parameter]?["none"] = Tensor([Float](), shape: [0])
        let history = History(
            metrics: [MetricRecord(step: 5, epoch: 1, name: "validation_loss", value: 1.5, seconds: 3)],
            samples: [SampleRecord(step: 5, temperature: 0.7, seed: 1, text: "To be")],
            events: [EventRecord(step: 5, kind: "started", message: "x")])
        _ = try store.createText(title: "A fable", text: "There was", settings: Data("{}".utf8))
        try store.save(saved, in: run.id, isBest: true, with: history)
        try store.close()
        return try #require(saved.sections[.parameter])
    }

    /// Each example runs, and answers something.
    @Test func theQueriesOfTheGuideWork() throws {
        let folder = try TemporaryFolder()
        _ = try makeStore(in: folder)
        let examples = try blocks("sql")
        #expect(examples.count == 10)
        let queue = try DatabaseQueue(path: folder.store)
        for example in examples {
            if example.hasPrefix("SELECT") {
                let rows = try queue.read { try Row.fetchAll($0, sql: example) }
                #expect(!rows.isEmpty, "\(example)")
            } else {
                let before = try folder.size("jacquard.sqlite")
                try queue.writeWithoutTransaction { database in
                    try database.execute(sql: example)
                    _ = try database.checkpoint(.truncate)
                    #expect(try String.fetchAll(database, sql: "SELECT name FROM run") == ["tiny"])
                    #expect(try Int.fetchOne(database, sql: "SELECT count(DISTINCT checkpoint_id) FROM tensor") == 1)
                }
                #expect(try folder.size("jacquard.sqlite") < before)
            }
        }
        try queue.close()
    }

    @Test func theAnswersAreRight() throws {
        let folder = try TemporaryFolder()
        let weights = try makeStore(in: folder)
        let examples = try blocks("sql")
        let queue = try DatabaseQueue(path: folder.store)
        let (overview, curve, sizes) = try queue.read { database in
            (
                try Row.fetchAll(database, sql: examples[0]), try Row.fetchAll(database, sql: examples[1]),
                try Row.fetchAll(database, sql: examples[5])
            )
        }
        #expect(overview.map { $0["name"] as String } == ["tiny", "a-run-nobody-needs"])
        #expect(overview.map { $0["best_loss"] as Double? } == [1.5, nil])
        #expect(abs((curve[0]["bits"] as Double) - 1.5 / log(2.0)) < 1e-12)
        let parameters = sizes.filter { $0["section"] as String == "parameter" }
        #expect(parameters.map { $0["name"] as String } == weights.names)
        #expect(parameters.map { $0["numbers"] as Int } == weights.map { $0.tensor.count })
    }

    /// Every table and column is in the guide, and nothing else is.
    @Test func theGuideDescribesEveryColumn() throws {
        let folder = try TemporaryFolder()
        _ = try makeStore(in: folder)
        let text = try String(contentsOf: Self.guide, encoding: .utf8)
        var described: [String: [String]] = [:]
        for part in text.components(separatedBy: "\n### `").dropFirst() {
            let table = String(part.prefix { $0 != "`" })
            let rows = part.components(separatedBy: "\n## ")[0].components(separatedBy: "\n| `").dropFirst()
            described[table] = rows.map { String($0.prefix { $0 != "`" }) }
        }
        let queue = try DatabaseQueue(path: folder.store)
        let actual = try queue.read { database in
            let tables = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                    AND name <> 'grdb_migrations'
                    """)
            return try Dictionary(
                uniqueKeysWithValues: tables.map { ($0, try database.columns(in: $0).map(\.name)) })
        }
        #expect(described.mapValues { $0.sorted() } == actual.mapValues { $0.sorted() })
        try queue.close()
    }

    /// The fingerprint from rows, with none of the store's code.
    @Test(arguments: [32 << 20, 8])
    func theFingerprintCanBeFoundAgain(chunkBytes: Int) throws {
        let folder = try TemporaryFolder()
        let weights = try makeStore(in: folder, chunkBytes: chunkBytes)
        let expected = weightsSHA256(of: weights)
        let rows = try DatabaseQueue(path: folder.store).read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT name, shape, chunk, data FROM tensor
                    WHERE section = 'parameter' AND checkpoint_id = (SELECT id FROM checkpoint WHERE is_best = 1)
                    ORDER BY name, chunk
                    """)
        }
        var message: [UInt8] = []
        for row in rows {
            if row["chunk"] as Int == 0 {
                message += Array((row["name"] as String).utf8) + [0] + Array((row["shape"] as String).utf8) + [0]
            }
            message += [UInt8](row["data"] as Data)
        }
        #expect(rows.map { $0["name"] as String }.first == "Zeta")
        #expect(message.withUnsafeBytes { sha256(of: $0) } == expected)
    }

    @Test(.enabled(if: hasPython, "no python3 here"), arguments: [32 << 20, 8])
    func theScriptOfTheGuideFindsTheFingerprint(chunkBytes: Int) throws {
        let folder = try TemporaryFolder()
        let weights = try makeStore(in: folder, chunkBytes: chunkBytes)
        let script = folder.file("fingerprint.py")
        try #require(try blocks("python").first).write(toFile: script, atomically: true, encoding: .utf8)
        let printed = try Self.python([script, folder.store, "tiny", "best"])
        #expect(printed == weightsSHA256(of: weights) + "\n")
    }

    private static let hasPython = (try? python(["-c", "print(1)"])) == "1\n"

    /// What a script prints.
    private static func python(_ arguments: [String]) throws -> String {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = output
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: printed, as: UTF8.self)
    }

    @Test func theFingerprintDependsOnNamesShapesAndBitsOnly() {
        let one = NamedTensors([
            (name: "a", tensor: Tensor([1, 2], shape: [2])), (name: "b", tensor: Tensor([3], shape: [1])),
        ])
        let turned = NamedTensors([
            (name: "b", tensor: Tensor([3], shape: [1])), (name: "a", tensor: Tensor([1, 2], shape: [2])),
        ])
        #expect(weightsSHA256(of: one) == weightsSHA256(of: turned))
        var others = [one, one, one]
        others[0]["a"] = Tensor([1, 2], shape: [1, 2])
        others[1]["a"] = Tensor([1, 2.0000002], shape: [2])
        others[2] = NamedTensors([
            (name: "c", tensor: Tensor([1, 2], shape: [2])), (name: "b", tensor: Tensor([3], shape: [1])),
        ])
        #expect(Set(others.map { weightsSHA256(of: $0) } + [weightsSHA256(of: one)]).count == 4)
        // printf 'a\0[2]\0\0\0\200\77\0\0\0\100b\0[1]\0\0\0\100\100' | sha256sum
        #expect(weightsSHA256(of: one) == "499b7b6a922671c32477c5eb4db12fc47ad1b6622c71c9e34e191f02a50ad62a")
    }
}
