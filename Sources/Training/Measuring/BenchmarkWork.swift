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
    /// The machine's multiply-add peak, GFLOP/s, of single and of half precision.
    package var peaks: Peaks

    package init(seconds: Double, peaks: Peaks) { (self.seconds, self.peaks) = (seconds, peaks) }

    /// The largest of some sizes of a step that can be expected to be done four times and more; the last if none can.
    /// - Parameter operations: of a step of that size.
    package func fitting<Size>(
        _ sizes: [Size], in precision: BenchmarkRow.Precision = .single, operations: (Size) -> Double
    ) -> Size {
        require(!sizes.isEmpty, "no sizes to choose from")
        // Steps reach about three quarters of the peak.
        let affordable = seconds / 4 * peaks[precision] * 1e9 * 0.75
        return sizes.first { operations($0) <= affordable } ?? sizes[sizes.count - 1]
    }
}

/// GFLOP/s of the multiply-add units, by what they multiply. Whole numbers are compared with single precision.
package struct Peaks: Hashable, Sendable {
    package var single: Double
    /// Of products of bf16, by one instruction or by what stands for it.
    package var half: Double

    package init(single: Double, half: Double) { (self.single, self.half) = (single, half) }

    package subscript(precision: BenchmarkRow.Precision) -> Double {
        precision == .bf16 ? half : single
    }
}
