import Requirements
package import TensorCore

/// Work whose speed can be measured without any data of the user's.
package protocol BenchmarkWork {
    /// For a line of progress: "training LSTM 2×512".
    var name: String { get }

    /// Does the work over and over.
    func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow
}

/// What a measurement may take.
package struct BenchmarkBudget: Hashable, Sendable {
    package var seconds: Double
    /// The machine's multiply-add peak, GFLOP/s.
    package var peak: Double

    package init(seconds: Double, peak: Double) { (self.seconds, self.peak) = (seconds, peak) }

    /// The largest of some sizes of a step that can be expected to be done four times and more; the last if none can.
    /// - Parameter operations: of a step of that size.
    package func fitting<Size>(_ sizes: [Size], operations: (Size) -> Double) -> Size {
        require(!sizes.isEmpty, "no sizes to choose from")
        // Steps reach about three quarters of the peak.
        let affordable = seconds / 4 * peak * 1e9 * 0.75
        return sizes.first { operations($0) <= affordable } ?? sizes[sizes.count - 1]
    }
}
