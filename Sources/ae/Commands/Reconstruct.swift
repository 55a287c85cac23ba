import PictureRunReports
import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images

struct Reconstruct: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a model makes of pictures: code and back.",
        discussion: """
            Draws a sheet, each picture above its reconstruction, and prints the errors of those on it: mean squared \
            and mean absolute, pixels from 0 to 1, over the picture itself and not what fills it up to the model's shape.

            Examples:
              ae reconstruct pictures
              ae reconstruct pictures --show worst --count 12 -o worst.png
              ae reconstruct pictures --folder rebuilt --json
            """)

    @OptionGroup var pictures: InputArguments
    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The sheet, a .png.", valueName: "file"), completion: .file())
    var output: String = "reconstructions.png"

    @Option(parsing: .unconditional, help: ArgumentHelp("Pictures on the sheet, at most.", valueName: "count"))
    var count: Int = 32

    @Option(help: ArgumentHelp("Which of them.", valueName: "which"))
    var show: ReconstructionReport.Choice = .spread

    @Option(
        help: ArgumentHelp(
            "Write every reconstruction there too, at the size of its picture, in color if model and picture have it.",
            valueName: "folder"),
        completion: .directory)
    var folder: String?

    @OptionGroup var overwrite: OverwriteArguments
    @OptionGroup var json: JSONArguments

    func validate() throws {
        try pictures.require(for: "reconstruct")
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite)
        let writing = use.output("reconstruct")
        try writing.check(output)
        let source = try use.pictures(pictures.paths, isStrict: pictures.strict)
        reportMode(of: source, use)
        let folder = folder.map { OutputFolder($0, output: writing) }
        let files = folder == nil ? [] : OutputFolder.files(for: source.collection.items.map(\.name))
        try folder?.check(files)
        guard folder?.holds(output, among: files) != true else {
            throw AutoencoderError.outputExists(path: output, reason: "is where one of the reconstructions goes")
        }
        let scores = try use.saved.scores(of: PicturePass(source), in: use.context, use.observer("reconstructing")) {
            guard let folder else { return }
            for (position, index) in $0.batch.indices.enumerated() {
                try folder.write($0.picture(position), as: files[index])
            }
        }
        try folder?.finish()
        guard let scores else { throw use.interrupted("no sheet was drawn") }
        let report = ReconstructionReport(scores), shown = report.chosen(show, count: count)
        try draw(shown, from: source, with: use, writing)
        try json.isJSON ? use.print(report.json(use, output: output)) : use.print(ScoreTable.lines(shown))
        for line in report.lines { use.console.line(line) }
        use.console.line("Drew \(NumberText.count(shown.count, "picture")) on \(output)\(use.leftOutText)")
        if let folder {
            use.console.line(
                "Wrote \(NumberText.count(scores.count, "picture")) to \(folder.path)\(folder.olderText)")
        }
    }

    private func reportMode(of source: StreamedPictures, _ use: ModelUse) {
        let colored = source.collection.items.count { $0.channels == 3 }
        guard use.saved.format.isGray, colored > 0 else { return }
        use.console.line(
            "note: \(NumberText.count(colored, "picture")) in color \(colored == 1 ? "comes" : "come") back gray: codes of "
                + "this model hold no color. One that does follows from pictures in color: ae train PATH")
    }

    private func draw(
        _ shown: [ScoredPicture], from source: any PictureSource, with use: ModelUse, _ writing: PictureOutput
    ) throws {
        let sheet = ContactSheet()
        var rows: [[Picture]] = [[], []]
        let progress = try use.saved.compare(
            shown, in: source, context: use.context, use.observer("drawing", reportsFailures: false)
        ) {
            rows[0].append(sheet.reduced($0.input))
            rows[1].append(sheet.reduced($0.made))
        }
        guard !progress.isStopped, !rows[0].isEmpty else { throw use.interrupted("no sheet was drawn") }
        try writing.write(sheet.picture(stacking: rows), to: output)
    }
}

/// Pictures with their errors.
enum ScoreTable {
    static func lines(_ pictures: [ScoredPicture]) -> [String] {
        let hasLabels = pictures.contains { $0.label != nil }
        var table = Table(
            [("mse", .right), ("mae", .right)] + (hasLabels ? [("label", .left)] : []) + [("picture", .left)])
        for picture in pictures {
            table.add(
                [LossText.error(picture.error.meanSquared), LossText.error(picture.error.meanAbsolute)]
                    + (hasLabels ? [picture.label ?? ""] : []) + [picture.name])
        }
        return table.lines
    }

    static func json(_ picture: ScoredPicture) -> [String: JSONValue] {
        [
            "name": .string(picture.name), "label": JSONValue(picture.label),
            "mse": .number(picture.error.meanSquared), "mae": .number(picture.error.meanAbsolute),
        ]
    }
}

extension ReconstructionReport {
    fileprivate var lines: [String] {
        [
            "Error \(LossText.error(meanError.meanSquared)) on average over "
                + "\(NumberText.count(pictures.count, "picture")), \(LossText.error(medianSquaredError)) in the middle",
            "Best  \(LossText.error(best.error.meanSquared)) \(best.name), "
                + "worst \(LossText.error(worst.error.meanSquared)) \(worst.name)",
        ]
    }

    fileprivate func json(_ use: ModelUse, output: String) -> JSONValue {
        let json: [String: JSONValue] = [
            "mse": .number(meanError.meanSquared), "mae": .number(meanError.meanAbsolute),
            "median_mse": .number(medianSquaredError), "best": .string(best.name), "worst": .string(worst.name),
            "output": .string(output),
            "images": .array(pictures.map { .object(ScoreTable.json($0)) }),
        ]
        return .object(use.json.merging(json) { $1 })
    }
}
