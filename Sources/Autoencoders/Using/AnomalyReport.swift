import Images

/// Pictures by how badly they come back, and from where on that is more than chance.
package struct AnomalyReport: Sendable {
    /// By decreasing mean squared error.
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
        let labelled = clean.isEmpty ? [] : ranking.filter { $0.label != nil }
        quality = DetectionQuality(
            errors: labelled.map(\.error.meanSquared), isAnomaly: labelled.map { !clean.contains($0.label ?? "") })
        cleanLabels = clean
    }

    package func isFlagged(_ picture: ScoredPicture) -> Bool { threshold.isAnomaly(picture.error.meanSquared) }
    /// The worst first.
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
