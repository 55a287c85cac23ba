import BuiltPrograms
import Foundation
import Images
import Testing

/// The program `lessons` as a reader of the book runs it.
@Suite struct LessonsTests {
    @Test func aloneItListsAllLessons() throws {
        let place = try Workplace("lessons"), list = try place.run()
        #expect(list.status == 0 && list.errors.isEmpty)
        let lines = list.output.split(separator: "\n")
        #expect(lines.count > 20 && lines[0].hasPrefix("section"))
        #expect(lines.contains { $0.contains("1.2 ") && $0.contains("Derivatives") })
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(place.run("list", "--json").output.utf8)) as? [[String: Any]])
        #expect(json.count == lines.count - 1 && json.allSatisfy { $0["seconds"] is NSNumber && $0["title"] is String })
        #expect(place.files.isEmpty)
    }

    @Test func aLessonPrintsTheBooksFiguresBesideOurs() throws {
        let place = try Workplace("lessons"), run = try place.run("run", "6.1", "--threads", "1")
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(run.output.contains("book") && run.output.contains("here"))
        #expect(run.output.contains("35") && run.output.contains("116") && run.output.contains("172"))
    }

    @Test func figuresBecomeFilesThatAreNotOverwrittenIfTheyAreSomebodyElses() throws {
        let place = try Workplace("lessons"), run = try place.run("run", "1.2", "--plots", "figures/first")
        #expect(run.status == 0, "\(run.errors)")
        let drawings = place.files.filter { $0.hasSuffix(".svg") }
        #expect(!drawings.isEmpty && drawings.allSatisfy { run.output.contains($0) })
        // Again: its own may be replaced.
        #expect(try place.run("run", "1.2", "--plots", "figures/first").status == 0)
        try place.write("mine", to: drawings[0])
        let refused = try place.run("run", "1.2", "--plots", "figures/first")
        #expect(refused.status == 1 && refused.errors.contains("is no longer as this program wrote it"))
        #expect(try place.read(drawings[0]) == "mine")
    }

    @Test func resultsComeAsJSON() throws {
        let place = try Workplace("lessons"), run = try place.run("run", "1.2", "A", "--json", "--plots", "p")
        #expect(run.status == 0, "\(run.errors)")
        let lessons = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
        #expect(lessons.count > 1 && lessons[0]["section"] as? String == "1.2")
        for lesson in lessons {
            let rows = try #require(lesson["rows"] as? [[String: Any]])
            #expect(!rows.isEmpty && rows.allSatisfy { $0["name"] is String && $0["here"] is String })
            for figure in lesson["figures"] as? [[String: Any]] ?? [] {
                #expect(place.exists(try #require(figure["path"] as? String)))
            }
        }
    }

    /// Lessons print the same everywhere, so that the guide can show it. Those that take long are compared by hand.
    @Test func theGuideShowsWhatLessonsPrint() throws {
        let place = try Workplace("lessons")
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(place.run("list", "--json").output.utf8)) as? [[String: Any]])
        var printed: [String: Set<String>] = [:], compared = 0
        for (page, block) in try PrintedOutputs.inGuide() {
            let head = try #require(block.first)
            let lesson = try #require(
                list.first { "\($0["section"] ?? "") \($0["title"] ?? "")" == head },
                "\(page): no lesson is called \(head)")
            guard let seconds = lesson["seconds"] as? Double, seconds <= 1, let section = lesson["section"] as? String
            else {
                continue
            }
            if printed[section] == nil {
                let start = section.split(separator: "-")[0]
                let run = try place.run("run", String(start))
                #expect(run.status == 0, "\(section): \(run.errors)")
                printed[section] = Set(run.output.split(separator: "\n").map { PrintedOutputs.trimmed($0) })
            }
            for line in block where !line.isEmpty {
                #expect(printed[section]?.contains(line) == true, "\(page), \(section): \(line)")
            }
            compared += 1
        }
        #expect(compared >= 25)
    }

    @Test func aTableOfOnesOwn() throws {
        let place = try Workplace("lessons")
        let rows = (0..<80).map { "\($0 % 13),\($0 % 7),\(3 * ($0 % 13) - 2 * ($0 % 7) + 5)\n" }.joined()
        try place.write("width,height,price\n" + rows, to: "houses.csv")
        let run = try place.run("run", "2.3", "--csv", "houses.csv", "--target", "price")
        #expect(run.status == 0 && run.output.contains("80 rows of houses.csv"), "\(run.errors)")
        #expect(run.output.contains("width"))
    }

    @Test func aTextOfOnesOwn() throws {
        let place = try Workplace("lessons")
        try place.write(Texts.sentences(4000), to: "own.txt")
        let run = try place.run("run", "6.5.7", "--text", "own.txt")
        #expect(run.status == 0 && run.output.contains("own.txt"), "\(run.errors)")
    }

    @Test(arguments: [
        (["run", "9.9"], "there is no lesson '9.9'"), (["run"], "Missing expected argument"),
        (["run", "2.3", "--csv", "x.csv"], "--csv and --target belong together"),
        (["run", "2.3", "--csv", "x.csv", "--target", "y"], "x.csv"),
        (["run", "4.4", "--data", "none"], "no digits in none"),
        (["run", "6.5.7", "--text", "none.txt"], "cannot read none.txt"),
        (["draw-digits", "d", "--writers", "0"], "from 1 to 1000"),
        (["run", "1.2", "--threads", "0"], "must be from 1"), (["rum"], "did you mean 'run'"),
    ])
    func whatIsWrongIsSaid(_ arguments: [String], _ message: String) throws {
        let place = try Workplace("lessons"), result = try place.start(arguments).wait()
        #expect(result.status != 0 && result.errors.contains(message), "\(result.errors)")
        #expect(place.files.isEmpty)
    }

    @Test func whatIsTooLittleIsSaid() throws {
        let place = try Workplace("lessons")
        try place.write(Texts.sentences(1000), to: "short.txt")
        try place.write(String(repeating: "a", count: 3000), to: "same.txt")
        try place.write("x,y\n1,2\n3,4\n", to: "short.csv")
        try place.write("y\n" + (0..<60).map { "\($0)\n" }.joined(), to: "narrow.csv")
        #expect(try place.run("draw-digits", "few", "--writers", "3").status == 0)
        for (arguments, message) in [
            (["6.5.7", "--text", "short.txt"], "lessons need 2000 or more"),
            (["7.4", "--text", "same.txt"], "over and over"),
            (["3.8", "--csv", "short.csv", "--target", "y"], "2 rows"),
            (["2.3", "--csv", "narrow.csv", "--target", "y"], "all its columns are answers"),
            (["4.4", "--data", "few"], "30 pictures; lessons need 100 or more"),
        ] {
            let result = try place.start(["run"] + arguments).wait()
            #expect(result.status == 1 && result.errors.contains(message), "\(arguments): \(result.errors.suffix(300))")
        }
    }

    @Test func moreDigitsAreDrawn() throws {
        let place = try Workplace("lessons"), run = try place.run("draw-digits", "more", "--writers", "3")
        #expect(run.status == 0, "\(run.errors)")
        let drawn = place.files.filter { $0.hasSuffix(".png") }
        #expect(drawn.count == 30 && drawn.contains("more/7/002.png"))
        let corpus = PrintedCommands.repository.appendingPathComponent("corpora/digits/7/002.png")
        #expect(try Data(contentsOf: corpus) == Data(contentsOf: place.url.appendingPathComponent("more/7/002.png")))
    }
}

/// What the guide to the book says that lessons print.
enum PrintedOutputs {
    /// Blocks of code in no language that begin with the number of a section; those of MNIST's digits left out.
    static func inGuide() throws -> [(page: String, lines: [String])] {
        let folder = PrintedCommands.repository.appendingPathComponent("Documentation/Book").path
        var blocks: [(page: String, lines: [String])] = []
        for page in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where page.hasSuffix(".md") {
            var block: [String]?
            for line in try PrintedCommands.text(of: "Documentation/Book/\(page)").components(separatedBy: "\n") {
                if line.hasPrefix("```") {
                    if let lines = block, lines.first?.contains(/^(A|[0-9])[.0-9]+/) == true,
                        !lines.contains(where: { $0.contains("MNIST") })
                    {
                        blocks.append((page, lines))
                    }
                    block = block == nil && line == "```" ? [] : block == nil ? ["other"] : nil
                } else {
                    block?.append(trimmed(line))
                }
            }
        }
        return blocks
    }

    static func trimmed(_ line: some StringProtocol) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
