package import Images
package import TensorCore

/// Pictures by how badly they come back, and from where on that is more than chance.
package struct AnomalyReport: Sendable {
    /// All pictures judged, the largest mean squared error first.
    package let ranking: [ScoredPicture]
    package let threshold: AnomalyThreshold
    /// How well errors tell the two kinds apart, where labels say which pictures are clean.
    package let quality: DetectionQuality?
    /// Labels of clean pictures, if any were given or are known by their names.
    package let cleanLabels: [String]

    /// Names of folders that say that what is in them is clean: those of the usual collections of anomalies.
    package static let usualCleanLabels = ["good", "clean", "normal", "ok"]

    /// - Parameters:
    ///   - scores: of the pictures to be judged, at least one.
    ///   - cleanScores: of pictures without anomalies that the model was not trained on.
    ///   - labels: of clean pictures among those judged; empty: the usual ones, where there are pictures of one and of
    ///     another label.
    /// - Throws: ``AnalysisError`` for no clean pictures, or errors that are not finite;
    ///   ``AutoencoderError/unknownLabel(label:known:)``
    package init(
        _ scores: [ScoredPicture], cleanScores: [ScoredPicture], falsePositiveRate: Double, labels: [String] = []
    ) throws {
        if let row = scores.firstIndex(where: { !$0.error.meanSquared.isFinite }) {
            throw AnalysisError.notFinite(row: row, what: "the error of picture")
        }
        let ranking = ReconstructionReport(scores).chosen(.worst, count: scores.count)
        self.ranking = ranking
        threshold = try AnomalyThreshold(
            cleanErrors: cleanScores.map(\.error.meanSquared), falsePositiveRate: falsePositiveRate)
        let known = Set(ranking.compactMap(\.label))
        if let missing = labels.first(where: { !known.contains($0) }) {
            throw AutoencoderError.unknownLabel(label: missing, known: known.sorted())
        }
        let clean = labels.isEmpty ? known.filter { Self.usualCleanLabels.contains($0.lowercased()) }.sorted() : labels
        // A picture without a label says nothing about how good the errors are.
        let labeled = clean.isEmpty ? [] : ranking.filter { $0.label != nil }
        quality = DetectionQuality(
            errors: labeled.map(\.error.meanSquared), isAnomaly: labeled.map { !clean.contains($0.label ?? "") })
        cleanLabels = clean
    }

    package func isFlagged(_ picture: ScoredPicture) -> Bool { threshold.isAnomaly(picture.error.meanSquared) }
    /// The pictures above the threshold, the worst first.
    package var flagged: [ScoredPicture] { Array(ranking.prefix { isFlagged($0) }) }

    /// The ranking as comma-separated values.
    package var table: String {
        var text = Self.tableHeader
        for (position, picture) in ranking.enumerated() {
            text += CommaSeparated.record([
                "\(position + 1)", picture.name, picture.label ?? "", "\(picture.error.meanSquared)",
                "\(picture.error.meanAbsolute)", isFlagged(picture) ? "1" : "0",
            ])
        }
        return text
    }

    static let tableHeader = CommaSeparated.record(["rank", "name", "label", "mse", "mae", "anomaly"])
}

/// Which error of a pixel has the lightest color in the heat maps of a report: one scale for all of them.
package struct HeatScale: Sendable {
    private var clean = ErrorHistogram()
    private var judged = ErrorHistogram()

    package init() {}

    package mutating func addClean(_ reconstruction: Reconstruction) { Self.add(reconstruction, to: &clean) }
    package mutating func addJudged(_ reconstruction: Reconstruction) { Self.add(reconstruction, to: &judged) }

    private static func add(_ reconstruction: Reconstruction, to histogram: inout ErrorHistogram) {
        let width = reconstruction.batch.format.width
        for (position, place) in reconstruction.batch.placements.enumerated() {
            let errors = reconstruction.pixelErrors(position)
            for row in place.y..<place.y + place.height {
                histogram.add(errors[row * width + place.x..<row * width + place.x + place.width])
            }
        }
    }

    /// What one in 500 pixels of the pictures judged exceeds; never less than what one in 500 clean pixels does, so that
    /// what lights up is not what clean pictures show too.
    package var value: Float { max(clean.quantile(0.998), judged.quantile(0.998), 1e-3) }
}

/// How often errors of pixels in 0...1 are how large: enough to find their quantiles in constant memory.
struct ErrorHistogram {
    private var counts = [Int](repeating: 0, count: bins)
    private(set) var total = 0

    private static let bins = 2048

    mutating func add(_ errors: some Sequence<Float>) {
        for error in errors {
            // What is no number fails the test, and counts as the largest.
            counts[error < 1 ? Int(max(0, error) * Float(Self.bins)) : Self.bins - 1] += 1
            total += 1
        }
    }

    /// The error that no more than a share of all exceed, to 1 / 2048; 0 of none.
    func quantile(_ share: Double) -> Float {
        let wanted = Int((Double(total) * share).rounded(.up))
        var seen = 0
        for (bin, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return Float(bin + 1) / Float(Self.bins) }
        }
        return 0
    }
}

/// A report on anomalies as files of a folder: the ranking, a sheet of the worst, a heat map for each flagged picture.
package struct AnomalyFiles {
    package static let table = "anomalies.csv"
    package static let sheet = "anomalies.png"
    package static let heatMaps = "heat-maps"

    private let report: AnomalyReport
    private let folder: OutputFolder
    private let files: [String]

    /// - Parameter names: of all pictures of the collection.
    package init(report: AnomalyReport, folder: OutputFolder, names: [String]) {
        (self.report, self.folder) = (report, folder)
        files = OutputFolder.files(for: names).map { "\(Self.heatMaps)/\($0)" }
    }

    /// The ranking, then picture after picture from the worst on. At the end the heat maps that an earlier report left are
    /// removed: a picture that has one is flagged.
    ///
    /// - Parameter sheet: pictures on the sheet at most, flagged or not: picture, reconstruction and heat map.
    /// - Returns: whether it came to its end, no observer having ended it, and how many heat maps were removed.
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)`` before anything is touched, `ImageError`.
    package func write(
        _ heatMap: HeatMap, sheet count: Int, from source: any PictureSource, with saved: SavedAutoencoder,
        in context: ComputeContext, _ observer: PicturePass.Observer = .init()
    ) throws -> (isComplete: Bool, removed: Int) {
        let flagged = report.flagged.map { files[$0.index] }
        try folder.check([Self.table, Self.sheet] + flagged)
        try folder.output.write(report, to: "\(folder.path)/\(Self.table)")
        let drawn = Array(report.ranking.prefix(max(count, flagged.count)))
        let layout = ContactSheet()
        var rows: [[Picture]] = [[], [], []]
        let progress = try saved.compare(drawn, in: source, heatMaps: heatMap, context: context, observer) { shown in
            guard let heat = shown.heatMap else { return }
            if report.isFlagged(shown.score) { try folder.write(heat, as: files[shown.score.index]) }
            guard rows[0].count < count else { return }
            for (row, picture) in [shown.input, shown.made, heat].enumerated() {
                rows[row].append(layout.reduced(picture))
            }
        }
        if !progress.isStopped, !rows[0].isEmpty {
            try folder.write(layout.picture(stacking: rows), as: Self.sheet)
        }
        let removed = progress.isStopped ? 0 : try folder.removePictures(below: Self.heatMaps, except: flagged)
        try folder.finish()
        return (!progress.isStopped, removed)
    }
}
