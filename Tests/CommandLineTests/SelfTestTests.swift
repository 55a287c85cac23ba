import BuiltPrograms
import Foundation
import Testing
import TestSupport

/// `charnn selftest` and `ae selftest`: one test, and nothing is touched.
@Suite struct SelfTestTests {
    @Test(arguments: ["charnn", "ae"]) func saysThatAllIsTheSame(_ name: String) throws {
        let place = try Workplace(name)
        let result = try place.run("selftest", "--threads", "2")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].hasPrefix("Machine  ") && lines[0].contains(", 2 threads, "))
        #expect(lines[0].hasSuffix("; \(name) 0.1.0"))
        #expect(lines.dropLast().last?.hasSuffix(" s, all the bits that were recorded") == true)
        #expect(place.files.isEmpty)
    }

    @Test func printsJSONOfTheChosenInstructionSet() throws {
        let place = try Workplace()
        let result = try place.run(
            "selftest", "--json", environment: ["JACQUARD_ISA": "portable", "JACQUARD_THREADS": "3"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let machine = try #require(result.json["machine"] as? [String: Any])
        #expect(machine["instruction_set"] as? String == "portable" && machine["threads"] as? Int == 3)
        #expect(try #require(machine["instruction_sets"] as? [String]).contains("portable"))
        #expect(result.json["passed"] as? Bool == true && result.json["differences"] as? Int == 0)
        let results = try #require(result.json["results"] as? [[String: String]])
        #expect(results.count > 80 && results.allSatisfy { $0["found"] == $0["expected"] })
        #expect(try place.run("selftest", environment: ["JACQUARD_ISA": "sse9"]).status == 1)
        #expect(try place.run("selftest", "--threads", "0").status == 64)
    }
}
