import Foundation
import Kernels
import TensorCore

/// `kernels [PATTERN ...] [--json]`: every kernel alone, in every thread at once, beside the limit that binds it: the
/// multiply-add peak, or plain passes over a working set of the same size that read and write as it does. A little over
/// 100 % means that part of a kernel's operands lies in a nearer cache than the rest, or that it reads more, and writes
/// less, than the pass it is compared with.
struct KernelBenchmarks {
    static let usage = "kernels [PATTERN ...] [--json]"

    static var all: [KernelCase] {
        [
            KernelCase.products, KernelCase.cells, KernelCase.elementwise, KernelCase.softmaxAndLosses,
            KernelCase.optimizers, KernelCase.reductions, KernelCase.planes, KernelCase.convolutions,
        ].flatMap { $0 }
    }

    private struct Report: Encodable {
        let processor: String?
        let threads: Int
        let instructionSet: String
        let peak: Double
        let kernels: [KernelResult]

        enum CodingKeys: String, CodingKey {
            case processor, threads, kernels
            case instructionSet = "instruction_set"
            case peak = "peak_gflops"
        }
    }

    /// - Parameter arguments: patterns, of which a kernel's name has to contain one, and `--json`.
    static func run(_ arguments: [String], in context: ComputeContext) {
        let isJSON = arguments.contains("--json")
        let patterns = arguments.filter { $0 != "--json" }.map { $0.lowercased() }
        let chosen = all.filter { one in
            patterns.isEmpty || patterns.contains { one.kernel.lowercased().contains($0) }
        }
        guard !chosen.isEmpty else {
            let names = all.reduce(into: [String]()) { if !$0.contains($1.kernel) { $0.append($1.kernel) } }
            FileHandle.standardError.write(Data("no such kernel; there are \(names.joined(separator: ", "))\n".utf8))
            exit(64)
        }
        let threads = context.workers.count, limits = MemoryLimits(in: context)
        let precisions = Set(chosen.map(\.precision)).union([.single])
        func peaks() -> [ProductPrecision: Double] {
            Dictionary(
                uniqueKeysWithValues: precisions.map {
                    ($0, context.workers.multiplyAddPeak(context.kernels, in: $0, seconds: 0.3))
                })
        }
        let before = peaks()
        let measured = chosen.map { one in
            (one, one.seconds(for: 0.1, in: context), limits.rate(one.traffic, bytes: one.workingSet))
        }
        let best = before.merging(peaks(), uniquingKeysWith: max)
        let results = measured.map { one, seconds, memory in
            KernelResult(one, seconds: seconds, threads: threads, peak: best[one.precision] ?? 0, memory: memory)
        }
        let report = Report(
            processor: ProcessorName.current, threads: threads, instructionSet: context.instructionSet.rawValue,
            peak: best[.single] ?? 0, kernels: results)
        if isJSON { printJSON(report) } else { printTable(report) }
    }

    private static func printJSON(_ report: Report) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        if let data = try? encoder.encode(report) { print(String(decoding: data, as: UTF8.self)) }
    }

    private static func printTable(_ report: Report) {
        print(
            "\(report.processor ?? "unnamed processor"), \(report.instructionSet), \(report.threads) thread\(report.threads == 1 ? "" : "s"), each with "
                + "operands of its own; peak \(Int(report.peak)) GFLOP/s of multiply-adds\n")
        print("| kernel | shape | working set | time | GFLOP/s | GB/s | of what limits it |")
        print("|---|---|---|---|---|---|---|")
        for row in report.kernels {
            let limit =
                row.limit == "arithmetic"
                ? "of the multiply-add peak\(row.precision == .single ? "" : " of \(row.precision.rawValue)")"
                : "of \(Int(row.memoryLimit)) GB/s, \(row.traffic)"
            print(
                "| \(row.kernel) | \(row.shape) | \(size(row.workingSet)) | \(time(row.microseconds)) "
                    + "| \(number(row.gigaflops)) | \(number(row.gigabytesPerSecond)) "
                    + "| \(Int(row.percent.rounded())) % \(limit) |")
        }
    }

    private static func size(_ bytes: Int) -> String {
        bytes < 1 << 20 ? "\((bytes + 512) >> 10) KiB" : "\((bytes + 1 << 19) >> 20) MiB"
    }

    private static func time(_ microseconds: Double) -> String {
        microseconds < 1000
            ? String(format: "%.2f µs", microseconds) : String(format: "%.2f ms", microseconds * 1e-3)
    }

    private static func number(_ value: Double) -> String { String(format: value < 10 ? "%.1f" : "%.0f", value) }
}
