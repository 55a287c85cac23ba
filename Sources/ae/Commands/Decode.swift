import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images

struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn codes into pictures.",
        discussion: """
            Takes a .csv or .npy file, as ae encode writes them or made by another program, or the codes in the store, \
            and writes a PNG of the model's size for each, under the name that its code has. An output that ends in \
            .png gets all of them on one sheet instead.

            Examples:
              ae decode codes.csv
              ae decode codes.npy -o faces
              ae decode --from-store -o all.png
            """)

    @Argument(help: "A file of codes.", completion: .file(extensions: ["csv", "npy"]))
    var codes: String?

    @Flag(name: .customLong("from-store"), help: "Take the codes that the store keeps with the run.")
    var fromStore = false

    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A folder, or a .png for one sheet.", valueName: "folder"),
        completion: .file())
    var output: String = "decoded"

    @OptionGroup var overwrite: OverwriteArguments

    func validate() throws {
        if codes == nil, !fromStore {
            throw ValidationError("name a file of codes, for example: ae decode codes.csv")
        }
        if codes != nil, fromStore { throw ValidationError("give a file of codes or --from-store, not both") }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite)
        let source = codes.map(CodeSource.file) ?? .store
        guard let codes = try use.existingCodes(source, store: model.store) else { return }
        let pictures = use.output("decode")
        if output.lowercased().hasSuffix(".png") {
            try pictures.check(output)
            let all = use.saved.pictures(from: codes.codes, in: use.context)
            try pictures.write(ContactSheet().picture(of: all), to: output)
            use.console.line("Wrote \(NumberText.count(codes.count, "picture")) on one sheet, \(output)")
        } else {
            try decode(codes, into: OutputFolder(output, output: pictures), use)
        }
    }

    private func decode(_ codes: PictureCodes, into folder: OutputFolder, _ use: ModelUse) throws {
        let files = OutputFolder.files(for: codes.names)
        try folder.check(files)
        let progress = use.progress("decoding", unit: "images")
        var written = 0
        for start in stride(from: 0, to: codes.count, by: 128) {
            let some = codes.subset(Array(start..<min(codes.count, start + 128)))
            for picture in use.saved.pictures(from: some.codes, in: use.context) {
                guard !use.shouldStop else {
                    throw use.interrupted("\(written) of \(codes.count) pictures are in \(folder.path)")
                }
                try folder.write(picture, as: files[written])
                written += 1
            }
            progress(written, codes.count)
        }
        try folder.finish()
        use.console.line("Wrote \(NumberText.count(written, "picture")) to \(folder.path)\(folder.olderText)")
    }
}
