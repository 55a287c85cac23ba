import Checkpoints
import Foundation
import TrainingRuns

/// Lets every operation of a scenario fail, one after the other: once, or it and all that follow, in each way that there
/// is. What is thrown must say what happened, what is stored must be what was promised last or what came next, nothing
/// may be left lying about, and the same command again must do what it was to do: also if the power goes right after it.
struct DiskFaults {
    let scenario: Scenario
    let trial: Trial

    private static let before = Disk("before"), disk = Disk("disk"), whole = Disk("whole"), after = Disk("after")

    /// - Parameters:
    ///   - every: of so many cases one is tried, beginning with the one after `seed` others.
    ///   - only: one case.
    func run(every: Int, seed: Int, only: Case? = nil) throws {
        try Self.disk.become()
        try scenario.prepare(Self.disk)
        try Self.before.become(copying: Self.disk)
        let record = try record()
        let all = Fault.allCases.flatMap { fault in
            Disk.operations(thatCan: fault).flatMap { operation in
                // Who is dead is dead for good, and of half a write the rest fails.
                (fault == .killed || fault == .short ? [true] : [false, true]).map {
                    Case(fault, operation, forever: $0)
                }
            }
        }
        try record.remember(on: Self.whole)
        for (index, trial) in all.enumerated() where index % every == seed % every && !self.trial.isEnough {
            if let only, only != trial { continue }
            self.trial.attempt("DiskTrials faults \(scenario.name) --case \(trial)") { try attempt(trial, record) }
        }
        Disk.unwatch()
    }

    struct Case: Equatable, CustomStringConvertible {
        var fault: Fault
        var operation: Int
        var forever: Bool

        init(_ fault: Fault, _ operation: Int, forever: Bool) {
            (self.fault, self.operation, self.forever) = (fault, operation, forever)
        }

        init?(_ text: String) {
            let parts = text.split(separator: "-")
            guard parts.count >= 2, let fault = Fault(rawValue: String(parts[0])), let operation = Int(parts[1]) else {
                return nil
            }
            self.init(fault, operation, forever: parts.count > 2)
        }

        var description: String { "\(fault)-\(operation)" + (forever ? "-on" : "") }
    }

    // MARK: Without a fault

    /// What a scenario leaves after each of its promises, and on its way to the next.
    private final class Recorded {
        /// What is stored after so many entries of the record, the same ones once.
        var states: [(length: Int, contents: String)] = []
        var promises: [Int] = []
        var length = 0

        func remember(on disk: Disk) throws {
            for length in 0...length {
                try disk.becomeImage(after: length, .none)
                let contents = try Contents.read(disk)
                if states.last?.contents != contents { states.append((length, contents)) }
            }
        }

        /// What may be stored when a call has failed after so many promises were kept.
        func contents(after kept: Int) -> [String] {
            let first = promises[kept], last = kept + 1 < promises.count ? promises[kept + 1] : length
            let before = states.last { $0.length <= first }
            return (before.map { [$0] } ?? []).map(\.contents)
                + states.filter { $0.length > first && $0.length <= last }.map(\.contents)
        }
    }

    private func record() throws -> Recorded {
        try Self.disk.become(copying: Self.before)
        Self.disk.watch()
        Disk.become(process: 0)
        Disk.plan()
        let record = Recorded()
        record.promises = [0]
        try scenario.act(Self.disk) { record.promises.append(Disk.recordLength) }
        record.length = Disk.recordLength
        return record
    }

    // MARK: With one

    private func attempt(_ trial: Case, _ record: Recorded) throws {
        try Self.disk.become(copying: Self.before)
        Self.disk.watch()
        Disk.plan(trial.fault, at: trial.operation, forever: trial.forever)
        var kept = 0
        let result = Result { try scenario.act(Self.disk) { kept += 1 } }
        let failed = Disk.firstFailure, isOpen = Disk.openCount, count = Disk.failureCount
        // Nothing fails any more. What has been synchronized is watched further.
        Disk.plan()
        do {
            if count == 0 { self.trial.count("nothing failed") }
            // SQLite's own is another call, and what it does not say about a folder is made good by ours.
            guard trial.fault == .killed || !result.isSuccess || !failed.hasPrefix("fsync ") else {
                throw Problem("nobody said so")
            }
            guard isOpen == 0 else { throw Problem("\(isOpen) files stay open") }
            if trial.fault != .killed { try judge(result, trial, failed) }
            try requireNothingStray(trial, failed)
            let contents = try Contents.read(Self.disk)
            if scenario.name != "train" {
                let allowed =
                    result.isSuccess ? record.contents(after: record.promises.count - 1) : record.contents(after: kept)
                guard allowed.contains(contents) else {
                    throw Problem("after \(kept) promises the disk holds\n\(contents)\n    and not\n\(allowed[0])")
                }
            }
            try scenario.follow(Self.disk)
            try requireThatPowerMayGo()
        } catch {
            throw Problem("\(error)\n    \(failed) failed, \(result.text)")
        }
    }

    /// Whatever was not synchronized goes. What the failure has left half done may not count as done by then.
    private func requireThatPowerMayGo() throws {
        let length = Disk.recordLength, promised = try Contents.read(Self.disk)
        try Self.after.becomeImage(after: length, .all)
        // What was removed may be back; nobody looks at it, but for what belongs to a store.
        let here = Set(Self.disk.files)
        for name in Self.after.files where !here.contains(name) && !Contents.isBeside(name) {
            unlink(Self.after.file(name))
        }
        let kept = try Contents.read(Self.after)
        guard kept == promised else {
            throw Problem("when the power goes the disk holds\n\(kept)\n    and was promised\n\(promised)")
        }
    }

    private func judge(_ result: Result<Void, any Error>, _ trial: Case, _ failed: String) throws {
        guard case .failure(let error) = result else { return self.trial.count("went on") }
        let text = "\(error)".replacing(Self.disk.path, with: "DISK")
            .replacing(#/partial-[0-9a-f]{8}/#, with: "partial-X")
        self.trial.count("\(trial.fault), \(failed): \(text)")
        switch error {
        case StoreError.database(_, let code, _, _):
            throw Problem("a number of SQLite's is no answer: \(code)")
        case StoreError.failing(_, doing: "writing to") where trial.fault == .full:
            throw Problem("a disk that is full does not fail")
        case let error as StoreError:
            guard "\(error)".contains(Self.disk.path) else { throw Problem("no file is named") }
            if "\(error)".contains("partial-") { throw Problem("a file is named that nobody knows") }
        case is RunError: break
        default: throw Problem("no error of a store")
        }
    }

    /// Only what could not be removed may be there.
    private func requireNothingStray(_ trial: Case, _ failed: String) throws {
        let names = Self.disk.files.filter(Contents.isUnfinished)
        guard !names.isEmpty, trial.fault != .killed, !trial.forever || trial.fault == .full || trial.fault == .short
        else { return }
        if failed.hasPrefix("unlink"), failed.contains("partial-") { return }
        throw Problem("left over: \(names)")
    }
}

extension Result where Success == Void {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }

    fileprivate var text: String {
        switch self {
        case .success: "and it went on"
        case .failure(let error): "and it said: \(error)"
        }
    }
}
