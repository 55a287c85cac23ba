import Jacquard

/// # 7.5.1 to 7.5.3 An autoencoder, and a map of what it has learned
///
/// A network is asked for nothing but its own input, through a code that is too short to hold it:
///
///     c = encode(x),    x̂ = decode(c),    L = mean (x̂ - x)²
///
/// To make L small the 28 numbers of c must say what differs between pictures, and leave out what all have in common. So
/// without a single label the network learns what kinds of pictures there are. t-SNE lays the codes out in the plane such
/// that neighbors stay neighbors; colored by the labels, which were never used, it shows islands of like digits.
///
/// Pixels are scaled to -1…1, which is where tanh can reach. The share of test digits whose nearest code among those learned
/// from is of the same digit puts a number on what the book shows as a picture.
public struct AutoencoderLesson: Lesson {
    public static let about = About(
        "7.5.1-7.5.3", "An autoencoder, and a map of its codes",
        shows: "784 pixels through 28 numbers and back, and the islands that the numbers form.", data: .digits,
        seconds: 8)

    public var steps = 1_000

    public init() {}

    /// The encoder and the decoder of the book, 318,480 parameters.
    struct Network: Layer {
        let encoder = Sequential {
            Convolution2D(1, 14, kernel: 5, padding: 2, activation: .tanh, weights: .uniform(bound: 0.2))
            Convolution2D(14, 7, kernel: 5, padding: 2, activation: .tanh, weights: .uniform(bound: 0.053))
            Flatten()
            Dense(5488, 28, weights: .uniform(bound: 0.0135))
            Activation.tanh
        }
        let decoder = Sequential {
            Dense(28, 5488, weights: .uniform(bound: 0.19))
            Activation.tanh
            Reshape([7, 28, 28])
            Convolution2D(7, 14, kernel: 5, padding: 2, activation: .tanh, weights: .uniform(bound: 0.076))
            Convolution2D(14, 1, kernel: 5, padding: 2, activation: .tanh, weights: .uniform(bound: 0.053))
        }

        func callAsFunction(_ x: Variable, mode: Mode) -> Variable { decoder(encoder(x, mode: mode), mode: mode) }
    }

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits()
        let training = try pictures(digits.training), test = try pictures(digits.test)
        let passes = max(1, steps * 60 / digits.training.count)

        let network = Network()
        network.initialize(seed: 20_190_504, in: materials.context)
        let trainer = Trainer(
            network, loss: .squaredError, optimizer: .momentum(rate: 0.01, momentum: 0.9), in: materials.context)
        var losses: [Double] = []
        try trainer.fit(
            Dataset(inputs: training, targets: training), batch: 60, epochs: passes,
            validation: Dataset(inputs: test, targets: test)
        ) { event in
            guard case .epoch(let progress) = event else { return }
            losses.append(progress.validationLoss ?? .nan)
            materials.progress("pass \(losses.count) of \(passes)")
        }

        let learned = network.encoder.predict(training, in: materials.context)
        let codes = network.encoder.predict(test, in: materials.context)
        let neighbors = try nearestNeighbors(of: codes, among: learned, in: materials.context)
        let likeNeighbors = zip(neighbors, digits.test.labels).count { digits.training.labels[$0[0].index] == $1 }
        let likeShare = Double(likeNeighbors) / Double(test.shape[0])
        materials.progress("laying out the map")
        let places = try tSNE(of: codes, seed: 20_190_405, in: materials.context)
        let shown = test.rows(0..<min(12, test.shape[0]))
        return Report(
            [
                Row("parameters", book: "318480", here: "\(network.parameterCount)"),
                Row("squared error after one pass", here: losses[0]),
                Row(
                    "squared error after \(passes * ((training.shape[0] + 59) / 60)) steps", book: 0.0693,
                    here: losses.min() ?? .nan),
                Row("digits whose nearest code is of the same digit", here: likeShare, as: .percent),
            ],
            takeaway:
                "Whoever has to describe pictures in 28 numbers learns which pictures are alike: nobody told this network "
                + "what a seven is, and "
                + (likeShare > 0.5 ? "sevens lie together." : "what it takes to be alike here is not the digit."),
            figures: [
                Figure(
                    "7.5-reconstructions",
                    "Digits never seen before, and below them what their 28 numbers were decoded to.",
                    .pictures(
                        Tensor(
                            ((shown.values + network.predict(shown, in: materials.context).values).map { ($0 + 1) / 2 }),
                            shape: [2 * shown.shape[0], 1, 28, 28]), columns: shown.shape[0])),
                Figure(
                    "7.5-map", "The codes of the digits held out, by t-SNE; colors are the digits.",
                    .map((0..<codes.shape[0]).map { (places[$0, 0], places[$0, 1], "\(digits.test.labels[$0])") })),
            ])
    }

    /// [N, 1, 28, 28] in -1…1.
    private func pictures(_ data: Dataset) throws -> Tensor {
        (try data.batch(0..<data.count).inputs * 2 - 1).reshaped(to: [data.count, 1, 28, 28])
    }
}
