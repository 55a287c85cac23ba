package import ArgumentParser
import Foundation
package import Kernels
package import TensorCore

/// `--threads`, and what the environment says about threads and instruction set. Results do not depend on either.
package struct ComputeArguments: ParsableArguments {
    @Option(
        name: .customLong("threads"), parsing: .unconditional,
        help: ArgumentHelp(
            "Threads to compute with; results do not depend on it.",
            discussion: "Default: JACQUARD_THREADS, else the processor's cores.", valueName: "count"))
    package var threads: Int?

    package init() {}

    package func validate() throws {
        guard let threads else { return }
        do {
            try ComputeSettings.check(threads: "\(threads)", from: "--threads")
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// - Throws: ``ComputeSettings/Problem``
    package func makeContext(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ComputeSettings.Problem) -> ComputeContext {
        let settings = try ComputeSettings(threads: threads, environment: environment)
        return ComputeContext(threads: settings.threads, instructionSet: settings.instructionSet)
    }
}

/// What a user may decide about the machine.
package struct ComputeSettings: Equatable, Sendable {
    /// Nil: the processor's cores.
    package var threads: Int?
    /// Nil: the fastest there is.
    package var instructionSet: InstructionSet?

    package static let threadsVariable = "JACQUARD_THREADS"
    package static let instructionSetVariable = "JACQUARD_ISA"
    package static let mostThreads = 1024

    package enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        case threads(String, source: String)
        case instructionSet(String, available: [String])

        package var description: String {
            switch self {
            case .threads(let value, let source):
                "\(source): the number of threads must be from 1 to \(mostThreads), not '\(value)'"
            case .instructionSet(let value, let available):
                "\(instructionSetVariable): this machine cannot run '\(value)'; it has "
                    + available.joined(separator: ", ") + ". Unset it to use the fastest"
            }
        }
    }

    /// An option goes before the environment; an empty variable counts as not set.
    package init(threads: Int? = nil, environment: [String: String]) throws(Problem) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let threads {
            self.threads = try Self.check(threads: "\(threads)", from: "--threads")
        } else if let text = variable(Self.threadsVariable) {
            self.threads = try Self.check(threads: text, from: Self.threadsVariable)
        }
        if let text = variable(Self.instructionSetVariable) {
            let available = InstructionSet.available
            guard let set = available.first(where: { $0.rawValue == text.lowercased() }) else {
                throw .instructionSet(text, available: available.map(\.rawValue))
            }
            instructionSet = set
        }
    }

    @discardableResult
    static func check(threads text: String, from source: String) throws(Problem) -> Int {
        guard let threads = Int(text), (1...mostThreads).contains(threads) else {
            throw .threads(text, source: source)
        }
        return threads
    }
}
