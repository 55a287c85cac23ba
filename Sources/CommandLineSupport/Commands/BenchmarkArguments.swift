package import ArgumentParser
import Foundation
import Kernels
package import Training

/// What `bench` takes in every program, and what it does.
package struct BenchmarkArguments: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("About how long to measure, in all.", valueName: "seconds"))
    package var seconds: Double = 9

    @OptionGroup package var compute: ComputeArguments
    @OptionGroup package var output: JSONArguments

    package init() {}

    package func validate() throws {
        guard (0.1...3600).contains(seconds) else {
            throw ValidationError("--seconds: must be from 0.1 to 3600, not \(NumberText.exact(seconds))")
        }
    }

    /// Measures and prints. Ctrl-C ends it at once.
    /// - Parameter unit: what the works count: "characters", "pictures".
    package func run(_ works: [any BenchmarkWork], unit: String) throws {
        // Before any thread is made: see SignalWatch. It ends the process itself.
        let signals = SignalWatch(), console = Console()
        defer { withExtendedLifetime(signals) {} }
        let context = try compute.makeContext()
        let measured = MachineBenchmark.run(works, seconds: seconds, in: context) { console.status($0) }
        console.clearProgress()
        let report = BenchmarkReport(measured, unit: unit), standardOutput = StandardOutput()
        if output.isJSON {
            try standardOutput.json(report.json)
        } else {
            for line in report.lines { try standardOutput.line(line) }
        }
        try standardOutput.flush()
    }
}

/// What `bench` prints: the machine, its peak, and a table; or the same as JSON.
struct BenchmarkReport {
    private let measured: MachineBenchmark
    private let unit: String

    init(_ measured: MachineBenchmark, unit: String) { (self.measured, self.unit) = (measured, unit) }

    var lines: [String] {
        let set = measured.instructionSet, most = InstructionSet.available[0]
        let choice = set == .fastest && set != most ? ", faster here than \(most.rawValue)" : ""
        var lines = [
            "Machine  \(measured.processor ?? "unnamed processor"), "
                + "\(NumberText.count(measured.threads, "thread")), \(set.rawValue)\(choice)",
            "Peak     \(rounded(measured.peaks.single)) GFLOP/s of multiply-adds, "
                + "\(rounded(measured.peaks.half)) of bf16",
            "",
        ]
        var table = Table([
            ("work", .left), ("at a time", .left), ("\(unit)/s", .right), ("GFLOP/s", .right), ("reached", .left),
        ])
        for row in measured.rows {
            table.add([
                title(row), row.shape, rounded(row.unitsPerSecond), rounded(row.gigaflops), share(row),
            ])
        }
        lines += table.lines
        return lines
    }

    private func title(_ row: BenchmarkRow) -> String {
        "\(row.task) \(row.model)" + (row.precision == .single ? "" : " --precision \(row.precision.rawValue)")
    }

    /// A row that reads all weights for each unit is limited by that.
    private func share(_ row: BenchmarkRow) -> String {
        func percent(_ share: Double) -> String { NumberText.fixed(100 * share, 0) + " %" }
        let gain = measured.gain(of: row).map { "; \(NumberText.fixed($0, 2)) times single precision" } ?? ""
        if let reading = row.reading, let share = row.shareOfReading {
            return "\(percent(share)) of \(rounded(reading.peak)) GB/s, reading the weights\(gain)"
        }
        return "\(percent(measured.shareOfPeak(row))) of the peak\(gain)"
    }

    /// The number in at least three digits.
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
            "peak_gflops": .number(measured.peaks.single), "peak_gflops_bf16": .number(measured.peaks.half),
            "unit": .string(unit),
            "rows": .array(
                measured.rows.map { row in
                    [
                        "task": .string(row.task), "model": .string(row.model),
                        "precision": .string(row.precision.rawValue), "at_a_time": .string(row.shape),
                        "units_per_second": .number(row.unitsPerSecond), "gflops": .number(row.gigaflops),
                        "percent_of_peak": .number(100 * measured.shareOfPeak(row)),
                        "times_single_precision": JSONValue(measured.gain(of: row)),
                        "gigabytes_per_second": JSONValue(row.readRate),
                        "percent_of_read_rate": JSONValue(row.shareOfReading.map { 100 * $0 }),
                    ]
                }),
        ]
    }
}
