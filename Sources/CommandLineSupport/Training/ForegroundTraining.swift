import ArgumentParser
import Checkpoints
import Foundation
package import TrainingRuns

/// A session of training that somebody watches: progress on standard error, signals that save and stop, the result.
package struct ForegroundTraining {
    private let place: StoreArguments
    private let isJSON: Bool
    private let console: Console
    private let signals: SignalWatch

    /// - Parameters:
    ///   - place: where the store of the session is.
    ///   - isJSON: whether the result is printed for programs as well.
    package init(at place: StoreArguments, isJSON: Bool, console: Console, signals: SignalWatch) {
        (self.place, self.isJSON, self.console, self.signals) = (place, isJSON, console, signals)
    }

    /// Trains until the run is done, or something stops it, and closes the session.
    /// - Throws: `ExitCode` after a signal, when nobody reads what is printed, or when the work is not where it was to
    ///   be; what training throws.
    package func run<Task: TrainingTask>(
        _ session: TrainingSession<Task>, stopAfter: Int?, terms: any TrainingTerms
    ) throws {
        session.stopAfter = stopAfter
        let report = TrainingReport(
            console: console, terms: terms, storePath: place.path, storeArgument: place.argument)
        breakOffWhenAsked(session, report)
        defer { signals.endsAtOnce() }
        let outcome: TrainingOutcome
        do {
            outcome = try session.train(
                shouldStop: { signals.shouldStop || console.isClosed }, onEvent: { report.show($0) })
        } catch {
            if session.wasBrokenOff { Self.waitForTheEnd() }
            throw error
        }
        if session.wasBrokenOff { Self.waitForTheEnd() }
        let status = try end(session, outcome, report)
        if status != 0 { throw ExitCode(status) }
    }

    /// A signal is answered at once. What is being computed then has half a second to end by itself; the process does
    /// not wait longer for it, since what it would change is not part of what is saved.
    private func breakOffWhenAsked<Task: TrainingTask>(_ session: TrainingSession<Task>, _ report: TrainingReport) {
        // The thread that trains computes while the other one has its turn, and waits for the end after that.
        nonisolated(unsafe) let breakOff: () throws -> Int32? = {
            try session.breakOff(onEvent: { report.show($0) }).map { try end(session, $0, report) }
        }
        let console = Console.Announcer(console)
        signals.defersEnding {
            console.announce("Saving and stopping; Ctrl-C again ends at once, without saving")
            let thread = Thread {
                Thread.sleep(forTimeInterval: 0.5)
                do {
                    guard let status = try breakOff() else { return }
                    _exit(status)
                } catch {
                    console.announce("Error: \(Program.message(of: error))")
                    _exit(1)
                }
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// - Returns: what the process ends with.
    private func end<Task: TrainingTask>(
        _ session: TrainingSession<Task>, _ outcome: TrainingOutcome, _ report: TrainingReport
    ) throws -> Int32 {
        try session.close()
        report.show(outcome, run: session.run.name, best: session.best, rescue: session.rescue)
        if isJSON {
            let standardOutput = StandardOutput()
            try standardOutput.json(
                report.json(outcome, run: session.run.name, best: session.best, rescue: session.rescue))
            try standardOutput.flush()
        }
        if session.rescue != nil { return 1 }
        if case .stopped(_, .interrupted) = outcome { return signals.exitStatus ?? Program.closedOutputStatus }
        return 0
    }

    /// Another thread is about to end the process.
    private static func waitForTheEnd() -> Never {
        while true { pause() }
    }
}
