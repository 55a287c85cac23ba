import TrainingRuns

extension TrainingSession {
    /// Trains to the end, or until it is told to stop.
    /// - Returns: whether the run is finished.
    func runToEnd(_ shouldStop: () -> Bool, _ onProgress: (ModelProgress) -> Void) throws -> Bool {
        let outcome = try train(shouldStop: shouldStop) { event in
            if case .progress(let progress) = event { onProgress(ModelProgress(progress)) }
        }
        if case .finished = outcome { return true }
        return false
    }
}
