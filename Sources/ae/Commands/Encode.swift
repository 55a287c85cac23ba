import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import Images
import TrainingRuns

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn pictures into codes.",
        discussion: """
            Writes name, label and code of each picture as they are made: what is there after Ctrl-C can be used. \
            Into codes.csv unless told otherwise: name,label,c0,c1,… A name that ends in .npy gets a NumPy array, with \
            names and labels in a .names.csv beside it. The label is the folder a picture lies in, or its label in an \
            IDX set.

            Examples:
              ae encode pictures
              ae encode pictures -o codes.npy --run digits-1
              ae encode pictures --to-store
            """)

    @OptionGroup var pictures: InputArguments
    @OptionGroup(title: "Model") var model: ModelArguments

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A .csv or .npy file (default: codes.csv).", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(
        name: .customLong("to-store"),
        help: "Keep the codes in the store, with the run; with --force instead of all that it has.")
    var toStore = false

    @OptionGroup var overwrite: OverwriteArguments
    @OptionGroup var json: JSONArguments

    func validate() throws {
        try pictures.require(for: "encode")
        if toStore, output != nil { throw ValidationError("give --output or --to-store, not both") }
        if let output, CodeFile(path: output) == nil {
            throw ValidationError("--output: '\(output)' must end in .csv or .npy")
        }
    }

    func run() throws {
        let use = try ModelUse(model, overwrite)
        let place = toStore ? model.store.path : output ?? "codes.csv"
        if !toStore { try CodeFile.check(place, use.outputs) }
        let pass = PicturePass(try use.pictures(pictures.paths, isStrict: pictures.strict))
        let store = toStore ? try model.store.open(.readWrite) : nil
        let start = ContinuousClock.now
        let stored = store.map {
            StoredCodeWriter($0, run: use.saved.run, step: use.saved.step, replaces: overwrite.force)
        }
        let (progress, written, areAllTheSame) = try use.saved.encode(pass, in: use.context, use.observer("encoding")) {
            if let stored { return stored }
            return try CodeFile.writer(
                to: place, length: use.saved.codeSize, weights: use.saved.fingerprint, use.outputs)
        }
        if overwrite.force, !progress.isStopped { try stored?.removeOthers() }
        try store?.close()
        if areAllTheSame {
            use.console.line(
                "note: all codes are the same: as \(use.saved.format) the pictures look alike, or the model has learned "
                    + "nothing yet")
        }
        try report(
            use, progress, written: written, replaced: stored?.replaced, to: place, seconds: start.secondsUntilNow)
    }

    private func report(
        _ use: ModelUse, _ progress: PicturePass.Progress, written: Int, replaced: Int?, to place: String,
        seconds: Double
    ) throws {
        let rate = Double(progress.read) / max(seconds, 1e-9)
        if json.isJSON {
            let json: [String: JSONValue] = [
                "images": .int(written), "replaced": JSONValue(replaced), "code_length": .int(use.saved.codeSize),
                "output": .string(place),
                "status": progress.isStopped ? "interrupted" : "finished", "seconds": .number(seconds),
                "images_per_second": .number(rate),
            ]
            try use.print(.object(use.json.merging(json) { $1 }))
        }
        if let replaced, replaced > 0 {
            use.console.line(
                "note: \(NumberText.count(replaced, "code")) that the run had "
                    + (overwrite.force ? "before " : "under the same \(replaced == 1 ? "name " : "names ")")
                    + "\(replaced == 1 ? "was" : "were") replaced")
        }
        let codes = NumberText.count(written, "code")
        if progress.isStopped {
            throw use.interrupted(
                "\(codes) of \(NumberText.grouped(progress.count)) pictures are in \(place)\(use.leftOutText)")
        }
        use.console.line(
            "Wrote \(codes) of \(use.saved.codeSize) numbers to \(place)\(use.leftOutText), "
                + "\(TimeSpan(seconds: seconds)), \(NumberText.short(rate)) images/s")
    }
}
