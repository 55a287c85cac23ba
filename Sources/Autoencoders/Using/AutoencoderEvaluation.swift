import Autodiff
package import Images
import Layers
package import TensorCore
import TrainingRuns

/// How well an autoencoder brings pictures back. All values of a picture in the model's format count, its filling too.
package struct AutoencoderEvaluation: Equatable, Sendable {
    package var images = 0
    /// Pictures that could not be read.
    package var failures: [PictureFailure] = []
    /// What training minimizes on held-out pictures: the error, or the negative evidence lower bound.
    package var loss = 0.0
    /// Mean squared and mean absolute error of a value, pixels in 0...1.
    package var meanSquaredError = 0.0
    package var meanAbsoluteError = 0.0
    /// The mean squared error of the same pictures brought back from principal components; nil without a baseline.
    package var baselineError: Double?
    /// What is measured of a variational model besides; nil for other kinds. Each code is drawn once.
    package var variational: Variational?

    package struct Variational: Hashable, Sendable {
        /// Binary cross-entropy of all values, and the divergence from the unit Gaussian: nats an image.
        package var reconstruction = 0.0
        package var divergence = 0.0
        /// Numbers of the code whose means vary over the pictures: a variance above 0.01 (Burda et al., 2016).
        package var activeUnits = 0
        /// Binary cross-entropy that even a perfect picture costs where targets are gray: the entropy of the values.
        package var floor = 0.0
        /// Numbers in a picture: C · H · W.
        package var values = 0

        package var negativeELBO: Double { reconstruction + divergence }
        package var bitsPerDimension: Double { negativeELBO / DeterministicMath.log(2) / Double(max(1, values)) }
    }

    /// - Parameters:
    ///   - parts: pictures by their indices into a source, one after the other.
    ///   - baseline: measured on the same pictures.
    ///   - onlyLoss: leaves out what the loss does not need.
    ///   - onProgress: called with the pictures done so far.
    /// - Returns: nil if it was stopped.
    /// - Throws: `ImageError.nothingReadable` if no picture could be read, and under `isStrict` the error of the first that
    ///   could not.
    package static func measure(
        _ model: Autoencoder, _ parts: [(source: any PictureSource, indices: [Int])],
        baseline: PictureBaseline? = nil, onlyLoss: Bool = false, in context: ComputeContext,
        shouldStop: () -> Bool = { false },
        onProgress: (Int) -> Void = { _ in }
    ) throws -> AutoencoderEvaluation? {
        var sums = EvaluationSums(model, baseline: baseline, onlyLoss: onlyLoss, context: context)
        var done = 0
        for (source, indices) in parts {
            let stream = source.stream(indices, batchSize: PicturePass.batchSize(for: source.format))
            while let batch = try stream.next() {
                guard !shouldStop() else { return nil }
                sums.failures += batch.failures
                if batch.count > 0 { sums.add(batch.tensor(in: context.workspace)) }
                done += batch.count + batch.failures.count
                onProgress(done)
            }
        }
        guard sums.images > 0 else {
            throw ImageError.nothingReadable(
                count: sums.failures.count, first: sums.failures.first?.description ?? "there are none")
        }
        return sums.result
    }
}

/// The sums of an evaluation, batch after batch.
private struct EvaluationSums {
    let model: Autoencoder
    let baseline: PictureBaseline?
    let onlyLoss: Bool
    let context: ComputeContext
    let loss: AutoencoderLoss
    var failures: [PictureFailure] = []
    private(set) var images = 0
    private var batches = 0
    private var squared = 0.0
    private var absolute = 0.0
    private var baselineSquared = 0.0
    private var reconstruction = 0.0
    private var divergence = 0.0
    private var floor = 0.0
    private var means: [Tensor] = []

    init(
        _ model: Autoencoder, baseline: PictureBaseline?, onlyLoss: Bool,
        context: ComputeContext
    ) {
        (self.model, self.baseline) = (model, baseline)
        (self.onlyLoss, self.context) = (onlyLoss, context)
        loss = AutoencoderLoss(configuration: model.configuration)
    }

    mutating func add(_ pictures: Tensor) {
        let tape = Tape(in: context, recording: false)
        // The same noise in every evaluation, so that losses can be compared.
        let random = RandomStream(seed: 0, stream: 0, step: UInt64(batches))
        batches += 1
        images += pictures.shape[0]
        let shown = tape.constant(loss.spoiled(pictures, by: random, in: context))
        let encoding = model.encode(shown, mode: .inference)
        if let logVariance = encoding.logVariance {
            let code = encoding.code.gaussianDraw(logVariance: logVariance, from: loss.draw(random))
            let logits = model.decode(code, mode: .inference)
            reconstruction += sum(.binaryCrossEntropy, logits.value, pictures)
            divergence += GaussianDivergence.divergences(
                mean: encoding.code.value, logVariance: logVariance.value, in: context
            ).perImage.reduce(0, +)
            if onlyLoss { return }
            means.append(encoding.code.value)
            floor += BinaryEntropy.sum(of: pictures)
        }
        let made = model.decode(encoding.code, mode: .inference).sigmoid().value
        squared += sum(.squaredError, made, pictures)
        if onlyLoss { return }
        absolute += sum(.absoluteError, made, pictures)
        if let baseline { baselineSquared += baseline.squaredErrors(of: pictures, in: context) }
    }

    private func sum(_ kind: ElementLoss.Kind, _ prediction: Tensor, _ target: Tensor) -> Double {
        ElementLoss.imageSums(kind, prediction, target: target, in: context).reduce(0.0) { $0 + Double($1) }
    }

    var result: AutoencoderEvaluation {
        let count = Double(images), values = model.configuration.format.count
        var evaluation = AutoencoderEvaluation(images: images, failures: failures)
        evaluation.meanSquaredError = squared / count / Double(values)
        evaluation.meanAbsoluteError = absolute / count / Double(values)
        if baseline != nil { evaluation.baselineError = baselineSquared / count / Double(values) }
        if model.configuration.kind.isVariational {
            let variational = AutoencoderEvaluation.Variational(
                reconstruction: reconstruction / count, divergence: divergence / count,
                activeUnits: means.isEmpty ? 0 : ActiveUnits(posteriorMeans: means).count, floor: floor / count,
                values: values)
            evaluation.loss = variational.negativeELBO
            evaluation.variational = variational
        } else {
            evaluation.loss = evaluation.meanSquaredError * loss.scale
        }
        return evaluation
    }
}

/// The entropy in nats of values in 0...1 read as chances: what binary cross-entropy cannot get below.
enum BinaryEntropy {
    /// Values are multiples of 1/255, so that each has one of 256 entropies.
    static func sum(of pictures: Tensor) -> Double {
        let table = (0...255).map { byte -> Double in
            let p = Double(byte) / 255
            return p == 0 || p == 1 ? 0 : -p * DeterministicMath.log(p) - (1 - p) * DeterministicMath.log(1 - p)
        }
        return pictures.withUnsafePointer { p in
            (0..<pictures.count).reduce(0.0) { $0 + table[Int((p[$1] * 255).rounded())] }
        }
    }
}
