import Kernels
import SelfTest
import TensorCore
import Testing

/// Every kind of model, trained, stopped and resumed, scored, sampled and encoded: the bits that are committed, on any
/// number of threads and every instruction set of this machine.
@Suite(.serialized) struct EveryMachineTests {
    struct Machine: CustomTestStringConvertible, Sendable {
        let set: InstructionSet
        let threads: Int
        /// Of the part after the stop.
        let others: Int
        var testDescription: String { "\(set.rawValue), \(threads) threads, then \(others)" }
    }
    static let machines = InstructionSet.available.flatMap { set in
        [(1, 7), (2, 3), (3, 1), (7, 2)].map { Machine(set: set, threads: $0.0, others: $0.1) }
    }

    @Test(arguments: machines) func theCommittedBits(_ machine: Machine) throws {
        let tested = try SelfTest.run(
            in: ComputeContext(threads: machine.threads, instructionSet: machine.set),
            resumingIn: ComputeContext(threads: machine.others, instructionSet: InstructionSet.available[0]))
        #expect(tested.threads == machine.threads && tested.instructionSet == machine.set)
        #expect(tested.results.count > 6 * 12)
        for result in tested.differences {
            Issue.record(
                "\(result.model), \(result.stage.rawValue): \(result.found), not \(result.expected ?? "known")")
        }
    }

    /// No result stands for another, and each model is tried in each stage that it has.
    @Test func resultsAreOfTheirOwn() throws {
        let context = ComputeContext(threads: 1)
        let results = try SelfTest.run(in: context, resumingIn: context).results
        let distinct = results.filter { $0.stage != .resumed }
        #expect(Set(distinct.map(\.found)).count == distinct.count)
        #expect(results.allSatisfy { $0.found.count == 16 && $0.expected != nil })
        #expect(Set(results.map(\.model)).count == SelfTest.models.count && SelfTest.models.count >= 12)
        for name in SelfTest.models {
            let stages = Set(results.filter { $0.model == name }.map(\.stage))
            #expect(stages.isSuperset(of: [.started, .gradients, .trained, .resumed, .scored]), "\(name)")
            #expect(stages.contains(.written) != stages.isSuperset(of: [.encoded, .decoded]), "\(name)")
        }
    }
}
