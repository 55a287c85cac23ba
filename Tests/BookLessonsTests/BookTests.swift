import BookLessons
import Foundation
import Jacquard
import Testing

@Suite("The book as a whole") struct BookTests {
    @Test("sections, chapters and all are found, what is not there is refused with the way to the list")
    func selection() throws {
        func found(_ name: String) throws -> [String] { try Book.lessons(named: name).map { $0.about.sections } }
        #expect(try found("7.5.4") == ["7.5.4"])
        #expect(try found("7.5.2") == ["7.5.1-7.5.3"])
        #expect(try found("7.5") == ["7.5.1-7.5.3", "7.5.4"])
        #expect(try found("7").allSatisfy { $0.hasPrefix("7.") })
        #expect(try found("A").allSatisfy { $0.hasPrefix("A.") })
        #expect(try found("a").allSatisfy { $0.hasPrefix("A.") })
        #expect(try found("all").count == Book.lessons.count)
        // As they are listed, and as the guide prints them.
        for sections in Set(Book.lessons.map { $0.about.sections }) {
            #expect(try found(sections).contains(sections))
        }
        #expect(try found("5.1-5.3") == ["5.1-5.3", "5.1-5.3"] && found("7.5.1–7.5.3") == ["7.5.1-7.5.3"])
        for name in ["9", "8", "4.99", "", "four", "4.", "-1", "1.3-1.4"] {
            #expect(throws: LessonError.noSection(name)) { try Book.lessons(named: name) }
        }
        #expect("\(LessonError.noSection("9"))".contains("'lessons' alone lists them"))
        #expect("\(LessonError.noSection("4.1"))".contains("'4.1' (its chapter has 4.2, 4.3, 4.4, 4.5, 4.6, 4.7;"))
    }

    @Test("lessons stand in the order of the book, and say what they show and how long they take") func order() {
        let lessons = Book.lessons.map { $0.about }
        #expect(zip(lessons, lessons.dropFirst()).allSatisfy { $0.first <= $1.first })
        #expect(Set(lessons.map(\.first.numbers[0])) == Set(1...8))
        for about in lessons {
            #expect(!about.title.isEmpty && about.shows.hasSuffix(".") && about.seconds > 0 && about.seconds <= 120)
        }
        #expect(lessons.reduce(0) { $0 + $1.seconds } < 600)
    }

    /// Files of lessons, by their paths below Sources/BookLessons.
    private static func sources() throws -> [(path: String, text: String)] {
        let folder = root.appendingPathComponent("Sources/BookLessons")
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Frame") }
            .map { ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)) }
    }

    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

    @Test("a lesson has at most 120 lines, imports Jacquard and nothing else, and begins with its section") func files()
        throws
    {
        let sources = try Self.sources().filter { $0.text.contains(": Lesson {") }
        #expect(sources.count == Book.lessons.count)
        for (path, text) in sources {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 121, "\(path)")
            #expect(lines.filter { $0.contains("import ") && !$0.hasPrefix("///") } == ["import Jacquard"], "\(path)")
            let name = path.split(separator: "/").last ?? "", section = name.prefix { $0 != "-" }
            #expect(text.contains("/// # \(section)"), "\(path)")
            #expect(text.contains("About(\n        \"\(section)") || text.contains("About(\"\(section)"), "\(path)")
        }
    }

    @Test("every piece of Swift in the guide is a part of a lesson") func guide() throws {
        func lines(_ text: String) -> String {
            text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
                .joined(separator: "\n")
        }
        let code = lines(try Self.sources().map(\.text).joined())
        let folder = Self.root.appendingPathComponent("Documentation/Book")
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where name.hasSuffix(".md") {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            for piece in text.components(separatedBy: "```swift\n").dropFirst() {
                let piece = lines(piece.components(separatedBy: "```")[0])
                #expect(code.contains(piece), "\(name): in no lesson:\n\(piece)")
                count += 1
            }
            // What is in no piece: `[Float](…)` of Swift is no link.
            let prose = text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 0 }
                .map(\.element).joined()
            for link in prose.matches(of: /\]\(([^)#]+)\)/).map({ String($0.1) }) where !link.hasPrefix("http") {
                let target = folder.appendingPathComponent(link).path
                #expect(FileManager.default.fileExists(atPath: target), "\(name): \(link) is not there")
            }
        }
        #expect(count >= 20)
    }

    @Test("a folder without digits, and a text that is not there, are refused with what is due") func badMaterials()
        throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("no-digits-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for path in [folder.path, folder.path + "/none"] {
            #expect(throws: LessonError.noDigits(path)) { try Materials(digits: .folder(path)).digits() }
        }
        #expect(throws: LessonError.noText("none.txt")) { try Materials(text: "none.txt").text() }
        #expect("\(LessonError.noDigits("x"))".contains("t10k-images-idx3-ubyte"))
    }

    @Test("pictures in a folder for each class are digits as well, a fifth of them held out") func classFolders() throws
    {
        let digits = try Materials(digits: .folder(Self.root.appendingPathComponent("corpora/digits").path)).digits()
        #expect(digits.training.count == 400 && digits.test.count == 100 && digits.training.inputShape == [784])
        #expect(Set(digits.test.labels).count == 10)
    }

    @Test("Friedman's function has the mean and the noise that it should") func friedman() throws {
        let table = try Materials().regression()
        #expect(table.training.count == 2800 && table.test.count == 1200 && table.columns.count == 10)
        // Of the function: E y = 10 E sin(π x₁ x₂) + 20/12 + 5 + 2.5, and E sin(π x₁ x₂) = 0.5247 by Simpson's rule.
        let y = try table.training.batch(0..<2800).targets.numbers
        #expect(abs(y.mean - 14.41) < 3 * 4.9 / 2800.0.squareRoot())
    }
}
