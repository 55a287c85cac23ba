import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images
import TensorCore

struct Map: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw the codes of pictures as a map.",
        discussion: """
            Two dimensions by t-SNE (near codes stay near) or by principal components (pca: distances mean something). \
            Pictures with labels become dots in the colors of their labels, others thumbnails, unless told otherwise. \
            Thumbnails of codes from a file or the store are what the model decodes them to.

            Examples:
              ae map pictures
              ae map codes.csv --method pca -o map.svg
              ae map pictures --thumbnails --count 2000
            """)

    @Argument(help: "Pictures, or a file of codes.", completion: .file())
    var paths: [String] = []

    @Flag(name: .customLong("from-store"), help: "Take the codes that the store keeps with the run.")
    var fromStore = false

    @Flag(help: "End at the first file that may be a picture and cannot be read, instead of leaving it out.")
    var strict = false

    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A .png or .svg.", valueName: "file"), completion: .file())
    var output: String = "map.png"

    @Option(help: ArgumentHelp("How codes become places.", valueName: "method"))
    var method: CodeMap.Method = .tsne

    @Flag(help: "Small pictures where there is room, or dots.")
    var style: MapStyle?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Pictures on the map at most, spread evenly over all.", valueName: "count"))
    var count: Int = 10_000

    @Option(parsing: .unconditional, help: ArgumentHelp("Of t-SNE.", valueName: "number"))
    var seed: UInt64 = 1

    @OptionGroup var overwrite: OverwriteArguments
    @OptionGroup var json: JSONArguments

    /// Pixels of a thumbnail's longer side.
    private static let thumbnail = 36

    func validate() throws {
        _ = try CodeSource(paths: paths, fromStore: fromStore, command: "map")
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite),
            source = try CodeSource(paths: paths, fromStore: fromStore, command: "map")
        let writing = use.output("map", method.rawValue)
        try writing.check(output, endings: ["png", "svg"])
        let (codes, thumbnails) = try mapped(source, use)
        let mapping = use.progress("mapping", unit: "rounds")
        let positions = try CodeMap.positions(
            of: codes.codes, by: method, seed: seed, in: use.context, shouldStop: { use.shouldStop },
            onProgress: mapping)
        guard let positions else { throw use.interrupted("no map was drawn") }
        let points = (0..<codes.count).map { index in
            ScatterPlot.Point(
                x: positions[index, 0], y: positions[index, 1], label: codes.labels[index],
                thumbnail: thumbnails.isEmpty ? nil : thumbnails[index])
        }
        try writing.write(ScatterPlot(points), to: output)
        use.console.line(
            "Drew \(NumberText.count(codes.count, "picture")) by \(method == .pca ? "principal components" : "t-SNE") on "
                + "\(output)\(use.leftOutText)")
        if json.isJSON { try use.print(.object(use.json.merging(table(codes, points)) { $1 })) }
    }

    private func table(_ codes: PictureCodes, _ points: [ScatterPlot.Point]) -> [String: JSONValue] {
        [
            "method": .string(method.rawValue), "output": .string(output),
            "points": .array(
                points.indices.map {
                    [
                        "name": .string(codes.names[$0]), "label": JSONValue(codes.labels[$0]),
                        "x": .number(Double(points[$0].x)), "y": .number(Double(points[$0].y)),
                    ]
                }),
        ]
    }

    /// Codes, and a thumbnail for each if they are to be shown.
    private func mapped(_ source: CodeSource, _ use: ModelUse) throws -> (PictureCodes, [Picture]) {
        let reducer = Thumbnails(side: Self.thumbnail)
        if let all = try use.existingCodes(source, store: model.store) {
            let codes = all.spread(atMost: count)
            report(codes.count, of: all.count, use)
            let wants = style.map { $0 == .thumbnails } ?? codes.labels.allSatisfy { $0 == nil }
            let decoded = wants ? use.saved.pictures(from: codes.codes, in: use.context).map(reducer.reduced) : []
            return (codes, decoded)
        }
        let pictures = try use.pictures(paths, isStrict: strict), items = pictures.collection.items
        let pass = PicturePass(pictures, spreadAtMost: count)
        report(pass.indices.count, of: items.count, use)
        let wants = style.map { $0 == .thumbnails } ?? items.allSatisfy { $0.label == nil }
        var thumbnails: [Picture] = []
        let codes = try use.saved.codes(of: pass, in: use.context, use.observer("encoding")) { batch in
            guard wants else { return }
            thumbnails += (0..<batch.count).map { reducer.thumbnail(of: batch, $0) }
        }
        guard let codes else { throw use.interrupted("no map was drawn") }
        return (codes, thumbnails)
    }

    private func report(_ shown: Int, of all: Int, _ use: ModelUse) {
        guard shown < all else { return }
        use.console.line(
            "\(NumberText.grouped(shown)) of \(NumberText.grouped(all)) pictures, spread evenly: --count takes more")
    }
}

enum MapStyle: String, EnumerableFlag {
    case thumbnails, dots
}
