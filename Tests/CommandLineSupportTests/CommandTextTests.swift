import Checkpoints
import CommandLineSupport
import Foundation
import Testing
import TestSupport
import TrainingRuns

/// Libraries name options, commands put dashes before them.
@Suite struct CommandTextTests {
    @Test func namesOfOptionsGetTheirDashes() {
        #expect(
            CommandText.typed("`steps`: give it or `eval-every`, not both")
                == "--steps: give it or --eval-every, not both")
        let untouched = "Train one first (`charnn train FILE`), in `.dump`, and a lone ` or `` stay"
        #expect(CommandText.typed(untouched) == untouched)
        #expect(CommandText.typed("(`lr`, `steps`) `seed`.") == "(--lr, --steps) --seed.")
        for file in ["the`unit`.txt: no such file", "a/`unit`.txt: `strict`", "`unit`s: empty"] {
            #expect(CommandText.typed(file) == file.replacing("`strict`", with: "--strict"))
        }
    }

    @Test func errorsOfLibrariesAreSaidAsTyped() {
        let error = RunError.fixedByRun(run: "a", option: "lr", stored: "`lr` 0.5")
        #expect("\(error)".hasPrefix("`lr` cannot be changed when run 'a' is resumed: it was trained with `lr` 0.5."))
        #expect(
            Program.message(of: error).hasPrefix(
                "--lr cannot be changed when run 'a' is resumed: it was trained with --lr 0.5."))
    }

    /// What is no option has no dashes: words for commands and programs stand in other quotes.
    @Test func errorsOfStoresNameOptionsThatThereAre() throws {
        let path = "a.sqlite", folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.file(path), access: .readWrite)
        let run = try store.createRun(
            RunDescription(name: "x", baseName: "x", kind: "charnn", configuration: ["seed": 1], corpus: ["size": 1]))
        let owner = try #require(try store.owner(of: run.id))
        try store.close()
        let errors: [StoreError] = [
            .noStore(path: path), .noRuns(path: path, kind: "ae"), .noRuns(path: path, kind: "network"),
            .noRuns(path: path, kind: nil), .unknownRun(name: "x", near: ["y"], path: path), .runRemoved(path: path),
            .beingTrained(run: "x", by: owner, path: path), .takenOver(run: "x", by: owner, path: path),
            .goesBack(run: "x", from: 2, to: 1, path: path), .wrongKind(run: "x", kind: "ae", expected: "charnn"),
            .wrongKind(run: "x", kind: "network", expected: "charnn"),
            .wrongKind(run: "x", kind: "charnn", expected: "network"), .invalidRunName(name: "x", reason: "why"),
            .nameTaken(name: "x", path: path), .noCheckpoint(run: "x", wanted: "best", path: path),
            .noText(id: 1, path: path), .textChanged(id: 1, expected: 1, found: 2, path: path), .folder(path: path),
            .notAFile(path: path), .notSQLite(path: path), .otherApplication(path: path, applicationID: 0),
            .otherApplication(path: path, applicationID: 1), .newerSchema(path: path, found: 9, supported: 5),
            .foreignSchema(path: path, object: "table 'x'", isChanged: true),
            .foreignSchema(path: path, object: "view 'x'", isChanged: false), .moved(path: path, isReplaced: true),
            .moved(path: path, isReplaced: false), .unreadable(path: path, reason: "why"),
            .notWritable(path: path, reason: "why"), .openedReadOnly(path: path), .locked(path: path, seconds: 1),
            .full(path: path),
            .failing(path: path, doing: "reading"), .corrupt(path: path, detail: "what"),
            .damagedTensor(name: "w", run: "x", step: 1, reason: "why", path: path),
            .damagedValue(table: "run", row: "id 1", column: "name", reason: "NULL", path: path),
            .exportExists(path: path), .storeItself(path: path), .nothingToRepair(path: path),
            .repairExists(path: path), .inUse(path: path), .besideIt(path: path, other: "a.sqlite-wal"),
            .closed(path: path), .json(what: "it", reason: "why"),
            .database(path: path, code: 1, message: "what", sql: "SELECT 1"),
        ]
        for error in errors {
            let message = Program.message(of: error)
            let options = message.matches(of: /--([a-z][a-z-]*)/).map { String($0.1) }
            #expect(Set(options).isSubset(of: ["store", "force", "output"]), "\(message)")
        }
        #expect(Program.message(of: errors[0]).contains(" with --store or JACQUARD_STORE."))
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
