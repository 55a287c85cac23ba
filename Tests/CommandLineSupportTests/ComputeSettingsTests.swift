import CommandLineSupport
import Kernels
import Testing

@Suite struct ComputeSettingsTests {
    @Test func theOptionGoesBeforeTheEnvironment() throws {
        #expect(try ComputeSettings(environment: [:]) == ComputeSettings(threads: nil, environment: ["OTHER": "1"]))
        #expect(try ComputeSettings(environment: ["JACQUARD_THREADS": "3"]).threads == 3)
        #expect(try ComputeSettings(threads: 2, environment: ["JACQUARD_THREADS": "3"]).threads == 2)
        #expect(try ComputeSettings(environment: ["JACQUARD_THREADS": ""]).threads == nil)
        #expect(try ComputeSettings(environment: ["JACQUARD_ISA": "Portable"]).instructionSet == .portable)
    }

    @Test(arguments: ["0", "-1", "many", "2.5", "1025"])
    func refusesThreads(text: String) {
        #expect(throws: ComputeSettings.Problem.threads(text, source: "JACQUARD_THREADS")) {
            try ComputeSettings(environment: ["JACQUARD_THREADS": text])
        }
    }

    @Test func namesWhatTheMachineHas() throws {
        let available = InstructionSet.available.map(\.rawValue)
        let problem = ComputeSettings.Problem.instructionSet("sse9", available: available)
        #expect(throws: problem) { try ComputeSettings(environment: ["JACQUARD_ISA": "sse9"]) }
        #expect(problem.description.contains("portable"))
    }
}
