import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images
import Kernels
import TensorCore

/// How pictures are found, fitted and held out.
struct PictureArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Fit pictures into this size: 64x48.", discussion: "Default: follows from the pictures.",
            valueName: "WxH"), transform: Parse.size)
    var size: PictureSize?

    @Flag(name: [.customLong("gray"), .customLong("grey")], help: "Leave color out.")
    var isGray = false

    @Option(
        help: ArgumentHelp(
            "What transparent parts show: white, black, gray or #rrggbb.",
            discussion: "Default: white, or black where over white all pictures look the same.", valueName: "color"),
        transform: Parse.color)
    var background: Color?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Held out: 0.1, 500, last:1000 or none (default: 0.1).",
            discussion: "A share or a number is drawn from all; the same whatever --seed is.", valueName: "portion"),
        transform: Parse.heldOut)
    var validation: CollectionSplit.Rule?

    @Option(
        name: .customLong("held-out"),
        help: ArgumentHelp(
            "Hold out these pictures instead, and do not train on them; may be repeated.", valueName: "path"),
        completion: .file())
    var heldOut: [String] = []

    @Flag(
        name: .customLong("strict"),
        help: "Fail if a file that may be a picture cannot be read, instead of leaving it out.")
    var isStrict = false

    func validate() throws {
        if validation != nil, !heldOut.isEmpty { throw ValidationError("give --validation or --held-out, not both") }
    }

    func selection(_ paths: [String], in context: ComputeContext) -> PictureSelection {
        var selection = PictureSelection(paths: paths)
        selection.heldOutPaths = heldOut
        selection.size = size
        selection.isGray = isGray
        selection.background = background
        selection.rule = validation
        selection.loading = LoadingOptions(threads: context.workers.count, isStrict: isStrict)
        return selection
    }
}
