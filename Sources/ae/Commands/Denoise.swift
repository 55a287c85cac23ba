import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images

struct Denoise: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take noise out of pictures.",
        discussion: """
            With a model of --kind denoising. Writes each picture again as a PNG, at its own size and in its own mode: \
            color goes through a gray model channel by channel. What the model's size cannot hold is lost. An output that ends in .png gets a sheet instead: pictures above \
            what becomes of them. --add-noise spoils clean pictures first, as in training, to see how well that works.

            Examples:
              ae denoise scans
              ae denoise scans -o clean --run scans-2
              ae denoise pictures --add-noise -o before-and-after.png
            """)

    @OptionGroup var pictures: InputArguments
    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A folder, or a .png for a sheet.", valueName: "folder"),
        completion: .file())
    var output: String = "denoised"

    @Flag(name: .customLong("add-noise"), help: "Add the noise of training to the pictures first.")
    var addNoise = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Of the noise that is added.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(parsing: .unconditional, help: ArgumentHelp("Pictures on a sheet, at most.", valueName: "count"))
    var count: Int = 32

    @OptionGroup var overwrite: OverwriteArguments

    func validate() throws {
        try pictures.require(for: "denoise")
        guard count >= 1 else { throw ValidationError("--count: must be at least 1, not \(count)") }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite)
        try use.saved.checkDenoises()
        let writing = use.output("denoise")
        let isSheet = output.lowercased().hasSuffix(".png")
        if isSheet { try writing.check(output) }
        let source = try use.pictures(
            pictures.paths, isStrict: pictures.strict, in: use.saved.denoisingFormat(for:))
        reportLoss(of: source, use)
        try isSheet ? drawSheet(of: source, writing, use) : writeFolder(of: source, writing, use)
    }

    private func reportLoss(of source: StreamedPictures, _ use: ModelUse) {
        let larger = source.collection.items.count {
            $0.size.width > source.format.width || $0.size.height > source.format.height
        }
        guard larger > 0 else { return }
        use.console.line(
            "\(NumberText.count(larger, "picture")) larger than the model's \(source.format.size): finer detail is lost. "
                + "A model of another size: ae train PATH --kind denoising --size WxH")
    }

    private func drawSheet(of source: StreamedPictures, _ writing: PictureOutput, _ use: ModelUse) throws {
        let sheet = ContactSheet()
        var rows: [[Picture]] = [[], []]
        let pass = PicturePass(source, spreadAtMost: count)
        let progress = try denoise(pass, use) { denoised, position in
            rows[0].append(sheet.reduced(denoised.input(position)))
            rows[1].append(sheet.reduced(denoised.picture(position)))
        }
        guard !progress.isStopped else { throw use.interrupted() }
        try writing.write(sheet.picture(stacking: rows), to: output)
        use.console.line("Drew \(NumberText.count(progress.read, "picture")) on \(output)\(use.leftOutText)")
    }

    private func writeFolder(of source: StreamedPictures, _ writing: PictureOutput, _ use: ModelUse) throws {
        let folder = OutputFolder(output, output: writing)
        let files = OutputFolder.files(for: source.collection.items.map(\.name))
        try folder.check(files)
        let progress = try denoise(PicturePass(source), use) { denoised, position in
            try folder.write(denoised.picture(position), as: files[denoised.batch.indices[position]])
        }
        try folder.finish()
        let written = NumberText.count(progress.read, "picture")
        if progress.isStopped { throw use.interrupted("\(written) of \(progress.count) are in \(folder.path)") }
        use.console.line("Wrote \(written) to \(folder.path)\(use.leftOutText)\(folder.olderText)")
    }

    private func denoise(
        _ pass: PicturePass, _ use: ModelUse, _ body: (Reconstruction, Int) throws -> Void
    ) throws -> PicturePass.Progress {
        try use.saved.denoise(
            pass, addingNoise: addNoise ? seed : nil, in: use.context, use.observer("denoising")
        ) { denoised in
            for position in 0..<denoised.count { try body(denoised, position) }
        }
    }
}
