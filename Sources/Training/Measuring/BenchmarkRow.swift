package import Kernels

/// How fast one piece of work went.
package struct BenchmarkRow: Hashable, Sendable {
    /// "training", "sampling", "encoding".
    package var task: String
    /// "LSTM 2×512".
    package var model: String
    /// Of its products, under the name that the option `precision` gives it.
    package enum Precision: String, Hashable, Sendable {
        case single, bf16, int8

        package init(_ precision: ProductPrecision) { self = precision == .single ? .single : .bf16 }
    }
    package var precision: Precision
    /// What is computed at a time: "64 lanes of 64".
    package var shape: String
    package var unitsPerSecond: Double
    /// Floating-point operations that a unit needs, two for a multiply-add; what else is done does not count.
    package var operationsPerUnit: Double
    /// Where reading, not arithmetic, is the limit.
    package var reading: Reading?

    /// Data that every unit needs to be read once, and the rate at which a buffer as large can be read.
    package struct Reading: Hashable, Sendable {
        package var bytesPerUnit: Double
        /// GB/s, measured in the same run.
        package var peak: Double

        package init(bytesPerUnit: Double, peak: Double) { (self.bytesPerUnit, self.peak) = (bytesPerUnit, peak) }
    }

    package init(
        task: String, model: String, precision: Precision = .single, shape: String, unitsPerSecond: Double,
        operationsPerUnit: Double,
        reading: Reading? = nil
    ) {
        (self.task, self.model, self.precision, self.shape) = (task, model, precision, shape)
        (self.unitsPerSecond, self.operationsPerUnit, self.reading) = (unitsPerSecond, operationsPerUnit, reading)
    }

    /// Useful GFLOP/s.
    package var gigaflops: Double { unitsPerSecond * operationsPerUnit * 1e-9 }

    /// GB/s of what has to be read; nil where that is not the limit.
    package var readRate: Double? { reading.map { unitsPerSecond * $0.bytesPerUnit * 1e-9 } }

    /// Share of the rate at which as much can be read, 0...1.
    package var shareOfReading: Double? { reading.flatMap { reading in readRate.map { $0 / reading.peak } } }
}
