import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images
import TensorCore

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make new pictures: decode random codes.",
        discussion: """
            Codes of a variational model are drawn from its prior. Those of other models are drawn from a mixture of \
            Gaussians fitted to codes: of the pictures that the run was trained on, or given by --codes or --from-store. \
            --uniform draws each number of a code evenly and independently of the others: what a decoder makes of that \
            shows how much of the space of codes it knows.

            Picture k of a sheet depends on the seed and k only.

            Examples:
              ae sample
              ae sample --count 100 --seed 7 -o faces.png
              ae sample --uniform --codes codes.csv
            """)

    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(parsing: .unconditional, help: ArgumentHelp("Pictures to make.", valueName: "count"))
    var count: Int = 64

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A sheet, a .png, or a folder for single pictures.", valueName: "file"),
        completion: .file())
    var output: String = "samples.png"

    @Flag(help: "Draw codes evenly, instead of where codes of pictures are.")
    var uniform = false

    @Option(
        help: ArgumentHelp("Fit to the codes in this file.", valueName: "file"),
        completion: .file(extensions: ["csv", "npy"]))
    var codes: String?

    @Flag(name: .customLong("from-store"), help: "Fit to the codes that the store keeps with the run.")
    var fromStore = false

    @OptionGroup var seed: SeedArguments
    @OptionGroup var overwrite: OverwriteArguments
    @OptionGroup var json: JSONArguments

    /// More say little about a mixture, and take time.
    private static let mostFitted = 20_000

    func validate() throws {
        guard (1...100_000).contains(count) else {
            throw ValidationError("--count: must be from 1 to 100000, not \(count)")
        }
        if codes != nil, fromStore { throw ValidationError("give --codes or --from-store, not both") }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite), seed = seed.chosen
        let writing = use.output("sample", "seed \(seed)")
        let target = try SheetOrFolder(output, writing, names: OutputFolder.files(for: numbered), columns: nil)
        let sampler = try use.saved.sampler(uniform ? .uniform : .natural, in: use.context) {
            try fittedCodes(use)
        }
        guard let sampler else { throw use.interrupted() }
        use.console.line("Drawing \(NumberText.count(count, "code")) from \(sampler), seed \(seed)")
        let drawn = sampler.draw(count, seed: seed, in: use.context)
        let older = try target.write(use.saved.pictures(from: drawn, in: use.context))
        use.console.line("Wrote \(NumberText.count(count, "picture")) to \(output)\(older)")
        if json.isJSON {
            let json: [String: JSONValue] = [
                "seed": .string(String(seed)), "images": .int(count), "output": .string(output),
                "distribution": .string(sampler.description),
                "codes": .array(
                    (0..<count).map { row in
                        .array((0..<use.saved.codeSize).map { .number(Double(drawn[row, $0])) })
                    }),
            ]
            try use.print(.object(use.json.merging(json) { $1 }))
        }
    }

    private var numbered: [String] { (0..<count).map { "sample-\($0)" } }

    private func fittedCodes(_ use: ModelUse) throws -> PictureCodes? {
        if codes != nil || fromStore {
            return try use.existingCodes(codes.map(CodeSource.file) ?? .store, store: model.store)
        }
        let pictures = try use.runPictures(or: "Give codes instead: --codes FILE, or --from-store")
        guard let pictures else { return nil }
        return try use.saved.codes(
            of: pictures.trainingPass(atMost: Self.mostFitted), in: use.context, use.observer("encoding"))
    }
}
