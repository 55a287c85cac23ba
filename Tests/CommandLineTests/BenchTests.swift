import BuiltPrograms
import Foundation
import Testing
import TestSupport

/// `charnn bench` and `ae bench`: everything but the time itself.
@Suite struct BenchTests {
    static let rows = [
        "charnn": [
            "training LSTM 2×128", "training LSTM 2×128 --precision bf16", "training LSTM 2×512",
            "training LSTM 2×512 --precision bf16", "training GRU 2×512", "training GRU 2×512 --precision bf16",
            "sampling LSTM 2×128", "sampling LSTM 2×512", "sampling LSTM 2×512 --precision int8",
        ],
        "ae": [
            "training 28×28 gray, 32,64,128", "training 28×28 gray, 32,64,128 --precision bf16",
            "encoding 28×28 gray, 32,64,128",
            "training 64×64 color, 32,64,128", "training 64×64 color, 32,64,128 --precision bf16",
            "encoding 64×64 color, 32,64,128",
        ],
    ]

    @Test(arguments: ["charnn", "ae"]) func printsTheMachineAndEveryRow(_ name: String) throws {
        let place = try Workplace(name)
        let result = try place.run("bench", "--seconds", "0.5")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let expected = try #require(Self.rows[name])
        // Machine, peak, an empty line, titles, rows, and what follows the last line end.
        try #require(lines.count == 4 + expected.count + 1, "\(result.output)")
        #expect(lines[0].hasPrefix("Machine  ") && lines[0].contains(", 1 thread, "))
        #expect(lines[1].hasPrefix("Peak ") && lines[1].contains("GFLOP/s") && lines[1].hasSuffix(" of bf16"))
        #expect(lines[3].hasPrefix("work ") && lines[3].contains(name == "ae" ? "pictures/s" : "characters/s"))
        for (line, row) in zip(lines[4...], expected) {
            #expect(line.hasPrefix(row + "  "), "\(line)")
            #expect(line.contains(row.hasPrefix("sampling") ? "GB/s, reading the weights" : "% of the peak"))
            #expect(row.contains("--precision") == line.hasSuffix(" times single precision"), "\(line)")
        }
        #expect(place.files.isEmpty)
    }

    @Test(arguments: ["charnn", "ae"]) func printsJSON(_ name: String) throws {
        let place = try Workplace(name)
        let result = try place.run(
            "bench", "--seconds", "0.5", "--json", "--threads", "1", environment: ["JACQUARD_THREADS": "2"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let machine = try #require(result.json["machine"] as? [String: Any])
        #expect(machine["threads"] as? Int == 1)
        #expect(
            ["avx512bf16", "avx512vnni", "avx512", "avx2", "neon", "portable"].contains(
                machine["instruction_set"] as? String))
        #expect(result.json["unit"] as? String == (name == "ae" ? "pictures" : "characters"))
        let single = try #require(result.json["peak_gflops"] as? Double)
        let half = try #require(result.json["peak_gflops_bf16"] as? Double)
        #expect(single > 0 && half > 0)
        let rows = try #require(result.json["rows"] as? [[String: Any]])
        let titles = rows.map { row in
            let precision = row["precision"] as? String ?? ""
            return "\(row["task"] ?? "") \(row["model"] ?? "")"
                + (precision == "single" ? "" : " --precision \(precision)")
        }
        #expect(titles == Self.rows[name])
        for row in rows {
            func number(_ key: String) throws -> Double { try #require((row[key] as? NSNumber)?.doubleValue) }
            let precision = try #require(row["precision"] as? String),
                peak = precision == "bf16" ? half : single
            #expect((precision == "single") == (row["times_single_precision"] is NSNull))
            let percent = try number("percent_of_peak")
            #expect(percent > 0, "\(row)")
            #expect(abs(try number("gflops") / peak - percent / 100) < 1e-6)
            #expect(try number("units_per_second") > 0)
            #expect(try #require(row["at_a_time"] as? String).isEmpty == false)
            if row["task"] as? String == "sampling" {
                #expect(try number("gigabytes_per_second") > 0)
                #expect(try number("percent_of_read_rate") > 0)
            } else {
                #expect(row["percent_of_read_rate"] is NSNull && row["gigabytes_per_second"] is NSNull)
            }
        }
    }

    @Test func theEnvironmentChoosesTheInstructionSet() throws {
        let place = try Workplace()
        let result = try place.run(
            "bench", "--seconds", "0.1", "--json", environment: ["JACQUARD_ISA": "portable", "JACQUARD_THREADS": "2"])
        let machine = try #require(result.json["machine"] as? [String: Any])
        #expect(machine["instruction_set"] as? String == "portable" && machine["threads"] as? Int == 2)
        let unknown = try place.run("bench", environment: ["JACQUARD_ISA": "sse9"])
        #expect(unknown.status == 1 && unknown.errors.contains("portable") && unknown.output.isEmpty)
    }

    @Test(arguments: [
        ["--seconds", "0"], ["--seconds", "-1"], ["--seconds", "nan"], ["--seconds", "soon"],
        ["--threads", "0"], ["--threads", "x"], ["--nonsense", "1"],
    ])
    func badOptions(arguments: [String]) throws {
        for name in ["charnn", "ae"] {
            let place = try Workplace(name), result = try place.start(["bench"] + arguments).wait()
            #expect(result.status == 64 && result.output.isEmpty)
            #expect(result.errors.contains(arguments[0]) && result.errors.contains("Usage"), "\(result.errors)")
        }
    }

    @Test(arguments: ["charnn", "ae"]) func helpHasAnExample(_ name: String) throws {
        let place = try Workplace(name)
        #expect(try place.run().output.contains("bench"))
        let page = try place.run("bench", "--help")
        #expect(page.status == 0 && page.output.contains("  \(name) bench\n"), "\(page.output)")
    }

    /// It would go on for an hour.
    @Test(arguments: ["charnn", "ae"]) func endsAtOnceOnControlC(_ name: String) throws {
        let place = try Workplace(name), terminal = try PseudoTerminal()
        let running = try place.start(["bench", "--seconds", "3600"], errors: terminal.descriptor)
        // It says what it measures: it has begun.
        terminal.waitForOutput()
        running.signal(SIGINT)
        let result = running.wait()
        #expect(result.status == 130 && result.output.isEmpty && place.files.isEmpty, "\(result)")
    }
}
