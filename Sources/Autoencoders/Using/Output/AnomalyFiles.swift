package import Images
package import TensorCore

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

    /// The ranking first, then picture after picture from the worst on.
    ///
    /// - Parameter sheet: pictures on the sheet at most, flagged or not: picture, reconstruction and heat map.
    /// - Returns: false if the observer ended it.
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError`.
    package func write(
        _ heatMap: HeatMap, sheet count: Int, from source: any PictureSource, with saved: SavedAutoencoder,
        in context: ComputeContext, _ observer: PicturePass.Observer = .init()
    ) throws -> Bool {
        try folder.output.write(report, to: "\(folder.path)/\(Self.table)")
        let drawn = Array(report.ranking.prefix(max(count, report.flagged.count)))
        try folder.check(report.flagged.map { files[$0.index] })
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
        try folder.finish()
        return !progress.isStopped
    }
}
