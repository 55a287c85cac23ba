import BuiltPrograms
import Foundation
import Testing

/// Whoever types what the README, a guide or a help page shows, gets what is promised: no error.
@Suite struct PrintedCommandTests {
    @Test(arguments: [("charnn", 30), ("ae", 45)])
    func everyPrintedCommandRuns(program: String, atLeast count: Int) throws {
        let printed = try PrintedCommands(of: program)
        let pages = [
            "README", "Documentation/Charnn", "Documentation/Ae", "Documentation/Benchmarks", "Documentation/Server",
        ]
        let commands =
            try pages.flatMap { try printed.commands(inMarkdown: PrintedCommands.text(of: "\($0).md")) }
            + printed.commandsInHelp()
        var tried: Set<String> = []
        for command in commands where tried.insert(command).inserted {
            let result = try printed.run(command)
            #if !ONNX
                if command.contains(".onnx") {
                    #expect(result.status == 1 && result.errors.contains("was built without ONNX"), "\(command)")
                    continue
                }
            #endif
            #expect(result.status == 0, "\(command): \(result.errors)")
        }
        #expect(tried.count >= count, "\(tried)")
    }

    /// What a script would do is not tried: it installs, builds and trains for minutes. That its lines can be read is.
    @Test func everyScriptCanBeRead() throws {
        let scripts = PrintedCommands.repository.appendingPathComponent("scripts").path
        let place = try Workplace()
        var count = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: scripts) {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(scripts)/\(name)", isDirectory: &isFolder)
            guard !isFolder.boolValue else { continue }
            guard try PrintedCommands.text(of: "scripts/\(name)").hasPrefix("#!/usr/bin/env bash\n") else { continue }
            let read = try place.start(["-n", "\(scripts)/\(name)"], of: "/bin/bash").wait()
            #expect(read.status == 0, "\(name): \(read.errors)")
            #expect(FileManager.default.isExecutableFile(atPath: "\(scripts)/\(name)"), "\(name)")
            count += 1
        }
        #expect(count >= 5)
    }

    /// The programs' lines of the demo, cut short, with the corpora that it names.
    @Test func theDemoRuns() throws {
        let place = try Workplace()
        let files = FileManager.default
        let corpora = PrintedCommands.repository.appendingPathComponent("corpora")
        try files.createDirectory(atPath: place.path("corpora/digits"), withIntermediateDirectories: true)
        try files.copyItem(
            at: corpora.appendingPathComponent("weavers.txt"),
            to: place.url.appendingPathComponent("corpora/weavers.txt"))
        for folder in try files.contentsOfDirectory(atPath: corpora.appendingPathComponent("digits").path) {
            let from = corpora.appendingPathComponent("digits/\(folder)")
            try files.createDirectory(atPath: place.path("corpora/digits/\(folder)"), withIntermediateDirectories: true)
            for name in try files.contentsOfDirectory(atPath: from.path).sorted().prefix(3) {
                try files.copyItem(
                    at: from.appendingPathComponent(name),
                    to: place.url.appendingPathComponent("corpora/digits/\(folder)/\(name)"))
            }
        }
        let lines = try PrintedCommands.text(of: "scripts/demo").split(separator: "\n")
        let commands = lines.filter { $0.hasPrefix("\"$bin/") || $0.hasPrefix("mkdir") }.map { line in
            line.contains(" train ") ? "\(line) --eval-every 2 --stop-after 2" : String(line)
        }
        #expect(commands.count == 7)
        let bin = try Program.named("charnn").path.dropLast("/charnn".count)
        let result = try place.shell((["set -eu; bin='\(bin)'"] + commands).joined(separator: "\n"))
        #expect(result.status == 0, "\(result.errors)")
        for name in ["reconstructed.png", "map.png", "codes.csv"] { #expect(place.exists("demo/\(name)")) }
    }
}
