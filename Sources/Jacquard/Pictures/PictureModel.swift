import Autoencoders
public import Checkpoints
import Images
public import TensorCore
import TrainingRuns

/// A convolutional autoencoder: it learns a short code for every picture of a folder, and pictures from codes.
///
/// ```swift
/// let store = try CheckpointStore.open(at: "models.sqlite", access: .readWrite)
/// let faces = try PictureModel.train(on: ["faces"], store: store)
/// let encoded = try faces.encode(["faces"])
/// for near in try faces.nearest(to: "faces/anna.jpg", among: encoded, count: 5) { print(near) }
/// ```
///
/// Every model belongs to a run in a store, under a name, where `ae` finds it too. It is used by one task at a time, as a
/// ``TextModel`` is.
public struct PictureModel {
    let saved: SavedAutoencoder
    let context: ComputeContext
    /// Whether training came to its end; false if `shouldStop` ended it, or a time limit before the epochs that were asked for
    /// besides: ``resume(_:store:at:in:onProgress:shouldStop:)``.
    public let isFinished: Bool

    /// The run's name in the store.
    public var name: String { saved.run.name }
    /// Numbers in a code, K.
    public var codeSize: Int { saved.codeSize }
    /// The shape of a picture as the model sees it, [channels, height, width].
    public var pictureShape: Shape { [saved.format.channels, saved.format.height, saved.format.width] }
    /// Numbers that training has fitted.
    public var parameterCount: Int { saved.model.parameters.reduce(0) { $0 + $1.value.count } }
    /// Loss over the held-out pictures: squared error of a value in 0…1, or of a variational model the negative evidence
    /// lower bound in nats; nil if nothing was held out.
    public var validationLoss: Double? { saved.validationLoss }

    /// Trains a model on pictures and stores it. A tenth of them is held out; the weights that do best there are the
    /// model.
    /// - Parameters:
    ///   - paths: folders with all that is in them, PNG and JPEG files, IDX sets, NumPy arrays.
    ///   - start: a model whose weights training begins with (fine-tuning): all sizes are that model's, pictures are fitted
    ///     into those that it knows, and the learning rate, unless it is given, is a third of the usual one. It is left as it
    ///     is.
    ///   - options: what does not follow from the pictures.
    ///   - store: open for writing.
    ///   - name: of the run; nil: made from the folder's name.
    ///   - context: the threads that compute. Bits do not depend on their number.
    ///   - onProgress: called after every step, on this thread.
    ///   - shouldStop: asked before every step, and within validation; true saves and ends training.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func train(
        on paths: [String], from start: PictureModel? = nil, options: PictureOptions = PictureOptions(),
        store: CheckpointStore, name: String? = nil, in context: ComputeContext = ComputeContext(),
        onProgress: (ModelProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> PictureModel {
        try ModelError.translating {
            let planned = try options.planned
            if start == nil { try planned.validate() }
            let source = start?.saved, start = try source?.start(with: planned)
            let selection = planned.selection(paths, loading: LoadingOptions())
            let pictures = try PreparedPictures.read(
                source?.selection(selection) ?? selection, in: context,
                components: { source?.codeSize ?? planned.codeSize(for: $0) },
                willRead: { try AutoencoderPlan.plan(for: $0, options: planned, startingFrom: start).checkMemory() })
            guard let pictures else { throw CancellationError() }
            let training = try AutoencoderTraining(
                plan: AutoencoderPlan.plan(for: pictures.summary, options: planned, startingFrom: start),
                pictures: pictures, store: store, name: name, startingFrom: source?.model, in: context)
            return try finish(training, in: context, shouldStop, onProgress)
        }
    }

    /// Goes on with a run that was stopped, bit for bit as if it had never been.
    /// - Parameters:
    ///   - name: of the run.
    ///   - store: open for writing.
    ///   - paths: where its pictures are now; empty: where they were. They must be the same.
    ///   - context: the threads that compute.
    ///   - onProgress: called after every step, on this thread.
    ///   - shouldStop: asked before every step, and within validation; true saves and ends training.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func resume(
        _ name: String, store: CheckpointStore, at paths: [String] = [], in context: ComputeContext = ComputeContext(),
        onProgress: (ModelProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> PictureModel {
        try ModelError.translating {
            let run = try store.run(.named(name), kind: AutoencoderTask.runKind)
            return try finish(
                try AutoencoderTraining.resume(run, paths: paths, store: store, in: context), in: context, shouldStop,
                onProgress)
        }
    }

    /// A model that was trained before, here or by `ae`.
    /// - Parameters:
    ///   - name: of its run; nil: the newest that has a best checkpoint.
    ///   - store: where it is; to read is enough.
    ///   - context: the threads that compute.
    /// - Throws: ``ModelError``, `StoreError`.
    public static func open(
        _ name: String? = nil, store: CheckpointStore, in context: ComputeContext = ComputeContext()
    ) throws -> PictureModel {
        try ModelError.translating {
            let saved = try SavedAutoencoder.load(name.map { .named($0) } ?? .newestWithBest, from: store, in: context)
            return PictureModel(saved: saved, context: context, isFinished: saved.run.status == .finished)
        }
    }

    private static func finish(
        _ training: AutoencoderTraining, in context: ComputeContext, _ shouldStop: () -> Bool,
        _ onProgress: (ModelProgress) -> Void
    ) throws -> PictureModel {
        let isFinished = try training.runToEnd(shouldStop, onProgress)
        let saved = try SavedAutoencoder.load(.named(training.run.name), from: training.store, in: context)
        return PictureModel(saved: saved, context: context, isFinished: isFinished)
    }
}
