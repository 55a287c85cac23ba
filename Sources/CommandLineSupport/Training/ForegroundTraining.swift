import ArgumentParser
public import Checkpoints
public import TrainingRuns

/// A session of training that somebody watches: progress on standard error, signals that save and stop, the result.
public struct ForegroundTraining {
    private let store: CheckpointStore
    private let place: StoreArguments
    private let isJSON: Bool
    private let console: Console
    private let signals: SignalWatch

    /// - Parameters:
    ///   - store: of the session; closed when it ends.
    ///   - place: where that is.
    ///   - isJSON: whether the result is printed for programs as well.
    public init(
        in store: CheckpointStore, at place: StoreArguments, isJSON: Bool, console: Console, signals: SignalWatch
    ) {
        (self.store, self.place, self.isJSON) = (store, place, isJSON)
        (self.console, self.signals) = (console, signals)
    }

    /// Trains until the run is done, or something stops it.
    /// - Throws: `ExitCode` after a signal, or when nobody reads what is printed; what training throws.
    public func run(_ session: TrainingSession<some TrainingTask>, stopAfter: Int?, terms: any TrainingTerms) throws {
        session.stopAfter = stopAfter
        let report = TrainingReport(
            console: console, terms: terms, storePath: place.path, storeArgument: place.argument)
        signals.defersEnding(true)
        defer { signals.defersEnding(false) }
        let outcome = try session.train(
            shouldStop: { signals.shouldStop || console.isClosed }, onEvent: { report.show($0) })
        try store.close()
        report.show(outcome, run: session.run.name, best: session.best)
        if isJSON {
            let standardOutput = StandardOutput()
            try standardOutput.line(report.json(outcome, run: session.run.name, best: session.best).text)
            try standardOutput.flush()
        }
        if case .stopped(_, .interrupted) = outcome {
            throw ExitCode(signals.exitStatus ?? Program.closedOutputStatus)
        }
    }
}
