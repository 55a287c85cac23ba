import ArgumentParser
import CommandLineSupport

@main
struct Charnn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "charnn",
        abstract: "Learns to write from a text, on your own machine.",
        discussion: """
            Begin with:
              charnn train corpus.txt        trains a model; Ctrl-C saves it
              charnn sample                  writes with the newest model

            A model is kept in checkpoints/jacquard.sqlite below the folder you are in, unless --store or \
            JACQUARD_STORE names another file.
            """,
        version: "0.1.0",
        subcommands: [
            Train.self, Sample.self, Eval.self, Bench.self, RunsCommand<CharnnRuns>.self,
            ShowCommand<CharnnRuns>.self,
            ExportCommand<CharnnRuns>.self, RemoveCommand<CharnnRuns>.self, RepairCommand<CharnnRuns>.self,
        ])

    static func main() { Program.run(self) }
}
