/// How fast one piece of work went.
public struct BenchmarkRow: Hashable, Sendable {
    /// "training", "sampling", "encoding".
    public var task: String
    /// "LSTM 2×512".
    public var model: String
    /// What is computed at a time: "64 lanes of 64".
    public var shape: String
    public var unitsPerSecond: Double
    /// Floating-point operations that a unit needs, two for a multiply-add; what else is done does not count.
    public var operationsPerUnit: Double
    /// Where reading, not arithmetic, is the limit.
    public var reading: Reading?

    /// Data that every unit needs to be read once, and the rate at which a buffer as large can be read.
    public struct Reading: Hashable, Sendable {
        public var bytesPerUnit: Double
        /// GB/s, measured in the same run.
        public var peak: Double

        public init(bytesPerUnit: Double, peak: Double) { (self.bytesPerUnit, self.peak) = (bytesPerUnit, peak) }
    }

    public init(
        task: String, model: String, shape: String, unitsPerSecond: Double, operationsPerUnit: Double,
        reading: Reading? = nil
    ) {
        (self.task, self.model, self.shape) = (task, model, shape)
        (self.unitsPerSecond, self.operationsPerUnit, self.reading) = (unitsPerSecond, operationsPerUnit, reading)
    }

    /// Useful GFLOP/s.
    public var gigaflops: Double { unitsPerSecond * operationsPerUnit * 1e-9 }

    /// GB/s of what has to be read; nil where that is not the limit.
    public var readRate: Double? { reading.map { unitsPerSecond * $0.bytesPerUnit * 1e-9 } }

    /// Share of the rate at which as much can be read, 0...1.
    public var shareOfReading: Double? { reading.flatMap { reading in readRate.map { $0 / reading.peak } } }
}
