import Kernels
import Training

/// What `bench` prints: the machine, its peak, and a table; or the same as JSON.
struct BenchmarkReport {
    private let measured: MachineBenchmark
    private let unit: String

    init(_ measured: MachineBenchmark, unit: String) { (self.measured, self.unit) = (measured, unit) }

    var lines: [String] {
        let set = measured.instructionSet.rawValue
        var lines = [
            "Machine  \(measured.processor ?? "unnamed processor"), "
                + "\(NumberText.count(measured.threads, "thread")), \(set)",
            "Peak     \(rounded(measured.peak)) GFLOP/s of multiply-adds", "",
        ]
        var table = Table([
            ("work", .left), ("at a time", .left), ("\(unit)/s", .right), ("GFLOP/s", .right), ("reached", .left),
        ])
        for row in measured.rows {
            table.add([
                "\(row.task) \(row.model)", row.shape, rounded(row.unitsPerSecond), rounded(row.gigaflops),
                share(row),
            ])
        }
        lines += table.lines
        return lines
    }

    /// A row that reads all weights for each unit is limited by that.
    private func share(_ row: BenchmarkRow) -> String {
        func percent(_ share: Double) -> String { NumberText.fixed(100 * share, 0) + " %" }
        if let reading = row.reading, let share = row.shareOfReading {
            return "\(percent(share)) of \(rounded(reading.peak)) GB/s, reading the weights"
        }
        return "\(percent(measured.shareOfPeak(row))) of the peak"
    }

    /// Three digits at least.
    private func rounded(_ number: Double) -> String {
        number < 99.95
            ? NumberText.fixed(number, number < 9.995 ? 2 : 1) : NumberText.grouped(Int(number.rounded()))
    }

    var json: JSONValue {
        [
            "machine": [
                "processor": JSONValue(measured.processor), "threads": .int(measured.threads),
                "instruction_set": .string(measured.instructionSet.rawValue),
            ],
            "peak_gflops": .number(measured.peak), "unit": .string(unit),
            "rows": .array(
                measured.rows.map { row in
                    [
                        "task": .string(row.task), "model": .string(row.model), "at_a_time": .string(row.shape),
                        "units_per_second": .number(row.unitsPerSecond), "gflops": .number(row.gigaflops),
                        "percent_of_peak": .number(100 * measured.shareOfPeak(row)),
                        "gigabytes_per_second": JSONValue(row.readRate),
                        "percent_of_read_rate": JSONValue(row.shareOfReading.map { 100 * $0 }),
                    ]
                }),
        ]
    }
}
