package import Autoencoders
package import Checkpoints
package import Images
import Synchronization
package import TensorCore
import TrainingRuns

/// The picture models of a store, as they are asked for: loaded once, dropped when nobody has used them for a while,
/// loaded anew when training has found better weights.
///
/// Computing happens on a thread of its own, so that texts are written meanwhile; maps, which take long, on another one.
package actor PictureHost {
    package struct Limits: Sendable {
        /// Pixels of a picture, by its header.
        package var pixels = 1 << 24
        /// Pictures in one request.
        package var pictures = 64
        /// Codes in one request.
        package var codes = 256
        /// Pictures that are shown and searched.
        package var shown = 10_000
        /// Neighbors that one request may ask for.
        package var neighbors = 1000
        /// Pixels of the longer side of a picture that is answered.
        package var longestSide = 768
        /// Seconds after which a model that nobody uses is dropped.
        package var idleSeconds = 300.0

        package init() {}
    }

    /// A model at work, with what has been made for it.
    private final class Loaded {
        let saved: SavedAutoencoder
        var gallery: PictureGallery?
        /// Of the codes that the gallery was made of; nil where it was made of pictures.
        var codesVersion: String?
        var directions: CodeDirections?
        var map: Task<ServedMap, any Error>?
        var isMapMade = false
        var lastUse = ContinuousClock.now

        init(_ saved: SavedAutoencoder) { self.saved = saved }
    }

    package nonisolated let limits: Limits
    package nonisolated let store: CheckpointStore
    private nonisolated let paths: [String]
    private nonisolated let thread = ComputeThread(name: "pictures")
    private let context: ComputeContext
    private let mapper: MapMaker
    private var models: [Run.ID: Loaded] = [:] {
        didSet { figuresNow.withLock { $0.loadedModels = models.count } }
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - paths: the pictures that are shown and searched; none: those whose codes the store keeps.
    ///   - makeContext: called twice.
    package init(
        store: CheckpointStore, pictures paths: [String] = [], limits: Limits = Limits(),
        makeContext: () throws -> ComputeContext
    ) rethrows {
        (self.store, self.paths, self.limits) = (store, paths, limits)
        context = try makeContext()
        // Made here and given away.
        nonisolated(unsafe) let forMaps = try makeContext()
        mapper = MapMaker(context: forMaps)
    }

    // MARK: Codes

    /// The codes of some pictures, and how far what the model makes of them is from them: the mean squared error over
    /// their own pixels.
    /// - Parameter fields: what the request calls each picture.
    /// - Throws: ``ServedPictureError``, ``ServedModelError``
    package func encode(
        _ pictures: [[UInt8]], fields: [String], model name: String?
    ) throws -> (model: String, codes: [[Float]], errors: [Double]) {
        guard (1...limits.pictures).contains(pictures.count) else {
            throw ServedPictureError.count(field: "images", found: pictures.count, limit: limits.pictures)
        }
        let saved = try model(name).saved
        var codes: [[Float]] = [], errors: [Double] = []
        for (bytes, field) in zip(pictures, fields) {
            let (code, reconstruction) = try reconstruct(received(bytes, field, saved), by: saved)
            codes.append(code)
            errors.append(reconstruction.error(0).meanSquared)
        }
        return (saved.run.name, codes, errors)
    }

    /// The pictures of some codes.
    package func decode(_ codes: [[Float]], model name: String?) throws -> (model: String, pictures: [Picture]) {
        guard (1...limits.codes).contains(codes.count) else {
            throw ServedPictureError.count(field: "codes", found: codes.count, limit: limits.codes)
        }
        let saved = try model(name).saved
        for code in codes { try check(code, field: "codes", of: saved) }
        let rows = Tensor(codes.flatMap(\.self), shape: [codes.count, saved.codeSize])
        return (saved.run.name, saved.pictures(from: rows, in: context))
    }

    /// What the model makes of a picture, at the picture's size, and where the two differ.
    package func reconstruct(_ bytes: [UInt8], field: String, model name: String?) throws -> ReconstructedPicture {
        let saved = try model(name).saved, received = try received(bytes, field, saved)
        let (code, reconstruction) = try reconstruct(received, by: saved)
        var scale = HeatScale()
        scale.addJudged(reconstruction)
        let place = received.placement(longestSide: limits.longestSide), size = place.original
        let heat = HeatMap(scale: max(scale.value, Self.leastHeat))
        return ReconstructedPicture(
            model: saved.run.name, code: code, error: reconstruction.error(0).meanSquared,
            picture: place.restored(
                from: Array(reconstruction.made.values.prefix(saved.format.count)), in: saved.format),
            difference: heat.picture(
                of: reconstruction.pixelErrors(0),
                over: received.picture.resized(width: size.width, height: size.height), at: place, in: saved.format),
            scale: heat.scale)
    }

    /// The least error that has the lightest color: what is reconstructed well stays dark.
    private static let leastHeat: Float = 0.25

    private func received(
        _ bytes: [UInt8], _ field: String, _ saved: SavedAutoencoder
    ) throws(ServedPictureError) -> ReceivedPicture {
        try ReceivedPicture(bytes, field: field, format: saved.format, limit: limits.pixels)
    }

    private func reconstruct(
        _ received: ReceivedPicture, by saved: SavedAutoencoder
    ) throws -> (code: [Float], Reconstruction) {
        let pixels = received.batch.tensor(), code = saved.encode(pixels, in: context)
        return (
            code.values, Reconstruction(received.batch, pictures: pixels, made: saved.decode(code, in: context))
        )
    }

    private func check(_ code: [Float], field: String, of saved: SavedAutoencoder) throws(ServedPictureError) {
        guard code.count == saved.codeSize else {
            throw .codeLength(field: field, found: code.count, expected: saved.codeSize)
        }
        guard code.allSatisfy(\.isFinite) else { throw .codeNotFinite(field: field) }
    }

    // MARK: Among others

    /// What others are to be near to.
    package enum Query: Sendable {
        case picture([UInt8], field: String)
        case code([Float])
        /// One of those shown, which is not among its neighbors.
        case index(Int)
    }

    /// The nearest of the pictures shown, by code; and the code that they are near to.
    package func neighbors(
        of query: Query, count: Int, model name: String?
    ) throws -> (model: String, code: [Float], neighbors: [NearPictures.Neighbor]) {
        let loaded = try model(name), saved = loaded.saved, all = try gallery(of: loaded).codes
        guard (1...limits.neighbors).contains(count) else {
            throw ServedPictureError.count(field: "count", found: count, limit: limits.neighbors)
        }
        let code: [Float], own: Set<Int>
        switch query {
        case .picture(let bytes, let field):
            (code, own) = (saved.encode(try received(bytes, field, saved).batch.tensor(), in: context).values, [])
        case .code(let given):
            try check(given, field: "code", of: saved)
            (code, own) = (given, [])
        case .index(let index):
            guard all.names.indices.contains(index) else {
                throw ServedPictureError.noSuchIndex(index, count: all.count)
            }
            (code, own) = (all.code(index), [index])
        }
        let near = try NearPictures(to: code, among: all, count: count, excluding: own, in: context)
        return (saved.run.name, code, near.neighbors)
    }

    /// The mean of the codes of the pictures shown, and the directions in which they vary most.
    package func directions(model name: String?) throws -> (model: String, directions: CodeDirections) {
        let loaded = try model(name)
        if let known = loaded.directions { return (loaded.saved.run.name, known) }
        let directions = try CodeDirections(of: gallery(of: loaded).codes.codes, in: context)
        loaded.directions = directions
        return (loaded.saved.run.name, directions)
    }

    /// The pictures shown, laid out by t-SNE of their codes. Made once, which takes up to a minute for 10,000; whoever
    /// asks meanwhile waits for the same. Codes that the store keeps since are taken up.
    package func map(model name: String?) async throws -> ServedMap {
        let loaded = try model(name)
        try takeUpNewCodes(loaded)
        if loaded.map == nil {
            let run = loaded.saved.run.name, gallery = try gallery(of: loaded)
            loaded.isMapMade = false
            loaded.map = Task { [mapper] in try await mapper.map(gallery, of: run) }
        }
        do {
            guard let map = loaded.map else { throw CancellationError() }
            let made = try await map.value
            loaded.isMapMade = true
            return made
        } catch {
            loaded.map = nil
            throw error
        }
    }

    /// Forgets what was made of codes, if the store keeps others by now. Only who asks for the map gets these: indices,
    /// directions and small pictures belong to the last one. One that is being made is waited for.
    private func takeUpNewCodes(_ loaded: Loaded) throws {
        guard loaded.gallery != nil, loaded.map == nil || loaded.isMapMade,
            try codesVersion(of: loaded) != loaded.codesVersion
        else { return }
        (loaded.gallery, loaded.map, loaded.directions) = (nil, nil, nil)
    }

    private func codesVersion(of loaded: Loaded) throws -> String? {
        paths.isEmpty ? try store.codesVersion(of: loaded.saved.run.id) : nil
    }

    private func gallery(of loaded: Loaded) throws -> PictureGallery {
        if let known = loaded.gallery { return known }
        let version = try codesVersion(of: loaded)
        let gallery = try PictureGallery(
            loaded.saved, at: paths, store: store, limit: limits.shown, in: context)
        (loaded.gallery, loaded.codesVersion) = (gallery, version)
        return gallery
    }

    // MARK: Models

    private func model(_ name: String?) throws -> Loaded {
        guard !isStopped.withLock(\.self) else { throw ServedModelError.stopping }
        return try store.withServedRun(name, kind: AutoencoderTask.runKind, of: "pictures") { run, step in
            if let known = models[run.id], known.saved.run.isSame(as: run), known.saved.step == step {
                known.lastUse = .now
                return known
            }
            let loaded = Loaded(try SavedAutoencoder.load(.named(run.name), from: store, in: context))
            models[run.id] = loaded
            figuresNow.withLock { $0.loads += 1 }
            return loaded
        }
    }

    /// Drops models that nobody has used for a while.
    package func dropUnused() {
        let now = ContinuousClock.now, patience = Duration.seconds(limits.idleSeconds)
        models = models.filter { $0.value.lastUse.duration(to: now) < patience }
    }

    package struct Figures: Sendable {
        package var loadedModels = 0
        /// How many were read from the store so far.
        package var loads = 0
    }

    private nonisolated let figuresNow = Mutex(Figures())

    /// Answered at once, whatever is being computed.
    package nonisolated var figures: Figures { figuresNow.withLock(\.self) }

    // MARK: Ending

    private nonisolated let isStopped = Mutex(false)

    /// Nothing new is taken, and a map that is being made is given up.
    package nonisolated func stop() {
        isStopped.withLock { $0 = true }
        mapper.stop()
    }
}

/// What a model makes of a picture.
package struct ReconstructedPicture: Sendable {
    package let model: String
    package let code: [Float]
    /// Mean squared, over the picture's own pixels.
    package let error: Double
    package let picture: Picture
    /// Where they differ, as colors over the picture.
    package let difference: Picture
    /// The error of a pixel that has the lightest color.
    package let scale: Float
}

/// The mean of codes, and the directions of largest variance.
package struct CodeDirections: Sendable, Equatable {
    package let mean: [Float]
    /// Of length 1, by decreasing variance.
    package let directions: [[Float]]
    /// How far codes lie from the mean along each.
    package let deviations: [Double]

    static let most = 8

    init(of codes: Tensor, in context: ComputeContext) throws {
        let columns = codes.shape.columns
        let fitted = try PrincipalComponents.fit(
            RowSource(codes), components: min(Self.most, columns), in: context)
        let components = fitted.components.values
        mean = fitted.mean.values
        directions = (0..<fitted.variances.count).map { Array(components[$0 * columns..<($0 + 1) * columns]) }
        deviations = fitted.variances.map { $0.squareRoot() }
    }
}
