import Checkpoints
import Foundation
import LanguageModels
import TensorCore
import TrainingRuns

/// One seed, a whole history: two processes that share a disk train, stop, are killed, export, remove and read, in turn or
/// one in the middle of what the other does; the disk fails, the power goes, bytes are damaged. After each event
/// everything that was promised is looked at. The seed alone makes the same history again.
final class WholeHistory {
    let trial: Trial
    var dice: Dice
    /// What has happened, in words.
    var log: [String] = []

    static let disk = Disk("disk"), image = Disk("image"), copy = Disk("copy")
    static let store = "models/jacquard.sqlite"
    var storePath: String { Self.disk.file(Self.store) }

    // MARK: What was promised

    struct Known {
        /// Of the latest checkpoint; nil if none was promised.
        var step: Int?
        var states: Set<String>
    }

    var runs: [String: Known] = [:]
    /// Exports that were made, by name, with what they hold.
    var exports: [String: String] = [:]
    /// Whether files may lie about that could not be removed.
    var mayHaveLeft = false

    static let names = ["a", "b", "c"]
    static let exportNames = ["one", "two"]

    init(seed: UInt64, trial: Trial) {
        dice = Dice(seed: seed)
        self.trial = trial
    }

    /// - Throws: what must not be.
    func play(events: Int) throws {
        try Self.disk.become()
        begin()
        defer { Disk.unwatch() }
        for _ in 0..<events { try event() }
        // In the end every run comes to its own end.
        for name in runs.keys.sorted() where runs[name]?.states != ["finished"] {
            log.append("at last, finish \(name)")
            try inFlight { try train(name, stopAfter: nil) }
            try settle(.train(name), didReturn: true)
        }
        for name in runs.keys.sorted() {
            let found = try Contents.outcome(name, in: storePath), expected = try Undisturbed.run(name).outcome
            guard found == expected else { throw Problem("\(name) ends with\n\(found)\n    and not with\n\(expected)") }
        }
    }

    func begin() {
        Self.disk.watch()
        for process in 0..<2 {
            Disk.become(process: process)
            Disk.plan()
        }
    }

    // MARK: Events

    enum Action: Equatable {
        case train(String), export(String, to: String), remove(String), read, nothing
    }

    private func event() throws {
        Disk.become(process: dice.below(2))
        switch dice.below(100) {
        case 0..<52:
            let name = dice.one(of: Self.names), stop = dice.happens(60) ? 1 + dice.below(TinyTraining.steps) : nil
            let others = othersDuringTraining(of: name)
            try disturbed(.train(name), "train \(name) \(stop.map { "to \($0)" } ?? "on")", operations: 900) {
                try train(name, stopAfter: stop, others: others)
            }
        case 52..<68:
            let name = dice.one(of: Self.names), target = dice.one(of: Self.exportNames), overwrites = dice.happens(70)
            try disturbed(.export(name, to: target), "export \(name) to \(target)", operations: 300) {
                try export(name, to: target, overwrites: overwrites)
            }
        case 68..<74:
            let name = dice.one(of: Self.names)
            try disturbed(.remove(name), "remove \(name)", operations: 150) { try remove(name) }
        case 74..<80: try disturbed(.read, "read", operations: 40) { try read() }
        case 80..<88: try damage()
        case 88..<93: try disturbed(.nothing, "rest", operations: 1, cutsOnly: true) {}
        default: try loseStoreInTraining()
        }
    }

    /// What the other process does while this one trains, and after which step.
    private func othersDuringTraining(of name: String) -> [Int: () throws -> Void] {
        guard dice.happens(35) else { return [:] }
        let step = 1 + dice.below(TinyTraining.steps), other = dice.one(of: Self.names)
        let kind = dice.below(5), target = dice.one(of: Self.exportNames), stop = 1 + dice.below(TinyTraining.steps)
        return [
            step: { [unowned self] in
                let mine = Disk.acting
                Disk.become(process: 1 - mine)
                Disk.plan()
                defer { Disk.become(process: mine) }
                log.append(
                    "  after step \(step) the other: \(["resumes", "removes", "reads", "exports", "trains \(other)"][kind])"
                )
                switch kind {
                case 0: try refused(name) { try train(name, stopAfter: nil) }
                case 1: try refused(name) { try remove(name) }
                case 2: try read(training: name)
                default:
                    guard other != name else { return }
                    let result = try inFlight {
                        if kind == 3 {
                            try export(other, to: target, overwrites: true)
                        } else {
                            try train(other, stopAfter: stop)
                        }
                    }
                    if case .error(let text) = result { throw Problem("the other process was told: \(text)") }
                }
            }
        ]
    }

    /// Somebody trains the run, and everybody else hears so.
    private func refused(_ name: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch StoreError.beingTrained(run: name, _, _) {
            return
        }
        throw Problem("\(name) is being trained, and the other process was not refused")
    }

    // MARK: Disturbances

    /// Does something, most often not undisturbed, and looks at what is left.
    private func disturbed(
        _ action: Action, _ words: String, operations: Int, cutsOnly: Bool = false, _ body: () throws -> Void
    ) throws {
        let kind = cutsOnly ? 99 : dice.below(100), operation = 1 + dice.below(operations)
        let fault: Fault? =
            switch kind {
            case 0..<35: nil
            case 35..<43: .full
            case 43..<47: .denied
            case 47..<55: .io
            case 55..<60: .short
            default: .killed
            }
        let isCut = kind >= 80, forever = dice.happens(40) || fault == .killed || fault == .short
        if let fault { Disk.plan(fault, at: operation, forever: forever) } else { Disk.plan() }
        if fault == nil, dice.happens(15) { interrupt(at: operation) }
        let process = Disk.acting
        let result = try inFlight(body)
        let failures = Disk.failureCount, failed = Disk.firstFailure, count = Disk.operationCount
        Disk.plan()
        log.append(
            "process \(process): \(words)"
                + (fault.map { ", \(isCut ? "power cut" : "\($0)") at \(operation)\(forever ? " on" : "")" } ?? "")
                + (failures > 0 ? " (\(failed))" : "") + ": \(result), after \(count) operations")
        trial.count(isCut ? "power cuts" : fault.map { "\($0)" } ?? "undisturbed")
        if failures > 0, forever || fault == .killed { mayHaveLeft = true }
        if failures > 0, failed.hasPrefix("unlink") { mayHaveLeft = true }
        if let problem = interruption {
            interruption = nil
            throw problem
        }
        if fault == nil, case .error(let text) = result { throw Problem("nothing failed, and it said: \(text)") }
        if isCut {
            mayHaveLeft = true
            try cut()
        }
        try settle(action, didReturn: result == .done)
    }

    enum Ending: Equatable, CustomStringConvertible {
        case done, refused(String), error(String)

        var description: String {
            switch self {
            case .done: "done"
            case .refused(let why): "refused, \(why)"
            case .error(let text): "error, \(text.prefix(90))"
            }
        }
    }

    /// What ends in an error of a kind that nobody expects must not be.
    @discardableResult
    private func inFlight(_ body: () throws -> Void) throws -> Ending {
        do {
            try body()
            return .done
        } catch RunError.runFinished {
            return .refused("finished")
        } catch StoreError.unknownRun, StoreError.noRuns, StoreError.noStore, StoreError.noCheckpoint {
            return .refused("not there")
        } catch StoreError.exportExists {
            return .refused("exists")
        } catch StoreError.database(_, let code, let message, _) {
            throw Problem("a number of SQLite's is no answer: \(code), \(message)")
        } catch let error as StoreError {
            return .error(
                "\(error)".replacing(Self.disk.path, with: "DISK").replacing(#/partial-[0-9a-f]+/#, with: "partial"))
        } catch let error as RunError {
            return .error("\(error)".replacing(Self.disk.path, with: "DISK"))
        }
    }

    private var interruption: Problem?

    /// The other process reads, in the middle of an operation of this one.
    private func interrupt(at operation: Int) {
        let mine = Disk.acting
        Disk.interrupt(at: operation) { [unowned self] in
            Disk.become(process: 1 - mine)
            Disk.plan()
            log.append("  at operation \(operation) the other reads")
            do {
                _ = try Contents.store(storePath)
            } catch StoreError.locked {
                // The log is just being made or given up.
            } catch {
                interruption = Problem("the other process reads: \(error)")
            }
        }
    }

    /// The power goes, and the machine is started again.
    private func cut() throws {
        let seed = dice.next()
        try Self.image.becomeImage(after: Disk.recordLength, .seed(seed))
        log.append("  kept \(Disk.imageText)")
        try Self.disk.become(copying: Self.image)
        begin()
    }
}
