import ArgumentParser
import BookLessons
import CommandLineSupport
import Jacquard

/// `lessons run`
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run lessons: a section, a chapter, or all.",
        discussion: """
            Examples:
              lessons run 1.2
              lessons run 4 --plots figures
              lessons run 4.4 --data mnist
              lessons run 2 --csv houses.csv --target price
              lessons run all --json
            """)

    @Argument(help: "Sections like 4.4 or 1.3-1.5, chapters like 4, A for the appendix, or all.")
    var sections: [String]

    @Option(
        help: ArgumentHelp(
            "A folder of digits: MNIST's files, or a folder of pictures for each class. Default: drawn by this program.",
            valueName: "folder"), completion: .directory)
    var data: String?

    @Option(
        help: ArgumentHelp("A text in UTF-8. Default: corpora/weavers.txt.", valueName: "file"), completion: .file())
    var text: String?

    @Option(
        help: ArgumentHelp(
            "A table with a head, for the regressions. Default: Friedman's first function.", valueName: "file"),
        completion: .file())
    var csv: String?

    @Option(help: ArgumentHelp("The column of the table to be foretold.", valueName: "column"))
    var target: String?

    @Option(
        help: ArgumentHelp("Write each figure there, as PNG or SVG.", valueName: "folder"), completion: .directory)
    var plots: String?

    @OptionGroup var compute: ComputeArguments
    @OptionGroup var json: JSONArguments

    func validate() throws {
        guard (csv == nil) == (target == nil) else {
            throw ValidationError("--csv and --target belong together: a table, and its column to be foretold")
        }
        _ = try chosen()
    }

    /// Each lesson once, in the order of the book.
    private func chosen() throws -> [any Lesson.Type] {
        let wanted = Set(try sections.flatMap { try Book.lessons(named: $0) }.map(ObjectIdentifier.init))
        return Book.lessons.filter { wanted.contains(ObjectIdentifier($0)) }
    }

    func run() throws {
        let console = Console(), output = StandardOutput()
        let files = try plots.map(FigureFiles.init)
        let context = try compute.makeContext()
        let materials = Materials(
            digits: data.map(Materials.DigitSource.folder) ?? .drawn(writers: 500), text: text,
            table: csv.flatMap { path in target.map { (path, $0) } }, in: context
        ) { words in console.progress { words } }
        var results: [JSONValue] = []
        for lesson in try chosen() {
            let start = ContinuousClock.now
            let report = try lesson.init().run(with: materials)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            console.clearProgress()
            let paths = try report.figures.map { try files?.write($0) }, source = try source(of: lesson, materials)
            if json.isJSON {
                results.append(report.json(of: lesson.about, source: source, seconds, paths))
                continue
            }
            for line in report.lines(of: lesson.about, source: source, seconds: seconds, figures: paths) {
                try output.line(line)
            }
            try output.flush()
        }
        if json.isJSON { try output.json(.array(results)) }
        try output.flush()
    }

    private func source(of lesson: any Lesson.Type, _ materials: Materials) throws -> String? {
        switch lesson.about.data {
        case .none: nil
        case .digits: try materials.digits().source
        case .text: text ?? "corpora/weavers.txt"
        case .table: try materials.regression().source
        }
    }
}
