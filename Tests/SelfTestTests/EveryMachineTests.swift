import Kernels
import LanguageModels
import SelfTest
import TensorCore
import Testing
import Training

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

    /// Each cell, optimizer and kind of model has a model: of a new one without a model nobody would know its bits. What a
    /// model is called is what it is, or its bits would not be those that are committed.
    @Test func everyKindIsAmongTheModels() {
        let words = Set(
            SelfTest.models.flatMap { $0.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init) })
        for optimizer in OptimizerKind.allCases { #expect(words.contains(optimizer.rawValue)) }
        for cell in LayerSpecification.Cell.allCases {
            switch cell {
            case .lstm, .gru, .rnn: #expect(words.contains(cell.rawValue))
            case .gruResetBefore: #expect(SelfTest.models.contains { $0.hasPrefix("GRU 16 of the book") })
            }
        }
        for kind in ["", "denoising ", "sparse ", "variational "] {
            #expect(SelfTest.models.contains { $0.hasPrefix("\(kind)autoencoder,") }, "\(kind)")
        }
        for network in ["LSTM", "autoencoder"] {
            #expect(SelfTest.models.contains { $0.hasPrefix(network) && $0.hasSuffix("half precision") }, "\(network)")
        }
        #expect(words.contains(WritingPrecision.int8.rawValue))
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
