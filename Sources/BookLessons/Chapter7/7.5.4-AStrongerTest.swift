import Jacquard

/// # 7.5.4 A stronger test: codes that no picture had
///
/// Does a decoder know what digits are? Give it codes that no picture was encoded to, and look. The book draws each number
/// of a code evenly from -1…1, decodes, sees blobs, and names generative adversarial networks as the way out. Two remedies
/// are nearer at hand.
///
/// *Draw codes as the pictures' codes lie.* They fill a small part of the cube. A mixture of Gaussians fitted to them says
/// where that part is, and is drawn from.
///
/// *Make the codes lie as they are drawn.* A variational autoencoder (Kingma & Welling, 2014) encodes a picture to a Gaussian
/// with mean μ and deviation σ, decodes a draw z = μ + σ ε from it, and pays for each nat that the Gaussian differs from the
/// unit one, in the loss of a picture
///
///     L = Σ (x̂ - x)² / 2s² + Σ (μ² + σ² - 1 - ln σ²) / 2
///
/// so that afterwards unit Gaussian numbers are codes that it knows. s is how far off a pixel may be without a price.
///
/// How much a picture is like a digit is measured by its distance from the nearest digit that was learned from: the root mean
/// square difference of their pixels, in -1…1. (A classifier is no judge: it is sure of many a blob.)
public struct StrongerTest: Lesson {
    public static let about = About(
        "7.5.4", "A stronger test", shows: "Random codes, and two ways to draw codes that decode to digits.",
        data: .digits, seconds: 8)

    public var steps = 1_000
    public var draws = 500

    public init() {}

    /// The encoder gives μ and ln σ² of 12 numbers.
    private struct Variational: Layer {
        let encoder = Sequential {
            Dense(784, 200)
            Activation.relu
            Dense(200, 24)
        }
        let decoder = Sequential {
            Dense(12, 200)
            Activation.relu
            Dense(200, 784)
            Activation.tanh
        }
        let draw = RandomPlace()

        /// The loss of a batch in -1…1.
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
            let gaussian = encoder(x, mode: mode), mean = gaussian.columns(0..<12),
                logVariance = gaussian.columns(12..<24)
            guard case .training(let step) = mode else { return decoder(mean, mode: mode) }
            let z = mean.gaussianDraw(logVariance: logVariance, from: draw.stream(of: step))
            let off = (decoder(z, mode: mode) - x).squared().sum() / Float(x.shape[0])
            return off / (2 * 0.25) + mean.gaussianDivergence(logVariance: logVariance)
        }
    }

    public func run(with materials: Materials) throws -> Report {
        let context = materials.context, digits = try materials.digits()
        let pixels = try digits.training.batch(0..<digits.training.count).inputs * 2 - 1
        let pictures = pixels.reshaped(to: [pixels.shape[0], 1, 28, 28])

        let plain = AutoencoderLesson.Network()
        plain.initialize(seed: 20_190_504, in: context)
        try Trainer(plain, loss: .squaredError, optimizer: .momentum(rate: 0.01), in: context).fit(
            Dataset(inputs: pictures, targets: pictures), batch: 60, epochs: max(1, steps * 60 / pixels.shape[0])
        ) { if case .step(let step) = $0 { materials.progress("plain autoencoder, step \(step.step)") } }

        let variational = Variational()
        variational.initialize(seed: 7, in: context)
        var optimizer = OptimizerState(.adam(rate: 0.001), for: variational.parameters)
        for epoch in 0..<max(1, 3 * steps * 60 / pixels.shape[0]) {
            materials.progress("variational autoencoder, pass \(epoch + 1)")
            for positions in digits.training.batches(of: 60, seed: 7, epoch: epoch) {
                let tape = Tape(in: context), step = RandomStream(seed: 7, step: UInt64(optimizer.step))
                let loss = variational(tape.constant(pixels.rows(positions)), mode: .training(step))
                optimizer.update(along: tape.backward(from: loss))
            }
        }

        let random = RandomStream(seed: 20_190_504)
        let mixture = try GaussianMixture(
            fittedTo: plain.encoder.predict(pictures, in: context), components: 20, in: context)
        let drawn = [
            (
                "uniform codes",
                plain.decoder.predict(random.uniform([draws, 28], low: -1, high: 1, in: context), in: context)
            ),
            ("codes of a mixture of Gaussians", plain.decoder.predict(mixture.draw(draws, in: context), in: context)),
            (
                "unit Gaussian codes, variational",
                variational.decoder.predict(random.normal([draws, 12], in: context), in: context)
            ),
            ("real digits held out", try digits.test.batch(0..<digits.test.count).inputs * 2 - 1),
        ].map { ($0, $1.reshaped(to: [$1.shape[0], 784])) }
        return Report(
            try drawn.map { name, pictures in
                let near = try nearestNeighbors(of: pictures, among: pixels, in: context)
                let distance = near.reduce(0) { $0 + Double($1[0].distance) } / Double(near.count)
                // √784 = 28
                var row = Row("distance from a digit: \(name)", here: distance / 28, as: .digits(3))
                if name == "uniform codes" { row.book = "blobs" }
                return row
            },
            takeaway:
                "A decoder knows the codes it has seen: draw new ones where those lie, or make them lie where you draw.",
            figures: [
                Figure(
                    "7.5.4-drawn",
                    "Rows: uniform codes, a mixture of Gaussians, a variational autoencoder, real digits.",
                    .pictures(
                        Tensor(drawn.flatMap { (($0.1.rows(0..<12) + 1) * 0.5).values }, shape: [48, 1, 28, 28]),
                        columns: 12))
            ])
    }
}
