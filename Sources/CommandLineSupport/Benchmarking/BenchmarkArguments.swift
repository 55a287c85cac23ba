package import ArgumentParser
import Foundation
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
