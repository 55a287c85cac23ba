import ArgumentParser
import BookLessons
import CommandLineSupport

@main
struct Lessons: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lessons",
        abstract: "Runs the systems of the book \"Deep Learning from Scratch\", and shows its figures beside ours.",
        discussion: """
            Begin with:
              lessons                        lists them
              lessons run 1.2                runs one: a section, a chapter, or all

            Each lesson is a short file to be read: Sources/BookLessons. Documentation/Book leads through them.
            """,
        version: Program.version,
        subcommands: [List.self, Run.self, DrawDigits.self], defaultSubcommand: List.self)

    static func main() { Program.run(self) }
}

/// `lessons` alone.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the lessons.")

    @OptionGroup var json: JSONArguments

    func run() throws {
        var table = Table([("section", .left), ("title", .left), ("data", .left), ("about", .right), ("shows", .left)])
        for lesson in Book.lessons {
            let about = lesson.about
            table.add([
                about.sections, about.title, about.data == .none ? "" : about.data.rawValue, Self.time(about.seconds),
                about.shows,
            ])
        }
        try json.print(table.lines, json: .array(Book.lessons.map { .object($0.about.json) }))
    }

    private static func time(_ seconds: Double) -> String { seconds < 1 ? "1 s" : "\(Int(seconds.rounded())) s" }
}

extension About {
    var json: [String: JSONValue] {
        [
            "section": .string(sections), "chapter": .int(first.numbers[0]), "title": .string(title),
            "shows": .string(shows), "data": .string(data.rawValue), "seconds": .number(seconds),
        ]
    }
}
