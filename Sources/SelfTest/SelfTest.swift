import Foundation
package import Kernels
package import TensorCore

/// Trains, scores, samples and encodes small models, and compares every bit with what all machines compute.
///
/// Text and pictures are made from seeds; nothing is read and nothing is written.
package struct SelfTest: Sendable {
    /// One thing that was computed.
    package struct Result: Hashable, Sendable {
        /// "LSTM 2x128, Adam".
        package let model: String
        package let stage: Stage
        package let found: String
        /// Nil: not known, which is a fault of the table.
        package let expected: String?

        package var isSame: Bool { found == expected }
    }

    /// What is computed of each model, in this order: what differs makes all that follows differ.
    package enum Stage: String, CaseIterable, Hashable, Sendable {
        /// Weights from a seed, and what the data are.
        case started
        /// Loss and gradients of the first step.
        case gradients
        /// Weights, what the optimizer remembers, statistics and losses after all steps.
        case trained
        /// The same after a stop in the middle, going on in another process's place.
        case resumed
        /// Losses on what was held out.
        case scored
        /// Texts, with the probability of each unit.
        case written
        /// Codes of pictures.
        case encoded
        /// Pictures from codes, and from codes that were drawn.
        case decoded
    }

    package let processor: String?
    package let instructionSet: InstructionSet
    package let threads: Int
    package let seconds: Double
    package let results: [Result]

    package var differences: [Result] { results.filter { !$0.isSame } }
    package var passed: Bool { differences.isEmpty }

    /// The models, in the order in which they are tried.
    package static var models: [String] { all.map(\.name) }

    static var all: [any TestedModel] { TestedText.all + TestedPictures.all }

    /// - Parameters:
    ///   - other: computes what goes on after a stop.
    ///   - onModel: told before each model.
    package static func run(
        in context: ComputeContext, resumingIn other: ComputeContext, onModel: (String) -> Void = { _ in }
    ) throws -> SelfTest {
        let clock = ContinuousClock(), start = clock.now
        var results: [Result] = []
        for model in all {
            onModel(model.name)
            for (stage, found) in try model.fingerprints(in: context, resumingIn: other) {
                let expected = ExpectedFingerprints.table[model.name]?[stage.expectedAs]
                results.append(Result(model: model.name, stage: stage, found: found, expected: expected))
            }
        }
        return SelfTest(
            processor: ProcessorName.current, instructionSet: context.instructionSet, threads: context.threadCount,
            seconds: (clock.now - start).seconds, results: results)
    }
}

extension SelfTest.Stage {
    /// A run that goes on has to come to what one comes to that was never stopped.
    var expectedAs: SelfTest.Stage { self == .resumed ? .trained : self }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// A model that is tried, from its first weights to its use.
protocol TestedModel: Sendable {
    var name: String { get }

    func fingerprints(
        in context: ComputeContext, resumingIn other: ComputeContext
    ) throws -> [(stage: SelfTest.Stage, found: String)]
}
