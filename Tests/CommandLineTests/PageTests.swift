import BuiltPrograms
import Foundation
import GRDB
import Testing
import TestSupport

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Pages of runs, by the built programs.
@Suite struct PageTests {
    /// Elements and text of a page.
    private struct Read {
        var elements: [(name: String, attributes: [String: String])] = []
        var text = ""
        func all(_ name: String) -> [[String: String]] { elements.filter { $0.name == name }.map(\.attributes) }
    }

    /// An expectation fails for what is not well-formed.
    private func read(_ page: String) -> Read {
        final class Reader: NSObject, XMLParserDelegate {
            var read = Read()
            func parser(
                _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
                attributes: [String: String] = [:]
            ) { read.elements.append((name, attributes)) }
            func parser(_ parser: XMLParser, foundCharacters string: String) { read.text += string }
        }
        let parser = XMLParser(data: Data(page.utf8)), reader = Reader()
        parser.delegate = reader
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") line \(parser.lineNumber)")
        return reader.read
    }

    /// What every page must be: nothing that runs, nothing from elsewhere.
    private func expectHarmless(_ page: Read) {
        let names = Set(page.elements.map(\.name))
        for forbidden in ["script", "iframe", "object", "embed", "link", "form", "foreignObject", "base"] {
            #expect(!names.contains(forbidden), "\(forbidden)")
        }
        for (name, attributes) in page.elements {
            #expect(!attributes.keys.contains { $0.lowercased().hasPrefix("on") || $0 == "style" }, "\(name)")
            for key in ["src", "href", "xlink:href"] {
                #expect(attributes[key].map { $0.hasPrefix("data:image/png;base64,") } ?? true, "\(name)")
            }
        }
        let policy = page.all("meta").first { $0["http-equiv"] == "Content-Security-Policy" }?["content"] ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("style-src 'sha256-"))
        #expect(!policy.contains("unsafe"))
    }

    @Test func aPageHoldsWhatTheStoreDoes() throws {
        let place = try Workplace()
        try place.train("--steps", "40", "--eval-every", "10", "--sample-every", "20")
        let written = try place.run("report", "text-1", "-o", "run.html")
        #expect(written.status == 0 && written.errors.contains("run.html"), "\(written.errors)")
        let text = try place.read("run.html"), page = read(text)
        expectHarmless(page)
        let queue = try DatabaseQueue(path: place.path("checkpoints/jacquard.sqlite"))
        try queue.read { database in
            let values = try Double.fetchAll(database, sql: "SELECT value FROM metric")
            #expect(values.count > 8)
            for value in values { #expect(page.text.contains("\(value)"), "\(value)") }
            for sample in try String.fetchAll(database, sql: "SELECT text FROM sample") {
                #expect(page.text.contains(sample), "\(sample)")
            }
            let message = try #require(try String.fetchOne(database, sql: "SELECT message FROM event"))
            #expect(page.text.contains(message))
        }
        let shown = try place.run("show", "text-1", "--json").json
        #expect(page.text.contains(try #require(shown["command"] as? String)))
        #expect(page.text.contains(try #require(shown["weights_sha256"] as? String)))
        let best = try #require(shown["best_validation_nats"] as? Double)
        #expect(page.text.contains(String(format: "%.4f nats per character", best)))
        for part in ["finished, 40 of 40 steps", "--window", "16", "--stack", "lstm:32", "best, step 40"] {
            #expect(page.text.contains(part), "\(part)")
        }
        // Loss by step, with a ring at the best one; learning rate.
        #expect(page.all("polyline").count == 3 && page.all("circle").count == 1)
        #expect(page.all("svg").allSatisfy { $0["aria-label"] != nil && $0["role"] == "img" })
        // The same store makes the same page.
        #expect(try place.run("report", "latest", "-o", "again.html").status == 0)
        #expect(try place.read("again.html") == text)
    }

    @Test func thePolicyAllowsThePagesOwnStyle() throws {
        let place = try Workplace()
        try place.train("--steps", "2")
        #expect(try place.run("report", "latest").status == 0)
        let text = try place.read("report.html")
        let style = try #require(text.split(separator: "<style>").last?.components(separatedBy: "</style>").first)
        try place.write(style, to: "style.css")
        let digest = try place.shell("sha256sum style.css | cut -c1-64 | xxd -r -p | base64")
        #expect(text.contains("'sha256-\(digest.output.trimmingCharacters(in: .newlines))'"), "\(digest.errors)")
    }

    @Test func whatNamesHideIsWrittenOut() throws {
        let place = try Workplace()
        let name = "a<script>alert(1)</script>&amp;\"'"
        try place.write(Texts.sentences(2000), to: "<img src=x onerror=y>\u{1B}[31m.txt")
        let run = try place.start(
            ["train", "<img src=x onerror=y>\u{1B}[31m.txt", "--name", name, "--steps", "4", "--eval-every", "2"] + tiny
        ).wait()
        #expect(run.status == 0, "\(run.errors)")
        // What a model wrote, too.
        let queue = try DatabaseQueue(path: place.path("checkpoints/jacquard.sqlite"))
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO sample (run_id, step, created_at, temperature, seed, text)
                    SELECT id, 4, created_at, 1, '1', ? FROM run
                    """, arguments: ["</pre><script>x</script>\u{1B}\u{202E}\n]]>&lt;"])
        }
        for command in [["report", "latest", "-o", "a.html"], ["compare", "latest", "latest", "-o", "b.html"]] {
            let written = try place.start(command).wait()
            #expect(written.status == 0, "\(written.errors)")
            let text = try place.read(command.last ?? ""), page = read(text)
            expectHarmless(page)
            #expect(page.text.contains(name) && !text.contains("\u{1B}") && !text.contains("\u{202E}"))
        }
        let page = read(try place.read("a.html"))
        #expect(page.text.contains("</pre><script>x</script>\\x1B\\u{202E}\n]]>&lt;"))
        #expect(page.text.contains("<img src=x onerror=y>\\x1B[31m.txt"))
    }

    @Test func runsOfAllKindsHavePages() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(2500), to: "text.txt")
        func page(_ run: String) throws -> String {
            let written = try place.run("report", run, "-o", "\(run).html")
            #expect(written.status == 0, "\(written.errors)")
            let page = read(try place.read("\(run).html"))
            expectHarmless(page)
            return page.text
        }
        let unvalidated = try place.start(
            ["train", "text.txt", "--name", "unvalidated", "--validation", "0", "--steps", "6"] + tiny
        ).wait()
        #expect(unvalidated.status == 0, "\(unvalidated.errors)")
        let plain = try page("unvalidated")
        #expect(plain.contains("Never validated."), "\(plain)")
        let cut = try place.start(
            ["train", "text.txt", "--name", "cut", "--steps", "50", "--eval-every", "5", "--stop-after", "10"] + tiny
        ).wait()
        #expect(cut.status == 0)
        let interrupted = try page("cut")
        #expect(interrupted.contains("interrupted, 10 of 50 steps") && interrupted.contains("--stop-after 10"))
        #expect(try place.run("export", "cut", "cut.safetensors").status == 0)
        #expect(try place.run("import", "cut.safetensors", "--name", "imported").status == 0)
        let imported = try page("imported")
        for part in ["from cut.safetensors", "charnn import cut.safetensors", "Nothing was measured", "No sample"] {
            #expect(imported.contains(part), "\(part) in \(imported)")
        }
        #expect(!imported.contains("--window"))
    }

    @Test func whatIsThereStays() throws {
        let place = try Workplace()
        try place.train("--steps", "2")
        try place.write("mine", to: "mine.html")
        for command in [["report", "latest"], ["compare", "latest", "latest"]] {
            let refused = try place.start(command + ["-o", "mine.html"]).wait()
            #expect(refused.status == 1 && refused.errors.contains("exists already"), "\(refused.errors)")
            #expect(try place.read("mine.html") == "mine")
            let otherwise = try place.start(command + ["-o", "page.txt"]).wait()
            #expect(otherwise.status == 64 && otherwise.errors.contains("ends in .html"))
        }
        let unknown = try place.run("report", "text-2")
        #expect(unknown.status == 1 && unknown.errors.contains("text-1") && !place.exists("report.html"))
        #expect(try place.run("report", "latest", "-o", "mine.html", "--force").status == 0)
        #expect(try place.read("mine.html").hasPrefix("<!DOCTYPE html>"))
        let nowhere = try place.run("report", "latest", "-o", "none/page.html")
        #expect(nowhere.status == 1 && nowhere.errors.contains("none/page.html: cannot be written"))
        // Not even by force: the store itself.
        let before = try place.shell("mv checkpoints/jacquard.sqlite store.html && sha256sum store.html")
        let store = try place.run("report", "latest", "--store", "store.html", "-o", "store.html", "--force")
        let after = try place.shell("sha256sum store.html").output
        #expect(store.status == 1 && after == before.output)
    }

    @Test func picturesArePartOfThePageWhereTheStoreHasCodes() throws {
        let place = try Workplace("ae")
        try place.makePictures(40)
        let run = try place.run(
            "train", "pictures", "--name", "faces", "--size", "8x8", "--code", "4", "--steps", "8", "--eval-every", "2")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.run("report", "faces", "-o", "a.html").status == 0)
        let without = read(try place.read("a.html"))
        expectHarmless(without)
        #expect(without.text.contains("ae encode PICTURES --to-store --run faces") && without.all("img").isEmpty)
        #expect(try place.run("encode", "pictures", "--to-store").status == 0)
        let written = try place.run("report", "faces", "-o", "b.html")
        #expect(written.status == 0, "\(written.errors)")
        let page = read(try place.read("b.html"))
        expectHarmless(page)
        #expect(page.all("img").count == 1 && page.all("image").count > 3)
        #expect(page.text.contains("40 codes from the store, decoded") && page.text.contains("laid out by t-SNE"))
        let more = try place.run("train", "--resume", "faces", "--steps", "80")
        #expect(more.status == 0, "\(more.errors)")
        #expect(try place.run("report", "faces", "-o", "c.html").status == 0)
        let outdated = read(try place.read("c.html"))
        #expect(outdated.all("img").isEmpty && outdated.text.contains("--to-store"))
    }

    @Test func whatDiffersIsATable() throws {
        let place = try Workplace()
        try place.train("--steps", "40", "--eval-every", "10", "--name", "short")
        try place.train("--steps", "80", "--eval-every", "10", "--lr", "0.01", "--name", "long")
        let compared = try place.run("compare", "short", "long")
        #expect(compared.status == 0, "\(compared.errors)")
        let rows = compared.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.contains(["--steps", "40", "80"]), "\(compared.output)")
        #expect(rows.contains { $0.first == "--lr" && $0.last == "0.01" })
        #expect(!rows.contains { $0.first == "--window" } && compared.output.contains("short, validation loss"))
        let both = try ["short", "long"].map {
            try #require(try place.run("show", $0, "--json").json["best_validation_nats"] as? Double)
        }
        for best in both { #expect(compared.output.contains(String(format: "%.4f", best))) }
        #expect(compared.output.contains("'\(both[0] < both[1] ? "short" : "long")' is better by"))
        let json = try place.run("compare", "short", "long", "--json").json
        #expect(json["best_losses"] as? [Double] == both && json["comparable"] as? Bool == true)

        #expect(try place.run("compare", "short", "long", "-o", "c.html").status == 0)
        let page = read(try place.read("c.html"))
        expectHarmless(page)
        #expect(page.all("polyline").count == 4 && page.all("circle").count == 2 && page.text.contains("--lr"))

        try place.write(Texts.sentences(2500), to: "other.txt")
        let other = try place.start(["train", "other.txt", "--steps", "4", "--name", "other"] + tiny).wait()
        #expect(other.status == 0)
        let apart = try place.run("compare", "short", "other").output
        #expect(apart.contains("not measured alike") && apart.contains("other.txt"), "\(apart)")
        // Rare characters that are one for a model are guessed more easily than each of them.
        try place.train("--steps", "4", "--min-count", "100", "--name", "few")
        #expect(try place.run("compare", "short", "few").output.contains("not measured alike"))
        #expect(try place.run("compare", "short", "few", "--json").json["comparable"] as? Bool == false)
        #expect(try place.run("compare", "short", "short").output.contains("Their options and data are the same."))
        #expect(try place.run("compare", "short", "none").status == 1)
    }
}

/// What `scripts/install` puts beside the programs.
@Suite struct InstallTests {
    /// Its lines after the building, with the programs of the tests.
    private func install(to prefix: String, in place: Workplace) throws -> Program.Result {
        let script = try PrintedCommands.text(of: "scripts/install")
        let lines = try #require(script.components(separatedBy: "# What is there now goes to its places.\n").last)
        let bin = try Program.named("charnn").path.dropLast("/charnn".count)
        try place.write("set -euo pipefail; prefix='\(prefix)'; bin='\(bin)'; root=()\n" + lines, to: "part.sh")
        return try place.start(["part.sh"], of: "/bin/bash").wait()
    }

    @Test func completionsAndPagesGoBelowThePrefix() throws {
        let place = try Workplace()
        let result = try install(to: place.path("my own"), in: place)
        #expect(result.status == 0, "\(result.errors)")
        let printed = result.output.split(separator: "\n").map { String($0.dropFirst("installed ".count)) }
        let files =
            FileManager.default.enumerator(atPath: place.path("my own"))?.compactMap { $0 as? String }
            .filter { $0.contains(".") || $0.contains("completions/") || $0.contains("_") || $0.hasPrefix("bin/") }
            .map { place.path("my own/" + $0) }
            .filter { !FileManager.default.isFolder($0) } ?? []
        // Deleting what was printed takes everything away again.
        #expect(files.sorted() == printed.sorted() && !printed.contains { $0.contains("lessons") })
        for name in [
            "bin/charnn", "share/man/man1/charnn.1", "share/man/man1/charnn-train.1", "share/man/man1/ae-reconstruct.1",
            "share/bash-completion/completions/ae", "share/zsh/site-functions/_charnn",
            "share/fish/vendor_completions.d/ae.fish",
        ] {
            #expect(place.exists("my own/" + name), "\(name)")
        }
        let read = try place.start(["-n", "my own/share/bash-completion/completions/charnn"], of: "/bin/bash").wait()
        #expect(read.status == 0, "\(read.errors)")
    }

    /// What bash would offer.
    @Test func bashCompletesCommandsAndOptions() throws {
        let place = try Workplace()
        #expect(try install(to: place.path("p"), in: place).status == 0)
        func offered(_ words: String...) throws -> [String] {
            let list = words.map { "'\($0)'" }.joined(separator: " ")
            let script = """
                PATH="\(place.path("p/bin")):$PATH"
                source p/share/bash-completion/completions/charnn
                COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1); COMP_LINE="\(words.joined(separator: " "))"
                COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMPREPLY=()
                _charnn charnn '\(words.last ?? "")' '\(words.dropLast().last ?? "")' || true
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let result = try place.start(["-c", script], of: "/bin/bash").wait()
            return result.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(try offered("charnn", "sam").contains("sample"))
        #expect(try offered("charnn", "train", "--sta").contains("--stack"))
        #expect(try !offered("charnn", "man").contains("manual"))
    }

    @Test(arguments: ["charnn", "ae"]) func aPageForEachCommandSaysWhatItsHelpDoes(program: String) throws {
        let place = try Workplace(program)
        let pages = try place.run("manual").output.split(separator: "\n").map(String.init)
        #expect(pages.first == program && pages.contains("\(program)-report") && pages.count > 10)
        for page in pages {
            let text = try place.run("manual", page).output
            #expect(text.hasPrefix(".TH \(page.uppercased().replacing("-", with: "\\-")) 1 "), "\(page)")
            let command = page == program ? [] : [String(page.dropFirst(program.count + 1))]
            let help = try place.start(command + ["--help"]).wait().output
            let options = help.matches(of: /^  (?:-[a-z], )?(--[a-z-]+)/.anchorsMatchLineEndings()).map { String($0.1) }
            #expect(options.contains("--help"), "\(page): \(options)")
            for option in options {
                #expect(text.contains("\\fB" + option.replacing("-", with: "\\-") + "\\fR"), "\(page) \(option)")
            }
            // A default is said once.
            for line in text.split(separator: "\n") {
                #expect(line.matches(of: /\(default/).count < 2, "\(page): \(line)")
            }
            // No line is taken for one of man's own.
            let known = [".TH", ".SH", ".TP", ".PP", ".nf", ".fi"]
            for line in text.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
                #expect(known.contains(String(line.prefix(3))), "\(page): \(line)")
            }
        }
        #expect(try place.run("manual", "none").status == 64)
    }
}

extension FileManager {
    fileprivate func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
