import Autoencoders
import Foundation
import Images
import TensorCore
import Testing
import TestSupport

@Suite struct UsingReconstructionTests {
    /// Two pictures of different shapes in a square color format, and something made of them.
    private func reconstruction() throws -> (Reconstruction, folder: TemporaryFolder) {
        let folder = try TemporaryFolder(), format = PictureFormat(width: 8, height: 8, channels: 3)
        try folder.write(Drawn.disc(1, width: 16, height: 8), to: "a.png")
        try folder.write(Drawn.disc(2, width: 5, height: 10, channels: 3), to: "b.png")
        let source = StreamedPictures(try ImageCollection.scan([folder.path]), format: format)
        let batch = try source.batch([0, 1]), pictures = batch.tensor()
        var made = pictures
        made.withUnsafeMutablePointer { values in
            for index in 0..<pictures.count { values[index] += Float((index * 37) % 11 - 5) / 40 }
        }
        return (Reconstruction(batch, pictures: pictures, made: made), folder)
    }

    /// Over the picture's own pixels: in double precision, element by element, by the placement's mask.
    @Test func errorsLeaveTheFillingOut() throws {
        let (reconstruction, _) = try reconstruction(), format = reconstruction.batch.format
        for position in 0..<2 {
            let mask = reconstruction.batch.placements[position].mask(in: format)
            #expect(mask.contains(0) && mask.contains(1))
            var squared = 0.0, absolute = 0.0, count = 0.0
            var pixels = [Double](repeating: 0, count: 64)
            for channel in 0..<3 {
                for y in 0..<8 {
                    for x in 0..<8 {
                        let difference =
                            Double(reconstruction.made[position, channel, y, x])
                            - Double(reconstruction.pictures[position, channel, y, x])
                        pixels[y * 8 + x] += difference * difference / 3
                        guard mask[y * 8 + x] == 1 else { continue }
                        squared += difference * difference
                        absolute += abs(difference)
                        count += 1
                    }
                }
            }
            let error = reconstruction.error(position)
            #expect(abs(error.meanSquared - squared / count) < 1e-7)
            #expect(abs(error.meanAbsolute - absolute / count) < 1e-7)
            for (a, b) in zip(reconstruction.pixelErrors(position), pixels) {
                #expect(abs(Double(a) - b.squareRoot()) < 1e-6)
            }
        }
    }

    @Test func picturesComeBackAtTheirSizeAndInTheirMode() throws {
        let (reconstruction, _) = try reconstruction()
        let pictures = (0..<2).map(reconstruction.picture)
        #expect(pictures.map(\.size) == [PictureSize(width: 16, height: 8), PictureSize(width: 5, height: 10)])
        #expect(pictures.map(\.channels) == [1, 3])
        let inputs = (0..<2).map(reconstruction.input)
        #expect(inputs.map(\.size) == pictures.map(\.size))
        #expect(inputs[0] != pictures[0])
    }

    private func scored(_ errors: [Double]) -> [ScoredPicture] {
        errors.enumerated().map {
            ScoredPicture(
                index: 10 + $0.offset, name: "p\($0.offset)", label: nil,
                error: PictureError(meanSquared: $0.element, meanAbsolute: 2 * $0.element))
        }
    }

    @Test func whichPicturesAreShown() {
        let report = ReconstructionReport(scored([3, 1, 4, 1, 5, 9, 2, 6]))
        func names(_ choice: ReconstructionReport.Choice, _ count: Int) -> String {
            report.chosen(choice, count: count).map { String($0.name.dropFirst()) }.joined()
        }
        #expect(names(.worst, 3) == "574" && names(.best, 3) == "316" && names(.first, 3) == "012")
        #expect(names(.spread, 3) == "037" && names(.spread, 1) == "0" && names(.spread, 99) == "01234567")
        #expect(report.worst.name == "p5" && report.best.name == "p3")
        #expect(report.medianSquaredError == 3.5 && report.meanError.meanSquared == 31.0 / 8)
        #expect(report.meanError.meanAbsolute == 62.0 / 8)
        #expect(ReconstructionReport(scored([2, 1, 7])).medianSquaredError == 2)
    }

    @Test func picturesBesideWhatCameBack() throws {
        let model = try TrainedModel(folder: try Drawn.folder(channels: 3)), source = try model.source()
        let scores = try #require(try model.saved.scores(of: PicturePass(source), in: model.context))
        #expect(scores.map(\.index) == Array(0..<20) && scores[3].name == "a/3.png" && scores[13].label == "b")
        // Asked for in another order, and one that is gone by now.
        let chosen = [scores[17], scores[2], scores[5]]
        try FileManager.default.removeItem(atPath: "\(model.pictures)/\(scores[2].name)")
        var shown: [Comparison] = []
        let progress = try model.saved.compare(
            chosen, in: source, heatMaps: HeatMap(scale: 0.2), context: model.context
        ) { shown.append($0) }
        #expect(shown.map(\.score.index) == [17, 5] && progress.failed == 1)
        #expect(shown[0].input == Drawn.disc(15, channels: 3) && shown[0].made.size == shown[0].input.size)
        #expect(shown[0].heatMap?.channels == 3 && shown[0].heatMap?.size == shown[0].input.size)
    }
}

@Suite struct UsingAnomalyTests {
    private func scored(_ errors: [Double], _ labels: [String?] = []) -> [ScoredPicture] {
        errors.enumerated().map {
            ScoredPicture(
                index: $0.offset, name: "p,\($0.offset)", label: labels.isEmpty ? nil : labels[$0.offset],
                error: PictureError(meanSquared: $0.element, meanAbsolute: 0.5))
        }
    }

    @Test func rankingThresholdAndTable() throws {
        let clean = scored((1...99).map { Double($0) / 1000 })
        let report = try AnomalyReport(
            scored([0.05, 0.5, 0.097, 0.098, 0.2]), cleanScores: clean, falsePositiveRate: 0.02)
        // 2 % of 100: the second largest of 99 clean errors.
        #expect(report.threshold.value == 0.098 && report.threshold.isPromiseKept)
        #expect(report.ranking.map(\.index) == [1, 4, 3, 2, 0] && report.flagged.map(\.index) == [1, 4])
        #expect(report.quality == nil && report.cleanLabels.isEmpty)
        #expect(
            report.table == """
                rank,name,label,mse,mae,anomaly
                1,"p,1",,0.5,0.5,1
                2,"p,4",,0.2,0.5,1
                3,"p,3",,0.098,0.5,0
                4,"p,2",,0.097,0.5,0
                5,"p,0",,0.05,0.5,0

                """)
    }

    @Test func labelsThatSayWhatIsClean() throws {
        let errors = [0.1, 0.9, 0.2, 0.8, 0.3, 0.05], clean = scored([0.1, 0.2])
        let labels: [String?] = ["good", "crack", "good", "hole", "crack", nil]
        let report = try AnomalyReport(scored(errors, labels), cleanScores: clean, falsePositiveRate: 0.1)
        #expect(report.cleanLabels == ["good"])
        // Pairs of an anomaly (0.9, 0.8, 0.3) and a clean picture (0.1, 0.2): all six in order.
        #expect(report.quality?.areaUnderCurve == 1 && report.quality?.anomalies == 3)
        let named = try AnomalyReport(
            scored(errors, labels), cleanScores: clean, falsePositiveRate: 0.1, labels: ["crack", "good"])
        // Against hole (0.8): 0.1, 0.2, 0.3 are below it and 0.9 is above.
        #expect(named.quality?.areaUnderCurve == 0.75)
        #expect(throws: AutoencoderError.unknownLabel(label: "ok", known: ["crack", "good", "hole"])) {
            try AnomalyReport(scored(errors, labels), cleanScores: clean, falsePositiveRate: 0.1, labels: ["ok"])
        }
        let none = try AnomalyReport(
            scored([1, 2], ["a", "b"]), cleanScores: clean, falsePositiveRate: 0.1)
        #expect(none.quality == nil && none.cleanLabels.isEmpty)
        #expect(throws: AnalysisError.self) {
            try AnomalyReport(scored([1]), cleanScores: [], falsePositiveRate: 0.1)
        }
        #expect(throws: AnalysisError.notFinite(row: 2, what: "the error of picture")) {
            try AnomalyReport(
                scored([1, 2, .nan], ["good", "bad", "bad"]), cleanScores: clean, falsePositiveRate: 0.1)
        }
    }

    @Test func filesOfAReport() throws {
        let model = try TrainedModel(), source = try model.source()
        let scores = try #require(try model.saved.scores(of: PicturePass(source), in: model.context))
        let errors = scores.map(\.error.meanSquared).sorted(), clean = scored([errors[17], errors[17]])
        let report = try AnomalyReport(scores, cleanScores: clean, falsePositiveRate: 0.4)
        #expect(report.flagged.count == 2)
        let folder = OutputFolder(model.folder.file("report"), output: PictureOutput(description: "test"))
        let files = AnomalyFiles(report: report, folder: folder, names: source.collection.items.map(\.name))
        // What is left of an earlier report goes, unless somebody has changed it, or it lies elsewhere.
        let picture = Drawn.disc(1), other = OutputFolder(folder.path, output: folder.output)
        for name in ["heat-maps/old/x.png", "heat-maps/changed.txt", "beside.txt", "outside/kept.txt"] {
            try other.write(picture, as: name)
        }
        try model.folder.write("mine".utf8, to: "report/heat-maps/changed.txt")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/heat-maps/link", withDestinationPath: "../outside")
        for removed in [1, 0] {
            let written = try files.write(
                HeatMap(scale: 0.3), sheet: 5, from: source, with: model.saved, in: model.context)
            #expect(written == (true, removed))
        }
        for name in ["heat-maps/changed.txt", "beside.txt", "outside/kept.txt"] {
            #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(name)"), "\(name)")
        }
        #expect(folder.olderPictures == 0)
        let below = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        #expect(
            below.filter { $0.hasSuffix(".png") }.sorted()
                == ["anomalies.png"] + report.flagged.map { "heat-maps/\($0.name)" }.sorted())
        #expect(try model.folder.text("report/anomalies.csv") == report.table)
        for file in below where file.hasSuffix(".png") {
            let picture = try PictureFile.read(path: "\(folder.path)/\(file)")
            if file != "anomalies.png" { #expect(picture.size == PictureSize(width: 12, height: 12)) }
        }
        let stopped = try files.write(
            HeatMap(scale: 0.3), sheet: 5, from: source, with: model.saved, in: model.context,
            .init(shouldStop: { true }))
        #expect(stopped == (false, 0))
        // Table, sheet and heat maps are of one report: where one of them cannot be written, all stay.
        let first = "report/heat-maps/\(report.flagged[0].name)"
        try model.folder.write("mine".utf8, to: first)
        let all = try AnomalyReport(scores, cleanScores: scored([errors[0], errors[0]]), falsePositiveRate: 0.4)
        let more = AnomalyFiles(report: all, folder: folder, names: source.collection.items.map(\.name))
        #expect(throws: AutoencoderError.self) {
            try more.write(HeatMap(scale: 0.3), sheet: 5, from: source, with: model.saved, in: model.context)
        }
        #expect(try model.folder.text("report/anomalies.csv") == report.table)
    }

    /// Quantiles of a known spread of pixel errors: half a picture off by 0.5, the rest exact.
    @Test func oneScaleForHeatMaps() throws {
        let folder = try TemporaryFolder()
        try folder.write(Picture(width: 8, height: 8, channels: 1, filledWith: 100), to: "a.png")
        let source = StreamedPictures(
            try ImageCollection.scan([folder.path]), format: PictureFormat(width: 8, height: 8, channels: 1))
        let batch = try source.batch([0]), pictures = batch.tensor()
        func made(_ difference: Float) -> Reconstruction {
            var made = pictures
            made.withUnsafeMutablePointer { for index in 0..<32 { $0[index] += difference } }
            return Reconstruction(batch, pictures: pictures, made: made)
        }
        var scale = HeatScale()
        #expect(scale.value == 1e-3)
        scale.addClean(made(0.25))
        #expect(abs(scale.value - 0.25) < 1e-3)
        scale.addJudged(made(0.5))
        #expect(abs(scale.value - 0.5) < 1e-3)
        scale.addJudged(made(.nan))
        #expect(scale.value == 1)
    }
}
