import Checkpoints
import Foundation
import GRDB
import TensorCore

/// What a disk holds, in words that are the same whenever it means the same: times, owners and unused pages are not in
/// them.
enum Contents {
    /// Everything: each store by all that can be read of it, each other file by its bytes. What SQLite keeps beside a
    /// store belongs to the store; unfinished files that name themselves so are nobody's.
    /// - Throws: what reading throws, but for a store that was never made.
    static func read(_ disk: Disk) throws -> String {
        try disk.files.compactMap { name in
            if isUnfinished(name) || isBeside(name) { return nil }
            let path = disk.file(name)
            if name.hasSuffix(".sqlite") { return "\(name): \(try store(path))" }
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return nil }
            return "\(name): \(try Data(contentsOf: URL(fileURLWithPath: path)).count) bytes, \(try digest(path))"
        }.joined(separator: "\n")
    }

    static func isUnfinished(_ name: String) -> Bool { name.contains("partial-") }

    static func isBeside(_ name: String) -> Bool {
        ["-wal", "-shm", "-journal"].contains { name.hasSuffix(".sqlite" + $0) }
    }

    private static func digest(_ path: String) throws -> String {
        "\(checksum(try Data(contentsOf: URL(fileURLWithPath: path))))"
    }

    private static func checksum(_ data: Data) -> UInt64 {
        data.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    // MARK: Stores

    /// What a store says, by every call that reads.
    static func store(_ path: String) throws -> String {
        guard let store = try open(path) else { return "no store" }
        defer { try? store.close() }
        var lines = try store.runs().flatMap { try run($0, in: store) }
        for text in try store.allTexts() {
            lines.append(
                "text \(text.summary.id.rawValue) r\(text.summary.revision) '\(text.summary.title)' \(text.text.utf8.count) \(checksum(Data(text.text.utf8)))"
            )
        }
        try store.close()
        try checkIntegrity(path)
        return lines.joined(separator: "\n  ")
    }

    /// A store to read; nil if there is none, or its making was cut short.
    static func open(_ path: String) throws -> CheckpointStore? {
        let options = StoreOptions(busyTimeout: Trial.patience)
        let opened = Result { () throws(StoreError) in
            try CheckpointStore.open(at: path, access: .readOnly, options: options)
        }
        switch opened {
        case .success(let store): return store
        case .failure(.noStore): return nil
        case .failure(let error): throw error
        }
    }

    /// SQLite's own check, by a connection that knows nothing of stores.
    private static func checkIntegrity(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        let found = try queue.read { database in
            try String.fetchAll(database, sql: "PRAGMA integrity_check")
                + Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { "\($0)" }
        }
        try queue.close()
        guard found == ["ok"] else { throw Problem("integrity: \(found.prefix(3))") }
    }

    /// What a run has come to, however often it was stopped on the way.
    static func outcome(_ name: String, in path: String) throws -> String {
        let store = try CheckpointStore.open(
            at: path, access: .readOnly, options: StoreOptions(busyTimeout: Trial.patience))
        defer { try? store.close() }
        let run = try store.run(named: name)
        let latest = try store.loadCheckpoint(.latest, of: run.id), best = try store.loadCheckpoint(.best, of: run.id)
        let ends = [
            "latest \(latest.step) \(fingerprint(latest))",
            "best \(best.step) \(weightsSHA256(of: best.sections[.parameter] ?? NamedTensors()))",
        ]
        return (["\(run.status)"] + ends + (try history(run, in: store))).joined(separator: "\n  ")
    }

    private static func run(_ run: Run, in store: CheckpointStore) throws -> [String] {
        var lines = ["run \(run.name) \(run.kind) \(run.status)"]
        for summary in try store.checkpoints(of: run.id) {
            let checkpoint = try store.loadCheckpoint(.step(summary.step), of: run.id)
            let roles = (summary.isLatest ? " latest" : "") + (summary.isBest ? " best" : "")
            lines.append(
                "\(summary.step)\(roles) \(summary.validationLoss.map { "\($0)" } ?? "-") \(fingerprint(checkpoint))")
        }
        lines += try history(run, in: store)
        for code in try store.codes(of: run.id) { lines.append("code \(code.name) \(code.values)") }
        for event in try store.events(of: run.id) { lines.append("\(event.kind) \(event.step ?? -1)") }
        return lines
    }

    private static func history(_ run: Run, in store: CheckpointStore) throws -> [String] {
        var lines: [String] = []
        for metric in try store.metrics(of: run.id) {
            lines.append("\(metric.name) \(metric.step) \(metric.value)")
        }
        for sample in try store.samples(of: run.id) {
            lines.append("sample \(sample.step) \(checksum(Data(sample.text.utf8)))")
        }
        return lines
    }

    /// Of every tensor, and of the state but for seconds.
    private static func fingerprint(_ checkpoint: Checkpoint) -> String {
        let tensors = Checkpoint.Section.allCases.map { section in
            "\(weightsSHA256(of: checkpoint.sections[section] ?? NamedTensors()).prefix(16))"
        }
        return (tensors + ["\(checksum(stateWithoutSeconds(checkpoint.state)))"]).joined(separator: " ")
    }

    private static func stateWithoutSeconds(_ state: Data) -> Data {
        guard var json = try? JSONSerialization.jsonObject(with: state) as? [String: Any] else { return state }
        json["seconds"] = nil
        return (try? JSONSerialization.data(withJSONObject: json, options: .sortedKeys)) ?? state
    }
}
