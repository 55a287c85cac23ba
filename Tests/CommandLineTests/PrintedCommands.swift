import BuiltPrograms
import Foundation
import Images
import ModelFiles
import Testing
import TestSupport

/// The command lines that the README, the help pages and the scripts print, and a place where all of them can be run.
struct PrintedCommands {
    let program: String
    /// With all that the commands name: texts, pictures, arrays, codes, and a store of trained models.
    private let place: Workplace

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(of file: String) throws -> String {
        try String(contentsOf: repository.appendingPathComponent(file), encoding: .utf8)
    }

    init(of program: String) throws {
        self.program = program
        place = try Workplace(program)
        try FileManager.default.createDirectory(
            at: place.url.appendingPathComponent("bin"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: place.path("bin/\(program)"), withDestinationPath: Program.named(program).path)
        if program == "charnn" { try makeTexts() } else { try makePictures() }
        try expectSuccess("cp checkpoints/jacquard.sqlite damaged.sqlite")
    }

    private func makeTexts() throws {
        for name in ["corpus.txt", "copy.txt"] { try place.write(Texts.sentences(2500), to: "work/\(name)") }
        for name in ["poems/a.txt", "letters.txt", "letters.txt.gz", "other.txt", "tinyshakespeare.txt"] {
            try place.write(Texts.sentences(1500) + name, to: "work/\(name)")
        }
        for run in ["verse-1", "corpus-1", "first-2", "first-1"] {
            try expectSuccess("charnn train corpus.txt --name \(run) --eval-every 1 --stop-after 2")
        }
        for name in ["first", "corpus", "model", "poet"] {
            try expectSuccess("charnn export first-1 \(name).safetensors")
        }
        struct Units: Decodable { let units: String }
        let file = try Safetensors(path: place.path("work/poet.safetensors"))
        let known = try JSONDecoder().decode(Units.self, from: Data((file.metadata["jacquard.vocabulary"] ?? "").utf8))
        let list = known.units.unicodeScalars.map { String($0) } + ["<unk>"]
        try place.write(Array(JSONEncoder().encode(list)), to: "work/vocabulary.json")
    }

    private func makePictures() throws {
        for folder in [
            "pictures", "photos", "scans", "faces", "incoming", "other", "other-pictures", "test/good", "test/bad",
        ] {
            for number in 0..<12 {
                try write(Pictures.spot(number), "\(folder)/\(folder == "faces" ? "face-" : "")\(number).png")
            }
        }
        // So many that one in a hundred can be promised.
        for number in 0..<100 { try write(Pictures.spot(number), "approved/\(number).png") }
        for name in ["cat", "query", "a", "b", "anna", "ben"] { try write(Pictures.spot(name.count), "\(name).png") }
        let pixels = (0..<1024).flatMap { Pictures.spot($0 % 50).pixels }
        for name in ["digits.idx.gz", "t10k-images-idx3-ubyte.gz"] {
            try place.write([0, 0, 8, 3, 0, 0, 4, 0, 0, 0, 0, 12, 0, 0, 0, 12] + pixels, to: "work/\(name)")
        }
        for run in ["scans-1", "scans-2", "digits-1", "pictures-1", "first-2", "first-1"] {
            let kind = run.hasPrefix("scans") ? "denoising" : "plain"
            try expectSuccess("ae train pictures --kind \(kind) --name \(run) --eval-every 1 --stop-after 2")
        }
        for codes in ["codes.csv", "codes.npy"] { try expectSuccess("ae encode pictures -o \(codes)") }
        try expectSuccess("ae encode pictures --to-store")
        try expectSuccess("ae export first-1 first.safetensors")
        // As PyTorch's: without what this project adds.
        let small = "--size 28x28 --channels 4 --hidden 0 --eval-every 1 --stop-after 2"
        try expectSuccess("ae train pictures --name foreign \(small)")
        try expectSuccess("ae export foreign digits.safetensors && ae remove foreign --yes")
        let path = place.path("work/digits.safetensors")
        try Safetensors(Safetensors(path: path).tensors).write(to: path)
    }

    private func write(_ picture: Picture, _ name: String) throws {
        try place.write(PNG.encode(picture), to: "work/\(name)")
    }

    // MARK: Finding

    /// Lines of code, and what stands between backticks in running text.
    func commands(inMarkdown text: String) -> [String] {
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("    ") }.map(String.init)
        let quoted = text.split(separator: "`").map(String.init).filter { !$0.contains("\n") && $0.contains(" ") }
        return lines.compactMap(command(in:))
            + quoted.compactMap(command(in:)).filter { $0.split(separator: " ").count > 2 }
    }

    /// The examples of all help pages.
    func commandsInHelp() throws -> [String] {
        func page(_ arguments: String...) throws -> String {
            try place.start(arguments, environment: ["COLUMNS": "500"]).wait().output
        }
        let overview = try page("--help"), list = overview.components(separatedBy: "SUBCOMMANDS:\n")
        let names = try #require(list.last).split(separator: "\n")
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first }
        #expect(names.count > 7)
        let pages = try [overview] + names.map { try page(String($0), "--help") }
        return pages.flatMap { $0.split(separator: "\n").map(String.init).compactMap(command(in:)) }
    }

    /// Without indentation and comment; nil where a line is no command.
    private func command(in line: String) -> String? {
        let line = line.drop { $0 == " " }
        let end = [line.range(of: " #"), line.range(of: "   ")].compactMap { $0?.lowerBound }.min() ?? line.endIndex
        let words = line[..<end].split(separator: " ")
        guard let first = words.drop(while: { $0.contains("=") }).first, first == program, words.count > 1 else {
            return nil
        }
        return words.joined(separator: " ")
    }

    // MARK: Running

    /// Runs a command in a copy of the place, cut short where it would take long.
    func run(_ command: String) throws -> Program.Result {
        let copy = UUID().uuidString
        let result = try run(shortened(command), in: copy, preparing: "cp -R work \(copy) && ")
        try FileManager.default.removeItem(atPath: place.path(copy))
        return result
    }

    private func expectSuccess(_ command: String) throws {
        let result = try run(command, in: "work", preparing: "mkdir -p work && ")
        #expect(result.status == 0, "\(command): \(result.errors)")
    }

    private func run(_ command: String, in folder: String, preparing: String = "") throws -> Program.Result {
        // A server goes on until it is told to end.
        let timed = command.contains("\(program) serve") ? "timeout --preserve-status -s TERM 3 \(command)" : command
        let script = "set -o pipefail; \(preparing)cd \(folder) && \(timed)"
        let path = place.path("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        guard Self.needsTerminal(command) else {
            return try place.start(
                ["-c", script], of: "/bin/bash", environment: ["PATH": path], input: Texts.sentences(1000)
            ).wait()
        }
        let terminal = try PseudoTerminal(columns: 80, takesLines: true), end = terminal.descriptor
        let running = try place.start(
            ["-c", script], of: "/bin/bash", environment: ["PATH": path], keyboard: end, output: end, errors: end)
        terminal.type("q\n")
        let screen = terminal.finish()
        var result = running.wait()
        (result.output, result.errors) = (screen, screen)
        return result
    }

    /// What asks, or colors: somebody is there, who leaves at once.
    private static func needsTerminal(_ command: String) -> Bool {
        command.hasPrefix("charnn write") || command.contains("--probabilities") && !command.contains("--json")
    }

    private func shortened(_ command: String) -> String {
        let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        var command = processor.contains("avx2") ? command : command.replacing("JACQUARD_ISA=avx2 ", with: "")
        for (word, value) in [("NAME", "first-1"), ("FILE", "corpus.txt"), ("FOLDER", "pictures")] {
            command = command.replacing(" \(word)", with: " \(value)")
        }
        switch command.split(separator: " ").first(where: { !$0.contains("=") && $0 != program }) {
        case "train" where !command.contains("--dry-run"):
            command += " --stop-after \(command.contains("--resume") ? 3 : 2)"
        case "bench": command += " --seconds 0.1"
        case "denoise" where !command.contains("--run"): command += " --run scans-1"
        case "serve":
            // Here, at a port that is free, and without a browser.
            command = command.replacing(" --open", with: "") + " --host 127.0.0.1 --port 0"
        case "export": command += " --force"
        case "remove" where !command.contains("--yes"): command += " --yes"
        default: break
        }
        return command
    }
}
