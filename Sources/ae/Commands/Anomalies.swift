import PictureRunReports
import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import Images

struct Anomalies: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the pictures that are unlike those a model has learned.",
        discussion: """
            Ranks pictures by the error of their reconstruction. Above a threshold they are flagged: it is the error that \
            only so many clean pictures exceed, found from pictures without anomalies that the model was not trained on: \
            those of --clean, else those that the run held out.

            Writes into a folder: anomalies.csv with the whole ranking, anomalies.png with the worst (picture, \
            reconstruction, where they differ), and a heat map for each flagged picture; heat maps that it wrote there \
            before are removed.

            Where labels tell clean pictures from others (folders called good, clean, normal or ok, or --label), the area \
            under the ROC curve says how well the errors do.

            Examples:
              ae anomalies incoming --clean approved
              ae anomalies test --label good --false-positive-rate 0.05 -o report
            """)

    @OptionGroup var pictures: InputArguments
    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Pictures without anomalies, not trained on; may be given several times.", valueName: "path"),
        completion: .file())
    var clean: [String] = []

    @Option(
        name: .customLong("false-positive-rate"), parsing: .unconditional,
        help: ArgumentHelp("The share of clean pictures that may be flagged.", valueName: "share"))
    var falsePositiveRate: Double = 0.01

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A label of clean pictures among those judged; may be given several times.", valueName: "name"))
    var label: [String] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "folder"), completion: .directory)
    var output: String = "anomalies"

    @Option(parsing: .unconditional, help: ArgumentHelp("Pictures on the sheet, at most.", valueName: "count"))
    var count: Int = 24

    @OptionGroup var overwrite: OverwriteArguments
    @OptionGroup var json: JSONArguments

    func validate() throws {
        try pictures.require(for: "anomalies")
        guard falsePositiveRate > 0, falsePositiveRate < 1 else {
            throw ValidationError(
                "--false-positive-rate: must be above 0 and below 1, not \(NumberText.exact(falsePositiveRate))")
        }
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite)
        let writing = use.output("anomalies")
        let folder = OutputFolder(output, output: writing)
        try folder.check([AnomalyFiles.table, AnomalyFiles.sheet])
        let source = try use.pictures(pictures.paths, isStrict: pictures.strict)
        var scale = HeatScale()
        guard
            let cleanScores = try scores(ofClean: use, { scale.addClean($0) }),
            let scores = try use.saved.scores(
                of: PicturePass(source), in: use.context, use.observer("judging"), onBatch: { scale.addJudged($0) })
        else { throw use.interrupted() }
        let report = try AnomalyReport(
            scores, cleanScores: cleanScores, falsePositiveRate: falsePositiveRate, labels: label)
        let files = AnomalyFiles(report: report, folder: folder, names: source.collection.items.map(\.name))
        let (isComplete, removed) = try files.write(
            HeatMap(scale: scale.value), sheet: count, from: source, with: use.saved, in: use.context,
            use.observer("drawing", reportsFailures: false))
        if removed > 0 {
            use.console.line("note: \(NumberText.count(removed, "heat map")) of an earlier report removed")
        }
        guard isComplete else { throw use.interrupted("the ranking is in \(folder.path)/\(AnomalyFiles.table)") }
        try json.isJSON
            ? use.print(report.json(use, output: folder.path)) : use.print(ScoreTable.lines(report.flagged))
        for line in report.lines { use.console.line(line) }
        use.console.line("Wrote ranking, sheet and heat maps to \(folder.path)\(use.leftOutText)")
    }

    private func scores(
        ofClean use: ModelUse, _ onBatch: (Reconstruction) -> Void
    ) throws -> [ScoredPicture]? {
        let pass: PicturePass
        if clean.isEmpty {
            let pictures = try use.runPictures(or: "Give pictures without anomalies instead: --clean PATH")
            guard let pictures else { return nil }
            guard !pictures.validationIndices.isEmpty else {
                throw AutoencoderError.runPicturesNeeded(
                    run: use.saved.run.name, reason: "those held out, and none were",
                    instead: "Give pictures without anomalies instead: --clean PATH")
            }
            pass = pictures.heldOutPass
        } else {
            pass = PicturePass(try use.pictures(clean, isStrict: pictures.strict, readsFilesOnce: true))
        }
        return try use.saved.scores(of: pass, in: use.context, use.observer("calibrating")) { onBatch($0) }
    }
}

extension AnomalyReport {
    fileprivate var lines: [String] {
        func percent(_ share: Double) -> String { "\(NumberText.fixed(100 * share, share < 0.1 ? 2 : 1)) %" }
        let bounds = threshold.rateBounds()
        var lines = [
            "\(NumberText.count(flagged.count, "picture")) of \(NumberText.grouped(ranking.count)) flagged: error above "
                + LossText.error(threshold.value),
            "Of \(NumberText.count(threshold.cleanPictures, "clean picture")) \(threshold.cleanPicturesAbove) lie above. "
                + "At most \(percent(threshold.promisedRate)) of further ones are expected to; for this threshold the rate "
                + "lies between \(percent(bounds.lowerBound)) and \(percent(bounds.upperBound)) (95 % confidence)",
        ]
        if !threshold.isPromiseKept {
            lines.append(
                "A rate of \(percent(threshold.wantedRate)) cannot be promised from so few: that takes "
                    + "\(NumberText.grouped(threshold.neededCleanPictures)) clean pictures")
        }
        if let quality {
            let rates = quality.rates(above: threshold.value)
            lines.append(
                "Labels (clean: \(cleanLabels.joined(separator: ", "))): area under the ROC curve "
                    + "\(NumberText.fixed(quality.areaUnderCurve, 4)); flagged \(percent(rates.truePositives)) of "
                    + "\(NumberText.count(quality.anomalies, "other picture")) and "
                    + "\(percent(rates.falsePositives)) of \(NumberText.count(quality.cleanPictures, "clean one"))")
        }
        return lines
    }

    fileprivate func json(_ use: ModelUse, output: String) -> JSONValue {
        let bounds = threshold.rateBounds(), rates = quality?.rates(above: threshold.value)
        let json: [String: JSONValue] = [
            "threshold": .number(threshold.value), "clean_images": .int(threshold.cleanPictures),
            "wanted_false_positive_rate": .number(threshold.wantedRate),
            "promised_false_positive_rate": .number(threshold.promisedRate),
            "false_positive_rate_95": [.number(bounds.lowerBound), .number(bounds.upperBound)],
            "flagged": .int(flagged.count), "output": .string(output),
            "roc_auc": JSONValue(quality?.areaUnderCurve), "true_positive_rate": JSONValue(rates?.truePositives),
            "observed_false_positive_rate": JSONValue(rates?.falsePositives),
            "clean_labels": .array(cleanLabels.map(JSONValue.string)),
            "images": .array(
                ranking.map { picture in
                    .object(ScoreTable.json(picture).merging(["anomaly": .bool(isFlagged(picture))]) { $1 })
                }),
        ]
        return .object(use.json.merging(json) { $1 })
    }
}
