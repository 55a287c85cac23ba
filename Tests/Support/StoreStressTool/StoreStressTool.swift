import Checkpoints
import Foundation
import GRDB
import TensorCore

/// What a test makes another process do to a store. Prints a line and ends with 0, or prints an error and ends with 1.
@main
enum StoreStressTool {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else { return finish("usage: StoreStressTool COMMAND STORE …", status: 64) }
        do {
            print(try run(arguments[1], path: arguments[2], rest: Array(arguments.dropFirst(3))))
        } catch {
            finish("\(error)", status: 1)
        }
    }

    private static func finish(_ message: String, status: Int32) {
        print(message)
        exit(status)
    }

    private static func run(_ command: String, path: String, rest: [String]) throws -> String {
        switch command {
        case "save": return try save(path, name: rest[0], checkpoints: Int(rest[1]) ?? 1)
        case "die": return try die(path, name: rest[0], statement: rest[1], occurrence: Int(rest[2]) ?? 1)
        case "die-creating": return try dieCreating(path, occurrence: Int(rest[0]) ?? 1)
        case "read-as-nobody": return try asNobody { try read(path) }
        case "read-often-as-nobody":
            return try asNobody {
                // Until the test has seen enough.
                var reads = 0, isAsked = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                while poll(&isAsked, 1, 0) == 0 {
                    do {
                        _ = try read(path)
                    } catch StoreError.noCheckpoint {
                        // A run that has just been created.
                    }
                    reads += 1
                }
                return reads > 0 ? "read often" : "read nothing"
            }
        case "write-as-nobody": return try asNobody { try save(path, name: "nobody", checkpoints: 1) }
        case "export":
            let store = try CheckpointStore.open(at: path, access: .readOnly)
            try store.export(store.run(named: rest[0]).id, to: rest[1], overwrite: rest[2] == "true")
            try store.close()
            return "exported"
        case "hold": return try hold(path, "BEGIN IMMEDIATE; UPDATE run SET status = status")
        case "hold-reading": return try hold(path, "BEGIN; SELECT * FROM run")
        case "save-text": return try saveText(path, rest[0])
        case "die-saving-text": return try dieSavingText(path, rest[0], occurrence: Int(rest[1]) ?? 1)
        case "append-often": return try appendOften(path, rest[0], times: Int(rest[1]) ?? 1)
        case "texts-as-nobody":
            return try asNobody {
                let store = try CheckpointStore.open(at: path, access: .readOnly)
                let count = try store.texts().count + store.allTexts().count
                try store.close()
                return "\(count) texts"
            }
        default: return "unknown command \(command)"
        }
    }

    /// A checkpoint whose every number is its step.
    private static func checkpoint(step: Int) -> Checkpoint {
        let weights = NamedTensors([
            (name: "first", tensor: Tensor(repeating: Float(step), shape: [301, 401])),
            (name: "second", tensor: Tensor(repeating: Float(step), shape: [7])),
        ])
        return Checkpoint(step: step, epoch: Double(step) / 10, sections: [.parameter: weights, .optimizer: weights])
    }

    private static func openRun(_ path: String, name: String, options: StoreOptions) throws -> (CheckpointStore, Run) {
        let store = try CheckpointStore.open(at: path, access: .readWrite, options: options)
        if let run = try store.runs().first(where: { $0.name == name }) { return (store, run) }
        let description = RunDescription(
            name: name, baseName: "stress", kind: "charnn", configuration: ["seed": 1], corpus: ["size": 2])
        return (store, try store.createRun(description))
    }

    private static func save(_ path: String, name: String, checkpoints: Int) throws -> String {
        let (store, run) = try openRun(path, name: name, options: StoreOptions())
        let last = try store.checkpoints(of: run.id).last?.step ?? 0
        for step in last + 1...last + checkpoints {
            let metric = MetricRecord(step: step, epoch: 0, name: "training_loss", value: Double(step), seconds: 0)
            try store.save(
                checkpoint(step: step), in: run.id, isBest: step == 1, with: History(metrics: [metric]))
        }
        try store.setStatus(.finished, of: run.id)
        try store.close()
        return "saved \(checkpoints)"
    }

    /// Saves the checkpoint after the last one and kills itself, with the signal that nothing can catch, when
    /// SQLite is about to run a statement for the n-th time.
    private static func die(_ path: String, name: String, statement: String, occurrence: Int) throws -> String {
        let countdown = Countdown(occurrence)
        let options = StoreOptions(prepare: { database in
            database.trace { event in
                if "\(event)".hasPrefix(statement), countdown.isArmed, countdown.next() { kill(getpid(), SIGKILL) }
            }
        })
        let (store, run) = try openRun(path, name: name, options: options)
        let last = try store.checkpoints(of: run.id).last?.step ?? 0
        countdown.isArmed = true
        try store.save(checkpoint(step: last + 1), in: run.id, isBest: false)
        return "survived"
    }

    /// Makes a store and kills itself when SQLite is about to run the n-th statement.
    private static func dieCreating(_ path: String, occurrence: Int) throws -> String {
        let countdown = Countdown(occurrence)
        let options = StoreOptions(prepare: { database in
            database.trace { _ in if countdown.next() { kill(getpid(), SIGKILL) } }
        })
        try openRun(path, name: "run", options: options).0.close()
        return "survived"
    }

    // MARK: Texts

    /// Replaces the only text there is, or makes it.
    private static func saveText(_ path: String, _ word: String) throws -> String {
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        let saved = try replaceText(in: store, with: word)
        try store.close()
        return "revision \(saved.summary.revision)"
    }

    private static func replaceText(in store: CheckpointStore, with word: String) throws -> StoredText {
        let text = String(repeating: word + " ", count: 30_000), settings = Data("{}".utf8)
        guard let last = try store.texts().first else {
            return try store.createText(title: word, text: text, settings: settings)
        }
        return try store.updateText(last.id, revision: last.revision, title: word, text: text, settings: settings)
    }

    /// Kills itself while it replaces the text, when SQLite is about to run the n-th statement, or as soon as the call
    /// has returned; of which it says so.
    private static func dieSavingText(_ path: String, _ word: String, occurrence: Int) throws -> String {
        let countdown = Countdown(occurrence)
        let options = StoreOptions(prepare: { database in
            database.trace { _ in if countdown.isArmed, countdown.next() { kill(getpid(), SIGKILL) } }
        })
        let store = try CheckpointStore.open(at: path, access: .readWrite, options: options)
        guard let last = try store.texts().first else { return "no text" }
        countdown.isArmed = true
        _ = try store.updateText(
            last.id, revision: last.revision, title: word, text: String(repeating: word + " ", count: 30_000),
            settings: Data("{}".utf8))
        FileHandle.standardOutput.write(Data("returned".utf8))
        kill(getpid(), SIGKILL)
        return "survived"
    }

    /// Adds a word to the text so many times, each to what the store has by then.
    private static func appendOften(_ path: String, _ word: String, times: Int) throws -> String {
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        for _ in 0..<times {
            var isDone = false
            while !isDone {
                guard let summary = try store.texts().first else { return "no text" }
                let text = try store.text(summary.id)
                do throws(StoreError) {
                    _ = try store.updateText(
                        summary.id, revision: text.summary.revision, title: summary.title, text: text.text + word,
                        settings: text.settings)
                    isDone = true
                } catch .textChanged {
                    // By another process, between the two calls: read again.
                }
            }
        }
        try store.close()
        return "appended \(times)"
    }

    private static func read(_ path: String) throws -> String {
        let store = try CheckpointStore.open(at: path, access: .readOnly)
        let names = try store.runs().map { run in
            "\(run.name)@\(try store.loadCheckpoint(.latest, of: run.id).step)"
        }
        try store.close()
        return names.joined(separator: " ")
    }

    /// The superuser may write everywhere: a test that runs as one gives that up.
    private static func asNobody(_ body: () throws -> String) throws -> String {
        if getuid() == 0 {
            guard setgid(65534) == 0, setuid(65534) == 0 else { return "cannot become nobody" }
        }
        return try body()
    }

    /// Holds a transaction until standard input ends.
    private static func hold(_ path: String, _ sql: String) throws -> String {
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { database in
            try database.execute(sql: sql)
            FileHandle.standardOutput.write(Data("holding\n".utf8))
            _ = readLine()
            try database.execute(sql: "ROLLBACK")
        }
        try queue.close()
        return "released"
    }
}

/// Used by one thread at a time: the connection's.
private final class Countdown: @unchecked Sendable {
    var isArmed = false
    private var left: Int
    init(_ count: Int) { left = count }
    func next() -> Bool {
        left -= 1
        return left == 0
    }
}
