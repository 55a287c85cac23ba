import ArgumentParser
import CommandLineSupport
import FileTrees
package import LanguageModels
import SelfTest
import TextRunReports

@main
struct Charnn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "charnn",
        abstract: "Learns to write from a text, on your own machine.",
        discussion: """
            Begin with:
              charnn train corpus.txt        trains a model; Ctrl-C saves it
              charnn sample                  writes with the newest model
              charnn write                   the same together with you

            A model is kept in checkpoints/jacquard.sqlite below the folder you are in, unless --store or \
            JACQUARD_STORE names another file.
            """,
        version: CharnnRuns.version,
        subcommands: [
            Train.self, Sample.self, Write.self, Eval.self, Bench.self, SelfTestCommand<CharnnRuns>.self,
            RunsCommand<CharnnRuns>.self,
            ShowCommand<CharnnRuns>.self, ReportCommand<CharnnRuns>.self, CompareCommand<CharnnRuns>.self,
            ExportCommand<CharnnRuns>.self, Import.self, ServeCommand<CharnnRuns>.self, RemoveCommand<CharnnRuns>.self,
            RepairCommand<CharnnRuns>.self,
            ManualCommand<Self>.self,
        ])

    static func main() { Program.run(self) }
}

extension LanguageModelError: CommandAdvice {
    package var advice: String? {
        switch self {
        case .corpusNotFound(let run, _, _):
            let name = ShellText.quoted(run)
            return "charnn train PATH --resume \(name), charnn eval PATH --run \(name) --part …"
        case .otherCorpus(let run, _, _), .imported(let run, _):
            return "charnn train PATH --from \(ShellText.quoted(run))"
        default: return nil
        }
    }
}
