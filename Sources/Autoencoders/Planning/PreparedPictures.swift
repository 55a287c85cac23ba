import FileTrees
package import Images
package import TensorCore
import TrainingRuns

/// Pictures that are found, fitted and split: ready to train on.
package struct PreparedPictures {
    package private(set) var record: PictureRecord
    package let training: any PictureSource
    /// Into the training source's collection.
    package let trainingIndices: [Int]
    package let validation: any PictureSource
    package let validationIndices: [Int]
    package let baseline: PictureBaseline?
    /// The baseline's error on the held-out pictures.
    package let baselineError: Double?
    /// What was found, held-out pictures of their own after the others.
    package let collections: [ImageCollection]
    /// Pictures that could not be read, and are left out, besides those whose headers said so.
    package let failures: [PictureFailure]
    /// What somebody should know who counts on the pictures being as they are, for people.
    package private(set) var remarks: [String]

    package var format: PictureFormat { training.format }
    /// Bytes of memory that the pictures take.
    package var memory: Int {
        let sources = collections.count > 1 ? [training, validation] : [training]
        return sources.filter { $0 is CachedPictures }.reduce(0) { $0 + $1.count * format.count }
    }
    package var summary: PictureSummary {
        PictureSummary(format: format, training: trainingIndices.count, validation: validationIndices.count)
    }
}

/// How pictures are found and held out.
package struct PictureSelection: Sendable {
    package var paths: [String]
    /// Held out instead of a part of `paths`.
    package var heldOutPaths: [String] = []
    /// The size to fit pictures into; nil: follows from them.
    package var size: PictureSize?
    package var isGray = false
    /// 1 or 3; nil: follows from the pictures, and from `isGray`.
    package var channels: Int?
    /// What transparent parts show; nil: white, or black where over white the pictures cannot be told apart.
    package var background: Color?
    package var rule: CollectionSplit.Rule?
    package var splitSeed: UInt64 = 1
    package var loading = LoadingOptions()

    package init(paths: [String]) { self.paths = paths }

    /// The format that pictures are seen in.
    func format(of collection: ImageCollection, over background: Color = .white) -> PictureFormat {
        let format = collection.suggestedFormat(size: size, gray: isGray, background: background)
        return PictureFormat(size: format.size, channels: channels ?? format.channels, background: background)
    }
}

extension PreparedPictures {
    /// Called with the pictures done, of how many; false ends the reading.
    package typealias Progress = (_ done: Int, _ count: Int) -> Bool

    /// Finds and reads pictures for a new run. A file that is reached twice is read once; one that is held out by its path
    /// is not learned from.
    /// - Parameters:
    ///   - components: of the baseline, once the format is known.
    ///   - willRead: called when the headers have been read, with the pictures that will be read: the place to refuse
    ///     what this machine cannot carry out. How many are held out is not known yet.
    /// - Returns: nil if `progress` ended it.
    /// - Throws: `ImageError`; `RunError.notEnoughMemory` for pictures of a size that this machine has no memory for.
    package static func read(
        _ selection: PictureSelection, in context: ComputeContext, components: (PictureFormat) -> Int,
        willRead: (PictureSummary) throws -> Void = { _ in }, progress: Progress = { _, _ in true }
    ) throws -> PreparedPictures? {
        let collections = try scan(
            selection.paths, heldOut: selection.heldOutPaths, isStrict: selection.loading.isStrict)
        let found = collections.training, format = selection.format(of: found)
        try PictureBaseline.checkMemory(components: components(format), pictures: found.items.count, format: format)
        try willRead(PictureSummary(format: format, training: found.items.count, validation: 0))
        let over = selection.background ?? .white
        guard
            var pictures = try read(selection, collections, over: over, in: context, components, progress: progress)
        else { return nil }
        let hasTransparency = collections.training.items.contains(where: \.hasTransparency)
        if selection.background == .white, hasTransparency, pictures.lookAlike {
            // White would not go without saying: over black they may differ.
            let format = pictures.record.suggestedFormat
            pictures.record.suggestedFormat = PictureFormat(
                size: format.size, channels: format.channels, background: .black)
        }
        if selection.background == nil, hasTransparency, pictures.lookAlike {
            guard
                let others = try read(
                    selection, collections, over: .black, in: context, components, progress: progress)
            else { return nil }
            if !others.lookAlike {
                pictures = others
                pictures.remarks.append(
                    "transparent parts show black: over white the pictures cannot be told apart (`background`)")
            }
        }
        pictures.remarks += pictures.doubts
        return pictures
    }

    /// The same of pictures that are in memory, and that no run can read again.
    package static func of(
        _ pictures: [Picture], size: PictureSize? = nil, components: Int, in context: ComputeContext
    ) throws -> PreparedPictures {
        var selection = PictureSelection(paths: [])
        selection.size = size
        let collections = (training: ImageCollection(pictures), heldOut: ImageCollection?.none)
        let prepared = try read(
            selection, collections, over: .white, in: context, { _ in components }, progress: { _, _ in true })
        guard let prepared else { throw CancellationError() }
        return prepared
    }

    private static func scan(
        _ paths: [String], heldOut: [String], isStrict: Bool = false
    ) throws(ImageError) -> (training: ImageCollection, heldOut: ImageCollection?) {
        let apart =
            heldOut.isEmpty
            ? nil : try ImageCollection.scan(heldOut, isStrict: isStrict, readsFilesOnce: true)
        let training = try ImageCollection.scan(paths, isStrict: isStrict, readsFilesOnce: true, apartFrom: apart)
        return (training, apart)
    }

    private static func read(
        _ selection: PictureSelection, _ collections: (training: ImageCollection, heldOut: ImageCollection?),
        over background: Color, in context: ComputeContext, _ components: (PictureFormat) -> Int, progress: Progress
    ) throws -> PreparedPictures? {
        let collection = collections.training
        let format = selection.format(of: collection, over: background)
        guard
            let sources = try Sources.read(
                collection, heldOut: collections.heldOut, format: format, loading: selection.loading,
                progress: progress)
        else { return nil }
        let rule = selection.rule ?? .fraction(0.1)
        let split = try sources.split(rule, seed: selection.splitSeed, in: context)
        let baseline = try sources.baseline(of: split.training, components: components(format), in: context)
        let error =
            split.validation.isEmpty
            ? nil : try baseline?.meanSquaredError(of: sources.validation, split.validation, in: context)
        let record = PictureRecord(
            paths: selection.paths.map(absolute), heldOutPaths: selection.heldOutPaths.map(absolute),
            fingerprint: sources.fingerprint(), count: collection.items.count,
            trainingCount: split.training.count, validationCount: split.validation.count,
            unreadable: sources.unreadable, rule: rule, splitSeed: selection.splitSeed,
            suggestedFormat: collection.suggestedFormat(), baselineError: error,
            baselineComponents: baseline?.components, baselineVariance: baseline?.principal.totalVariance)
        return PreparedPictures(record, sources, split, baseline)
    }

    /// Reads the pictures of a run again, from where they were or from where they are now, and checks that they are the
    /// same.
    /// - Parameters:
    ///   - paths: where they are now, and those held out by their paths; empty: where they were.
    ///   - baseline: as it is stored.
    ///   - components: of the baseline that is fitted if none is stored; 0: none is.
    /// - Throws: ``AutoencoderError/otherPictures(run:areHeldOut:expected:found:)``,
    ///   ``AutoencoderError/picturesNotFound(run:paths:heldOutPaths:reason:)``, ``RunError/fixedByRun(run:option:stored:)`` where
    ///   held-out pictures are named and the run held none out by path, `CancellationError` if `progress` ended it.
    static func reread(
        _ record: PictureRecord, run: String, format: PictureFormat, at paths: [String] = [],
        heldOutAt heldOutPaths: [String] = [], baseline: PictureBaseline?, components: Int = 0,
        loading: LoadingOptions = LoadingOptions(), in context: ComputeContext, progress: Progress
    ) throws -> PreparedPictures {
        if let file = record.importedFrom { throw AutoencoderError.imported(run: run, from: file) }
        guard heldOutPaths.isEmpty || !record.heldOutPaths.isEmpty else {
            throw RunError.fixedByRun(run: run, option: "held-out", stored: "`validation` \(record.rule.typed)")
        }
        let places = paths.isEmpty ? record.paths : paths
        let heldOutPlaces = heldOutPaths.isEmpty ? record.heldOutPaths : heldOutPaths
        do {
            let collections = try scan(places, heldOut: heldOutPlaces, isStrict: loading.isStrict)
            guard
                let sources = try Sources.read(
                    collections.training, heldOut: collections.heldOut, format: format, loading: loading,
                    progress: progress)
            else { throw CancellationError() }
            try sources.check(record.fingerprint, run: run)
            let split = try sources.split(record.rule, seed: record.splitSeed, in: context)
            // What can be read may have changed where the bytes have not.
            guard split.training.count == record.trainingCount, split.validation.count == record.validationCount else {
                throw AutoencoderError.otherPictures(
                    run: run, areHeldOut: false, expected: record.fingerprint, found: "others readable")
            }
            return PreparedPictures(
                record, sources, split,
                try baseline ?? sources.baseline(of: split.training, components: components, in: context))
        } catch let error as ImageError {
            throw AutoencoderError.picturesNotFound(
                run: run, paths: places, heldOutPaths: heldOutPlaces, reason: "\(error)")
        }
    }

    private init(
        _ record: PictureRecord, _ sources: Sources, _ split: (training: [Int], validation: [Int]),
        _ baseline: PictureBaseline?
    ) {
        self.init(
            record: record, training: sources.training, trainingIndices: split.training,
            validation: sources.validation, validationIndices: split.validation, baseline: baseline,
            baselineError: record.baselineError, collections: sources.collections, failures: sources.failures,
            remarks: sources.collections.flatMap(\.remarks))
    }

    private static func absolute(_ path: String) -> String { RawPath(path).absolute.text }

    /// Where training and held-out pictures come from: one collection, or two.
    private struct Sources {
        let training: any PictureSource
        let validation: any PictureSource
        let hasOwnValidation: Bool

        /// - Returns: nil if `progress` ended it.
        static func read(
            _ collection: ImageCollection, heldOut: ImageCollection?, format: PictureFormat, loading: LoadingOptions,
            progress: Progress
        ) throws -> Sources? {
            let first = collection.items.count, count = first + (heldOut?.items.count ?? 0)
            guard
                let training = try collection.pictures(
                    in: format, options: loading, progress: { progress($0, count) })
            else { return nil }
            guard let heldOut else {
                return Sources(training: training, validation: training, hasOwnValidation: false)
            }
            guard
                let validation = try heldOut.pictures(
                    in: format, options: loading, progress: { progress(first + $0, count) })
            else { return nil }
            return Sources(training: training, validation: validation, hasOwnValidation: true)
        }

        /// What is known not to be readable is in neither part.
        func split(
            _ rule: CollectionSplit.Rule, seed: UInt64, in context: ComputeContext
        ) throws -> (training: [Int], validation: [Int]) {
            let usable = training.usableIndices
            guard !hasOwnValidation else { return (usable, validation.usableIndices) }
            let split = try CollectionSplit(rule, count: usable.count, seed: seed, in: context)
            return (split.training.map { usable[$0] }, split.validation.map { usable[$0] })
        }

        /// A picture for each component and one more, or the components say nothing.
        func baseline(of indices: [Int], components: Int, in context: ComputeContext) throws -> PictureBaseline? {
            let count = min(components, indices.count - 1)
            guard count > 0 else { return nil }
            return try PictureBaseline(fittedTo: training, indices, components: count, in: context)
        }

        var failures: [PictureFailure] { training.failures + (hasOwnValidation ? validation.failures : []) }

        var collections: [ImageCollection] {
            [training.collection] + (hasOwnValidation ? [validation.collection] : [])
        }

        /// Found to be so when their headers were read, or when they were decoded.
        var unreadable: Int { failures.count + collections.reduce(0) { $0 + $1.faults.count } }

        /// Of the pictures to train on, and behind a + of those that are held out by their paths.
        func fingerprint() -> String { collections.map { $0.fingerprint() }.joined(separator: "+") }

        /// - Parameter recorded: the fingerprint when the run began. Of several paths older programs have taken each as
        ///   it was typed: that is the same still where it was absolute.
        /// - Throws: ``AutoencoderError/otherPictures(run:areHeldOut:expected:found:)``
        func check(_ recorded: String, run: String) throws(AutoencoderError) {
            let parts = recorded.split(separator: "+").map(String.init)
            for (number, collection) in collections.enumerated() {
                let expected = number < parts.count ? parts[number] : "", found = collection.fingerprint()
                guard found == expected || collection.fingerprintByPaths() == expected else {
                    throw .otherPictures(run: run, areHeldOut: number > 0, expected: expected, found: found)
                }
            }
        }
    }
}
