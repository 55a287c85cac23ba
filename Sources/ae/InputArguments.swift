import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images

/// Which pictures, and what becomes of those that cannot be read.
struct InputArguments: ParsableArguments {
    @Argument(
        help: "Pictures: files, folders with all that is in them, IDX or NumPy arrays.", completion: .file())
    var paths: [String] = []

    @Flag(help: "End at the first file that may be a picture and cannot be read, instead of leaving it out.")
    var strict = false

    /// - Parameter command: as it is typed, for the example.
    func require(for command: String) throws {
        guard !paths.isEmpty else {
            throw ValidationError("name the pictures, for example: ae \(command) pictures")
        }
    }
}

/// `--force`.
struct OverwriteArguments: ParsableArguments {
    @Flag(help: "Replace files of the same name, also those that ae has not made or that were changed since.")
    var force = false
}

/// `--seed`.
struct SeedArguments: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Of the random numbers; drawn and printed where not given.", valueName: "number"))
    var seed: UInt64?

    var chosen: UInt64 { seed ?? UInt64.random(in: 0..<1 << 32) }
}

extension ReconstructionReport.Choice: ExpressibleByArgument {}
extension CodeMap.Method: ExpressibleByArgument {}
extension Interpolation: ExpressibleByArgument {}
extension NearestNeighbors.Metric: ExpressibleByArgument {}
