import Autodiff
import Autoencoders
import Images
import Kernels
import Layers
import TensorCore
import Training
import TrainingRuns

/// An autoencoder that is trained on made-up pictures, scores those that were held out, encodes and decodes.
struct TestedPictures: TestedModel {
    let name: String
    let kind: AutoencoderKind
    let size: PictureSize
    let channels: Int
    let settings: @Sendable (inout AutoencoderOptions) -> Void

    func fingerprints(
        in context: ComputeContext, resumingIn other: ComputeContext
    ) throws -> [(stage: SelfTest.Stage, found: String)] {
        var options = AutoencoderOptions()
        options.kind = kind
        (options.code, options.warmUp, options.seed, options.steps) = (5, 2, 11, 6)
        // More than one block of sixteen, the second one not full.
        options.batch = 21
        // What a plan would choose is said here and below, so that another plan changes no bits that are recorded.
        options.shift = 0
        settings(&options)
        // Some of the pictures have another shape, and are fitted.
        let pictures = try PreparedPictures.of(
            (0..<60).map { Self.picture($0, size, channels: channels) }, size: size, components: 5, in: context)
        let plan = try AutoencoderPlan.plan(for: pictures.summary, options: options)
        var (stages, task) = try TestedTraining.stages(plan, in: context, resumingIn: other) {
            AutoencoderTask(plan, pictures: pictures, in: $0)
        }
        stages.append((.scored, try scored(task.model, pictures, in: context)))
        let (codes, encoded) = try encoded(task.model, pictures, in: context)
        stages.append((.encoded, encoded))
        stages.append((.decoded, try decoded(task.model, codes, in: context)))
        return stages
    }

    private func scored(
        _ model: Autoencoder, _ pictures: PreparedPictures, in context: ComputeContext
    ) throws -> String {
        let parts = [(source: pictures.validation, indices: pictures.validationIndices)]
        let measured = try AutoencoderEvaluation.measure(model, parts, baseline: pictures.baseline, in: context)
        return Fingerprint.of {
            for evaluation in [measured].compactMap({ $0 }) {
                $0.add([
                    evaluation.loss, evaluation.meanSquaredError, evaluation.meanAbsoluteError,
                    evaluation.baselineError ?? -1, evaluation.variational?.divergence ?? -1,
                ])
            }
        }
    }

    private func encoded(
        _ model: Autoencoder, _ pictures: PreparedPictures, in context: ComputeContext
    ) throws -> (codes: Tensor, found: String) {
        let batch = try pictures.training.batch(Array(0..<37))
        let tape = Tape(in: context, recording: false)
        let code = model.encode(tape.constant(batch.tensor()), mode: .inference)
        return (
            code.code.value,
            Fingerprint.of {
                $0.add(code.code.value)
                if let logVariance = code.logVariance { $0.add(logVariance.value) }
            }
        )
    }

    /// Pictures from the codes of others, and from codes of a mixture that is fitted to those.
    private func decoded(_ model: Autoencoder, _ codes: Tensor, in context: ComputeContext) throws -> String {
        let mixture = try GaussianMixture.fit(codes, in: context)
        let drawn = CodeSampler(.mixture(mixture), length: codes.shape[1]).draw(4, seed: 7, in: context)
        return Fingerprint.of {
            for some in [codes, drawn] {
                let tape = Tape(in: context, recording: false)
                $0.add(model.decode(tape.constant(some), mode: .inference).sigmoid().value)
            }
        }
    }

    /// A bright spot on a dark ground, of whole numbers alone.
    private static func picture(_ number: Int, _ size: PictureSize, channels: Int) -> Picture {
        let isTall = number % 7 == 3
        let width = isTall ? size.width + 3 : size.width, height = isTall ? 2 * size.height : size.height
        let x = number * 7 % width, y = number * 5 % height, radius = 3 + number % 4
        var picture = Picture(width: width, height: height, channels: channels, filledWith: 12)
        for row in 0..<height {
            for column in 0..<width {
                let distance = (row - y) * (row - y) + (column - x) * (column - x)
                for channel in 0..<channels {
                    picture[column, row, channel] = UInt8(12 + 240 * radius / (radius + distance * (channel + 1)))
                }
            }
        }
        return picture
    }
}

extension TestedPictures {
    /// Each kind and architecture, gray and in color, sides even and odd.
    static let all: [any TestedModel] = [
        TestedPictures(
            name: "autoencoder, Adam", kind: .plain, size: PictureSize(width: 12, height: 15), channels: 3,
            settings: { ($0.channels, $0.hidden, $0.optimizer, $0.learningRate) = ([6, 10], 14, .adam, 0.002) }),
        TestedPictures(
            name: "denoising autoencoder, AdamW", kind: .denoising(noise: 0.2, masking: 0.3),
            size: PictureSize(width: 11, height: 14), channels: 1,
            settings: {
                ($0.channels, $0.hidden, $0.optimizer, $0.learningRate) = ([5], 256, .adamw, 0.002)
                $0.augmentation = Augmentation(shift: 2, flipsHorizontally: true, brightness: 0.1)
            }),
        TestedPictures(
            name: "sparse autoencoder, RMSprop", kind: .sparse(weight: 0.01), size: PictureSize(width: 16, height: 8),
            channels: 1, settings: { ($0.channels, $0.hidden, $0.optimizer) = ([8], 0, .rmsprop) }),
        TestedPictures(
            name: "variational autoencoder, Adam", kind: .variational(freeNats: 0.05),
            size: PictureSize(width: 16, height: 12), channels: 3,
            settings: {
                ($0.channels, $0.hidden, $0.learningRate, $0.divergenceWarmUp) = ([16, 24], 512, 0.002, 4)
            }),
        TestedPictures(
            name: "autoencoder of the book, momentum", kind: .plain, size: PictureSize(width: 10, height: 9),
            channels: 1, settings: { ($0.architecture, $0.optimizer) = (.book, .momentum) }),
        TestedPictures(
            name: "autoencoder, half precision", kind: .plain, size: PictureSize(width: 19, height: 16), channels: 3,
            settings: {
                ($0.precision, $0.channels, $0.hidden) = (.bfloat16, [16, 37, 48], 32)
                ($0.optimizer, $0.learningRate) = (.adamw, 0.002)
            }),
        TestedPictures(
            name: "autoencoder of the book, half precision", kind: .plain, size: PictureSize(width: 9, height: 11),
            channels: 1,
            settings: { ($0.precision, $0.architecture, $0.optimizer) = (.bfloat16, .book, .momentum) }),
    ]
}
