package import ArgumentParser
import FileTrees

/// `--name`, `--resume`, `--stop-after`, `--dry-run`: which run is trained, and how far.
package struct SessionArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the run is called.", discussion: "Default: after the file or folder.", valueName: "name"))
    package var name: String?

    @Option(
        help: ArgumentHelp(
            "Go on with a run, or with the latest.",
            discussion: "With --steps, --epochs, --time-limit, --stop-after, --threads; all else comes from the run.",
            valueName: "run"))
    package var resume: String?

    @Option(
        name: .customLong("stop-after"), parsing: .unconditional,
        help: ArgumentHelp("Save and stop after this step of the run.", valueName: "step"))
    package var stopAfter: Int?

    @Flag(name: .customLong("dry-run"), help: "Print the plan with memory and time it takes, and train nothing.")
    package var isDryRun = false

    package init() {}

    package func validate() throws {
        if resume != nil, isDryRun { throw ValidationError("--dry-run is for new runs: leave --resume out") }
        if let name, !ByteText.isUTF8(name) { throw ValidationError("--name: '\(name)' is not valid UTF-8") }
        if let stopAfter, stopAfter < 1 {
            throw ValidationError("--stop-after: must be at least 1, not \(stopAfter)")
        }
    }
}
