package import ArgumentParser
package import CommandLineSupport
import Kernels
import TensorCore

/// `selftest`: whether this machine computes what all others do.
package struct SelfTestCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "selftest",
            abstract: "Check that this machine computes the same bits as all others.",
            discussion: """
                Trains \(SelfTest.models.count) small models of text and of pictures, stops them and goes on, scores, \
                writes, encodes and decodes, in some seconds, and compares every bit with what is known. Nothing is \
                read and nothing is written. charnn and ae do the same here. Exit status: 0 if all is the same, 1 if \
                anything differs; then try again with --threads 1 and with JACQUARD_ISA=portable, and report what each \
                prints.

                Examples:
                  \(Program.name) selftest
                  \(Program.name) selftest --threads 3 --json
                  JACQUARD_ISA=portable \(Program.name) selftest
                """)
    }

    @OptionGroup var compute: ComputeArguments
    @OptionGroup var output: JSONArguments

    package init() {}

    package func run() throws {
        // Before any thread is made: see SignalWatch. It ends the process itself.
        let signals = SignalWatch(), console = Console()
        defer { withExtendedLifetime(signals) {} }
        let context = try compute.makeContext()
        // What was stopped goes on with another number of threads.
        let other = ComputeContext(
            threads: context.threadCount == 1 ? 2 : context.threadCount - 1, instructionSet: context.instructionSet)
        let tested = try SelfTest.run(in: context, resumingIn: other) { console.status("testing \($0)") }
        console.clearProgress()
        let report = SelfTestReport(tested, version: "\(Program.name) \(Program.version)")
        try output.print(report.lines, json: report.json)
        if !tested.passed { throw ExitCode.failure }
    }
}

/// What `selftest` prints: the machine, a table, and what differs; or the same as JSON.
struct SelfTestReport {
    private let tested: SelfTest
    private let version: String

    init(_ tested: SelfTest, version: String) { (self.tested, self.version) = (tested, version) }

    var lines: [String] {
        let machine =
            "Machine  \(tested.processor ?? "unnamed processor"), \(NumberText.count(tested.threads, "thread")), "
            + "\(tested.instructionSet.rawValue); \(version)"
        return [machine, ""] + table + [""] + verdict
    }

    /// A model's name, and how many of its results are the same; the first that differs by name.
    private var table: [String] {
        var table = Table([("model", .left), ("results", .right), ("", .left)])
        for (model, results) in models {
            let first = results.first { !$0.isSame }
            table.add([
                model, String(results.count),
                first.map { "differ from '\($0.stage.rawValue)' on: \($0.found), not \($0.expected ?? "known")" }
                    ?? "same",
            ])
        }
        return table.lines
    }

    private var verdict: [String] {
        let count = NumberText.count(tested.results.count, "result"), seconds = NumberText.fixed(tested.seconds, 1)
        guard !tested.passed else { return ["\(count) in \(seconds) s, all the bits that were recorded"] }
        return [
            "\(NumberText.grouped(tested.differences.count)) of \(count) differ from what was recorded on another machine: "
                + "the processor or its memory is at fault, or this program is.",
            "Try again with --threads 1, then with JACQUARD_ISA=portable, and report what each of them prints.",
        ]
    }

    private var models: [(String, [SelfTest.Result])] {
        SelfTest.models.map { name in (name, tested.results.filter { $0.model == name }) }
    }

    var json: JSONValue {
        [
            "version": .string(version), "passed": .bool(tested.passed), "seconds": .number(tested.seconds),
            "differences": .int(tested.differences.count),
            "machine": [
                "processor": JSONValue(tested.processor), "threads": .int(tested.threads),
                "instruction_set": .string(tested.instructionSet.rawValue),
                "instruction_sets": .array(InstructionSet.available.map { .string($0.rawValue) }),
            ],
            "results": .array(
                tested.results.map { result in
                    [
                        "model": .string(result.model), "stage": .string(result.stage.rawValue),
                        "found": .string(result.found), "expected": JSONValue(result.expected),
                    ]
                }),
        ]
    }
}
