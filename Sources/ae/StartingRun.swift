import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import Images
import TensorCore
import TrainingRuns

/// The run that another one starts from.
struct StartingRun {
    let saved: SavedAutoencoder

    init(run name: String, store: StoreArguments, options: AutoencoderOptions, context: ComputeContext) throws {
        let opened = try store.open(.readOnly)
        saved = try SavedAutoencoder.load(RunSelection(name), from: opened, in: context)
        try opened.close()
        let stored = StoredPictureRun(plan: saved.plan, pictures: saved.record)
        try options.refuseSizes(
            ofStart: stored, named: saved.run.name, where: AutoencoderOptionTable.isDecidedByWeights)
    }

    var start: AutoencoderStart {
        AutoencoderStart(
            configuration: saved.plan.model,
            point: StartingPoint(
                run: saved.run.name, step: saved.step, weightsSHA256: weightsSHA256(of: saved.model.weights)))
    }

    /// The same pictures, as this model sees them.
    func selection(_ selection: PictureSelection) -> PictureSelection {
        var selection = selection
        (selection.size, selection.channels) = (saved.format.size, saved.format.channels)
        return selection
    }

    var line: String { "From      run '\(saved.run.name)', step \(NumberText.grouped(saved.step))" }
}
