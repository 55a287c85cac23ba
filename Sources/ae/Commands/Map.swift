import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import FileTrees
import Images
import MapExplorer
import PageParts
import TensorCore

struct Map: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw the codes of pictures as a map.",
        discussion: """
            Two dimensions by t-SNE (near codes stay near) or by principal components (pca: distances mean something). \
            Pictures with labels become dots in the colors of their labels, others thumbnails, unless told otherwise. \
            Thumbnails of codes from a file or the store are what the model decodes them to.

            A .html is a page to look around in: zoom, drag, search by name, labels on and off, and for each picture \
            its nearest by code. It needs nothing else and holds small versions of the pictures, of \(MapExplorer.mostPictures) \
            at most.

            Examples:
              ae map pictures
              ae map pictures -o map.html
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
        name: .shortAndLong, help: ArgumentHelp("A .png or .svg, or a .html to look around in.", valueName: "file"),
        completion: .file())
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
    /// Of each picture, on a page.
    private static let neighbors = 8

    func validate() throws {
        _ = try CodeSource(paths: paths, fromStore: fromStore, command: "map")
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
        guard isPage else { return }
        guard count <= MapExplorer.mostPictures else {
            throw ValidationError(
                "--count: a page holds \(NumberText.grouped(MapExplorer.mostPictures)) pictures at most, not "
                    + "\(NumberText.grouped(count))")
        }
        if let style { throw ValidationError("--\(style.rawValue): a page shows both, dots from afar") }
    }

    private var isPage: Bool { RawPath(output).ending == "html" }

    func run() throws {
        let use = try ModelUse(model, overwrite)
        let source = try CodeSource(
            paths: paths, fromStore: fromStore, command: "map", length: use.saved.codeSize)
        let writing = use.output("map", method.rawValue)
        try writing.check(output, endings: ["png", "svg", "html"])
        let (codes, pictures) = try mapped(source, use)
        let mapping = use.progress("mapping", unit: "rounds")
        let positions = try CodeMap.positions(
            of: codes.codes, by: method, seed: seed, in: use.context, shouldStop: { use.shouldStop },
            onProgress: mapping)
        guard let positions else { throw use.interrupted("no map was drawn") }
        let points = (0..<codes.count).map { index in
            ScatterPlot.Point(
                x: positions[index, 0], y: positions[index, 1], label: codes.labels[index],
                thumbnail: pictures.isEmpty ? nil : pictures[index])
        }
        var size = ""
        if isPage {
            let page = Array(try self.page(codes, points, pictures, use).text.utf8)
            try writing.overwriting.write(page, to: output)
            size = ", \(NumberText.bytes(page.count))"
        } else {
            let plot = ScatterPlot(points)
            try writing.write(plot, to: output)
            if RawPath(output).ending == "png", plot.hasBoxesForLetters {
                use.console.line("note: on a .png, letters beyond ASCII are boxes; a .svg or .html shows them")
            }
        }
        use.console.line(
            "Drew \(NumberText.count(codes.count, "picture")) by \(methodName) on \(output)\(size)\(use.leftOutText)")
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

    private var methodName: String { method == .pca ? "principal components" : "t-SNE" }

    private func page(
        _ codes: PictureCodes, _ points: [ScatterPlot.Point], _ tiles: [Picture], _ use: ModelUse
    ) throws -> PageDocument {
        let sheet = tileSheet(use)
        let nearest = try NearestNeighbors.find(
            codes.codes, in: codes.codes, count: Self.neighbors, excludingSelf: true, context: use.context)
        let map = MapData(
            model: use.saved.run.name, tile: (sheet.tile.width, sheet.tile.height),
            columns: TileSheet.columns(for: tiles.count), points: points.map { ($0.x, $0.y) }, labels: codes.labels,
            names: codes.names, neighbors: (0..<codes.count).map(nearest.neighbors(of:)))
        return MapExplorer.page(
            title: "Map of codes",
            lead: "\(NumberText.count(codes.count, "picture")) by \(methodName) of their codes, \(use.saved.title)",
            map: map, png: try PNG.encode(sheet.picture(of: tiles)))
    }

    private func tileSheet(_ use: ModelUse) -> TileSheet {
        TileSheet(of: use.saved.format.size, longest: MapExplorer.longestTile)
    }

    /// Codes, and for each a small picture if they are to be shown: tiles of one size for a page.
    private func mapped(_ source: CodeSource, _ use: ModelUse) throws -> (PictureCodes, [Picture]) {
        let reducer = Thumbnails(side: Self.thumbnail), sheet = isPage ? tileSheet(use) : nil
        let needsWeights: (PictureCodes) -> Bool = { wantsPictures($0.labels) }
        if let all = try use.existingCodes(source, store: model.store, needsWeights: needsWeights) {
            let codes = all.spread(atMost: count)
            report(codes.count, of: all.count, use)
            guard wantsPictures(codes.labels) else { return (codes, []) }
            let decoded = use.saved.pictures(from: codes.codes, in: use.context)
            return (codes, decoded.map { sheet?.reduced($0) ?? reducer.reduced($0) })
        }
        let pictures = try use.pictures(paths, isStrict: strict), items = pictures.collection.items
        let pass = PicturePass(pictures, spreadAtMost: count)
        report(pass.indices.count, of: items.count, use)
        let wants = wantsPictures(items.map(\.label))
        var small: [Picture] = []
        let codes = try use.saved.codes(of: pass, in: use.context, use.observer("encoding")) { batch in
            guard wants else { return }
            small += (0..<batch.count).map {
                sheet?.reduced(batch.picture($0)) ?? reducer.thumbnail(of: batch, $0)
            }
        }
        guard let codes else { throw use.interrupted("no map was drawn") }
        return (codes, small)
    }

    private func wantsPictures(_ labels: [String?]) -> Bool {
        isPage || style.map { $0 == .thumbnails } ?? labels.allSatisfy { $0 == nil }
    }

    private func report(_ shown: Int, of all: Int, _ use: ModelUse) {
        guard shown < all else { return }
        let more = isPage && count == MapExplorer.mostPictures ? "a page holds no more" : "--count takes more"
        use.console.line(
            "\(NumberText.grouped(shown)) of \(NumberText.grouped(all)) pictures, spread evenly: \(more)")
    }
}

enum MapStyle: String, EnumerableFlag {
    case thumbnails, dots
}
