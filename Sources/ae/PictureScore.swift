import PictureRunReports
import Autoencoders
import Checkpoints
import CommandLineSupport
import Images
import TensorCore

/// How well a model brings pictures back.
struct PictureScore {
    let saved: SavedAutoencoder
    let evaluation: AutoencoderEvaluation
    let skipped: SkippedPictures

    /// Of pictures anywhere, read once.
    static func measure(
        _ saved: SavedAutoencoder, _ paths: [String], loading: LoadingOptions, console: Console,
        in context: ComputeContext
    ) throws -> PictureScore {
        console.status("Looking through \(paths.joined(separator: ", "))")
        let collection = try ImageCollection.scan(paths, isStrict: loading.isStrict, readsFilesOnce: true)
        let source = StreamedPictures(collection, format: saved.format, options: loading)
        return try measure(
            saved, [(source, Array(0..<source.count))], of: [collection], console: console, in: context)
    }

    /// Of the pictures that the run was made from.
    static func measure(
        _ saved: SavedAutoencoder, _ part: PicturePart, at paths: [String], heldOutAt heldOut: [String],
        loading: LoadingOptions, console: Console, in context: ComputeContext
    ) throws -> PictureScore {
        let pictures = try saved.pictures(
            at: paths, heldOutAt: heldOut, loading: loading, in: context,
            progress: { PictureProgress.show($0, of: $1, on: console) })
        let training = (source: pictures.training, indices: pictures.trainingIndices)
        let validation = (source: pictures.validation, indices: pictures.validationIndices)
        let parts =
            switch part {
            case .all: [training, validation]
            case .training: [training]
            case .validation: [validation]
            }
        guard parts.contains(where: { !$0.indices.isEmpty }) else {
            throw AutoencoderError.tooFewPictures(
                needed: 1, found: 0, purpose: "the \(part.rawValue) part of run '\(saved.run.name)'")
        }
        let score = try measure(saved, parts, of: pictures.collections, console: console, in: context)
        return PictureScore(
            saved: saved, evaluation: score.evaluation,
            skipped: SkippedPictures(
                pictures.collections, failures: pictures.failures + score.evaluation.failures))
    }

    private static func measure(
        _ saved: SavedAutoencoder, _ parts: [(source: any PictureSource, indices: [Int])],
        of collections: [ImageCollection], console: Console, in context: ComputeContext
    ) throws -> PictureScore {
        let count = parts.reduce(0) { $0 + $1.indices.count }
        let evaluation = try saved.evaluate(
            parts, in: context,
            onProgress: { done in
                console.progress { "measured \(NumberText.grouped(done)) of \(NumberText.count(count, "image"))" }
            })
        guard let evaluation else { throw CancellationError() }
        return PictureScore(
            saved: saved, evaluation: evaluation,
            skipped: SkippedPictures(collections, failures: evaluation.failures))
    }

    private var isBook: Bool { saved.plan.model.architecture == .book }
    /// Of an error on the book's scale of -1...1, which is twice as long.
    private var bookError: Double { 4 * evaluation.meanSquaredError }
    private var components: Int? { saved.baseline?.components }

    /// What exactly was measured.
    private var protocolText: String {
        var text = "as \(saved.format), values in 0...1, filling around pictures of other shapes counted"
        switch saved.plan.model.kind {
        case .plain, .sparse: break
        case .denoising: text += "; spoiled as in training, compared with the clean pictures"
        case .variational: text += "; errors from the means of the code, nats from one draw for each image"
        }
        return text
    }

    var lines: [String] {
        func row(_ value: String, _ what: String) -> String {
            String(repeating: " ", count: max(0, 12 - value.count)) + value + "  " + what
        }
        var lines = [row(LossText.error(evaluation.meanSquaredError), "mean squared error")]
        if let error = evaluation.baselineError, let components, components > 0 {
            lines.append(row(LossText.error(error), "of PCA with \(NumberText.count(components, "component"))"))
        }
        if isBook { lines.append(row(LossText.error(bookError), "mean squared error on the book's scale, -1...1")) }
        lines.append(row(LossText.error(evaluation.meanAbsoluteError), "mean absolute error"))
        if let variational = evaluation.variational {
            lines += [
                row(LossText.nats(variational.negativeELBO), "nats an image, negative evidence lower bound"),
                row(LossText.nats(variational.reconstruction), "of them reconstruction, binary cross-entropy"),
                row(LossText.nats(variational.divergence), "of them divergence from the unit Gaussian"),
                row(LossText.nats(variational.floor), "nats that even perfect reconstruction costs"),
                row(NumberText.fixed(variational.bitsPerDimension, 4), "bits per dimension"),
                row("\(variational.activeUnits) of \(saved.codeSize)", "units of the code active"),
            ]
        }
        lines.append(row(NumberText.grouped(evaluation.images), "images"))
        lines.append(row(NumberText.grouped(skipped.messages.count), "that cannot be read, left out"))
        lines += skipped.messages.prefix(3).map { String(repeating: " ", count: 14) + $0 }
        if !skipped.others.isEmpty {
            lines.append(String(repeating: " ", count: 14) + "passed over: \(skipped.others)")
        }
        lines.append("\(saved.title); \(protocolText)")
        return lines
    }

    var json: JSONValue {
        var keys: [String: JSONValue] = [
            "mse": .number(evaluation.meanSquaredError), "mae": .number(evaluation.meanAbsoluteError),
            "images": .int(evaluation.images), "unreadable": .int(skipped.messages.count),
            "pca_mse": JSONValue(evaluation.baselineError), "pca_components": JSONValue(components),
            "code": .int(saved.codeSize), "kind": .string(saved.plan.model.kind.name),
            "run": .string(saved.run.name), "step": .int(saved.step), "protocol": .string(protocolText),
        ]
        if isBook { keys["mse_minus_one_to_one"] = .number(bookError) }
        let variational = evaluation.variational
        keys["negative_elbo_nats"] = JSONValue(variational?.negativeELBO)
        if let variational {
            let own: [String: JSONValue] = [
                "reconstruction_nats": .number(variational.reconstruction),
                "divergence_nats": .number(variational.divergence), "floor_nats": .number(variational.floor),
                "bits_per_dimension": .number(variational.bitsPerDimension),
                "active_units": .int(variational.activeUnits),
            ]
            keys.merge(own) { $1 }
        }
        return .object(keys)
    }
}
