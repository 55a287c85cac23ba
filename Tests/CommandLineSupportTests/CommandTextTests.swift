import CommandLineSupport
import Foundation
import Testing
import TrainingRuns

/// Libraries name options, commands put dashes before them.
@Suite struct CommandTextTests {
    @Test func namesOfOptionsGetTheirDashes() {
        #expect(
            CommandText.typed("`steps`: give it or `eval-every`, not both")
                == "--steps: give it or --eval-every, not both")
        let untouched = "Train one first (`charnn train FILE`), in `.dump`, and a lone ` or `` stay"
        #expect(CommandText.typed(untouched) == untouched)
    }

    @Test func errorsOfLibrariesAreSaidAsTyped() {
        let error = RunError.fixedByRun(run: "a", option: "lr", stored: "`lr` 0.5")
        #expect("\(error)".hasPrefix("`lr` cannot be changed when run 'a' is resumed: it was trained with `lr` 0.5."))
        #expect(
            Program.message(of: error).hasPrefix(
                "--lr cannot be changed when run 'a' is resumed: it was trained with --lr 0.5."))
    }

    /// A Swift caller has no command line: no string of a library may tell it what to type there. Comments may.
    @Test(arguments: [
        "Autodiff", "Autoencoders", "ByteStreams", "Checkpoints", "Digests", "FileTrees", "Images", "Jacquard",
        "Kernels",
        "LanguageModels", "LayerEngines", "Layers", "Requirements", "TensorCore", "TextCorpora", "Training",
        "TrainingRuns",
    ]) func noLibrarySpeaksOfDashes(module: String) throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/\(module)")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            count += 1
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            where !line.drop(while: \.isWhitespace).hasPrefix("//") {
                let code = line.split(separator: " // ", maxSplits: 1).first ?? line
                // Asked for by itself: an expectation prints the whole file that a match keeps.
                let speaksOfDashes = code.contains(/["( ]--[a-z]/)
                #expect(!speaksOfDashes, "\(file.lastPathComponent): \(line)")
            }
        }
        #expect(count > 0)
    }
}
