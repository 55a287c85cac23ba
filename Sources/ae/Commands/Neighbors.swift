import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images

struct Neighbors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "neighbors",
        abstract: "Find the pictures whose codes are nearest to that of another.",
        discussion: """
            Among pictures, among the codes in a file, or among those in the store. Prints them with their distances, \
            nearest first; a sheet shows the picture itself and then its neighbors (of codes from a file or the store: \
            what the model decodes them to). Among pictures the picture itself is not one of its neighbors, copies of it are.

            Examples:
              ae neighbors cat.png pictures
              ae neighbors cat.png codes.npy --count 20
              ae neighbors cat.png pictures -o near.png --metric cosine
            """,
        aliases: ["neighbours"])

    @Argument(help: "The picture to find others for.", completion: .file())
    var query: String

    @Argument(help: "Pictures, or a file of codes.", completion: .file())
    var paths: [String] = []

    @Flag(name: .customLong("from-store"), help: "Search the codes that the store keeps with the run.")
    var fromStore = false

    @Flag(help: "End at the first file that may be a picture and cannot be read, instead of leaving it out.")
    var strict = false

    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(parsing: .unconditional, help: ArgumentHelp("Neighbors to find.", valueName: "count"))
    var count: Int = 8

    @Option(help: ArgumentHelp("How distances are measured.", valueName: "metric"))
    var metric: NearestNeighbors.Metric = .euclidean

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Draw them on a sheet, a .png.", valueName: "file"),
        completion: .file())
    var output: String?

    @OptionGroup var overwrite: OverwriteArguments
    @OptionGroup var json: JSONArguments

    func validate() throws {
        _ = try CodeSource(paths: paths, fromStore: fromStore, command: "neighbors \(query)")
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite)
        let writing = use.output("neighbors", "of \(query)")
        if let output { try writing.check(output) }
        let asked = try use.picture(query)
        let code = try use.saved.code(of: asked, in: use.context).code
        let source = try CodeSource(
            paths: paths, fromStore: fromStore, command: "neighbors \(query)", length: use.saved.codeSize)
        let found: NearPictures
        let draw: (NearPictures.Neighbor) throws -> Picture
        if let codes = try use.existingCodes(source, store: model.store) {
            found = try NearPictures(to: code, among: codes, count: count, metric: metric, in: use.context)
            draw = { use.saved.pictures(from: codes.subset([$0.index]).codes, in: use.context)[0] }
        } else {
            let pictures = try use.pictures(paths, isStrict: strict)
            guard let search = try PictureSearch(pictures, with: use.saved, in: use.context, use.observer("encoding"))
            else { throw use.interrupted() }
            found = try search.neighbors(of: asked.items[0], code: code, count: count, metric: metric, in: use.context)
            draw = { try search.picture($0) }
        }
        try json.isJSON ? use.print(.object(use.json.merging(self.json(found)) { $1 })) : use.print(lines(found))
        if let output {
            let sheet = NeighborSheet.picture(
                of: try asked.items[0].picture(over: use.saved.format.background),
                neighbors: try found.neighbors.map { ContactSheet().reduced(try draw($0)) })
            try writing.write(sheet, to: output)
            use.console.line("Drew the picture and \(found.neighbors.count) neighbors on \(output)\(use.leftOutText)")
        }
    }

    private func lines(_ found: NearPictures) -> [String] {
        let hasLabels = found.neighbors.contains { $0.label != nil }
        var table = Table([("distance", .right)] + (hasLabels ? [("label", .left)] : []) + [("picture", .left)])
        for neighbor in found.neighbors {
            table.add(
                [NumberText.fixed(Double(neighbor.distance), 4)]
                    + (hasLabels ? [neighbor.label ?? ""] : []) + [neighbor.name])
        }
        return table.lines
    }

    private func json(_ found: NearPictures) -> [String: JSONValue] {
        [
            "query": .string(query), "metric": .string(metric.rawValue), "output": JSONValue(output),
            // Programs read this key, so it keeps its spelling.
            "neighbours": .array(
                found.neighbors.map {
                    [
                        "name": .string($0.name), "label": JSONValue($0.label),
                        "distance": .number(Double($0.distance)),
                    ]
                }),
        ]
    }
}
