import ArgumentParser
package import Autoencoders
import CommandLineSupport
import FileTrees
import PictureRunReports
import SelfTest

@main
struct Ae: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ae",
        abstract: "Learns to see from a folder of pictures, on your own machine.",
        discussion: """
            Begin with:
              ae train pictures              trains a model; Ctrl-C saves it
              ae reconstruct pictures        shows what the newest model makes of them

            A model is kept in checkpoints/jacquard.sqlite below the folder you are in, unless --store or \
            JACQUARD_STORE names another file.
            """,
        version: AeRuns.version,
        subcommands: [
            Train.self, Eval.self, Encode.self, Decode.self, Reconstruct.self, Sample.self, Interpolate.self, Map.self,
            Neighbors.self, Anomalies.self, Denoise.self, Bench.self, SelfTestCommand<AeRuns>.self,
            RunsCommand<AeRuns>.self,
            ShowCommand<AeRuns>.self, ReportCommand<AeRuns>.self, CompareCommand<AeRuns>.self,
            ExportCommand<AeRuns>.self, Import.self, ServeCommand<AeRuns>.self, RemoveCommand<AeRuns>.self,
            RepairCommand<AeRuns>.self,
            ManualCommand<Self>.self,
        ])

    static func main() { Program.run(self) }
}

extension AutoencoderError: CommandAdvice {
    package var advice: String? {
        switch self {
        case .picturesNotFound(let run, _, let heldOutPaths, _):
            "ae train PATH --resume \(ShellText.quoted(run))" + (heldOutPaths.isEmpty ? "" : " --held-out PATH")
        case .noStoredCodes(let run, _): "ae encode PATH --to-store --run \(ShellText.quoted(run))"
        default: nil
        }
    }
}
