package import ArgumentParser
import Checkpoints
import FileTrees
import Foundation
import ModelFiles
import TensorCore

/// `export`
package struct ExportCommand<Program: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export",
            abstract: "Copy one run into a file of its own, for this program or for others.",
            discussion: """
                The name of the file says what it becomes: .safetensors (PyTorch, JAX and others read it) and .npz (NumPy) \
                hold the weights of the best checkpoint under PyTorch's names, .onnx (onnxruntime and others run it) the \
                whole computation\(Program.graphNote); anything else is a store, to be used with --store. Safe while the \
                run is being trained.

                Examples:
                  \(Program.name) export first-1 first.sqlite
                  \(Program.name) export latest first.sqlite --weights-only
                  \(Program.name) export first-1 first.safetensors
                  \(Program.name) export first-1 first.onnx
                  \(Program.name) export first-1 --csv
                """)
    }

    @Argument(help: ArgumentHelp("The run, or latest.", valueName: "run"))
    var name: String

    @Argument(help: "The file to make.", completion: .file())
    var file: String?

    @Flag(
        name: .customLong("weights-only"),
        help: "Of a store: only what is needed to use the model, not to train it further.")
    var isWeightsOnly = false

    @Flag(help: "Print what was measured instead, by step: losses and rates.")
    var measures: MeasureFormat?

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var compute: ComputeArguments
    @OptionGroup var store: StoreArguments

    package init() {}

    package func validate() throws {
        guard (file == nil) == (measures != nil) else {
            throw ValidationError(
                file == nil
                    ? "name the file to make, or --csv or --json for what was measured"
                    : "--csv and --json print what was measured: leave the file out, or send it there with >")
        }
        if isWeightsOnly, measures != nil || format != nil {
            throw ValidationError("--weights-only is for a store: such a file has nothing but weights")
        }
    }

    package func run() throws {
        let opened = try store.open(.readOnly)
        let found = try opened.run(RunSelection(name), kind: Program.runKind)
        if let measures {
            try print(opened.metrics(of: found.id), as: measures)
            return try opened.close()
        }
        guard let file else { return }
        guard let format else {
            try opened.export(found.id, to: file, weightsOnly: isWeightsOnly, overwrite: force)
            try opened.close()
            let next = "\(Program.name) \(Program.use) --store \(ShellText.quoted(file))"
            return Console().line("Run '\(found.name)' is now in \(file). To use it: \(next)")
        }
        try PageFile.check(file, isReplaced: force, store: store.path)
        let run = RunSelection.named(found.name), context = try compute.makeContext()
        if format == .onnx {
            let graph = try Program.operatorGraph(run, for: file, from: opened, in: context)
            try opened.close()
            try ONNXFile.write(graph, to: file)
            return Console().line(
                "The model of run '\(found.name)' is now in \(file): from \(graph.inputNames.joined(separator: ", ")) to "
                    + "\(graph.outputNames.joined(separator: ", ")), operator set \(ONNXFile.operatorSet)")
        }
        let weights = try Program.exchanged(run, from: opened, in: context)
        try opened.close()
        if format == .npz {
            try NumPyArchive(weights.tensors).write(to: file)
        } else {
            try weights.write(to: file)
        }
        Console().line(
            "The weights of run '\(found.name)' are now in \(file): \(NumberText.count(weights.tensors.count, "tensor")), "
                + NumberText.count(weights.tensors.elementCount, "number"))
    }

    // MARK: Formats of others

    private enum ForeignFormat: String {
        case safetensors, npz, onnx
    }

    private var format: ForeignFormat? { file.flatMap { ForeignFormat(rawValue: RawPath($0).ending) } }

    // MARK: Measures

    private func print(_ metrics: [MetricRecord], as format: MeasureFormat) throws {
        let output = StandardOutput()
        switch format {
        case .csv:
            try output.write("name,step,epoch,value,seconds\n")
            for one in metrics {
                try output.write("\(one.name),\(one.step),\(one.epoch),\(one.value),\(one.seconds)\n")
            }
        case .json:
            try output.json(
                .array(
                    metrics.map { one in
                        [
                            "name": .string(one.name), "step": .int(one.step), "epoch": .number(one.epoch),
                            "value": .number(one.value), "seconds": .number(one.seconds),
                        ]
                    }))
        }
        try output.flush()
    }
}

/// How what was measured is printed.
enum MeasureFormat: String, EnumerableFlag {
    case csv, json

    static func help(for value: MeasureFormat) -> ArgumentHelp? {
        switch value {
        case .csv: "Print what was measured, by step, as a table: losses and rates."
        case .json: "The same as JSON."
        }
    }
}
