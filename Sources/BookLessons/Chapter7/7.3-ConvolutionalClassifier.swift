import Jacquard

/// # 7.3 A convolutional network in the engine's own terms
///
/// Two convolutions with a 5×5 window, which find strokes and then corners and loops of strokes, a dense layer to 32
/// numbers and one to the ten classes; tanh between them, and dropout, of which the book keeps 80 %. The output is ten
/// logits y, and the loss of class c is
///
///     L = -ln softmax(y)[c] = ln Σₖ exp yₖ - y_c
///
/// Inputs are scaled by one mean and one deviation for all pixels: the transform that the book writes as
/// `Normalize((0.1305,), (0.3081,))`, with numbers of the digits to learn from.
///
/// The book goes once through 60,000 digits in batches of 60, a thousand steps. With fewer digits a pass is shorter: the
/// lesson takes one pass, and then as many as come to a thousand steps.
public struct ConvolutionalNetwork: Lesson {
    public static let about = About(
        "7.3", "A convolutional network",
        shows: "Digits by two convolutions: one pass, and the book's thousand steps.", data: .digits, seconds: 4)

    public var steps = 1_000

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits()
        let scale = try Standardization(fittedTo: digits.training, isShared: true)
        let training = digits.training.standardized(by: scale).asPictures28
        let test = digits.test.standardized(by: scale).asPictures28
        let passes = max(1, steps * 60 / training.count)

        let model = Sequential(seed: 20_190_325, in: materials.context) {
            Convolution2D(1, 14, kernel: 5, padding: 2, weights: .uniform(bound: 0.2))
            Activation.tanh
            Dropout(0.2)
            Convolution2D(14, 7, kernel: 5, padding: 2, weights: .uniform(bound: 0.053))
            Activation.tanh
            Flatten()
            Dropout(0.2)
            Dense(7 * 28 * 28, 32)
            Activation.tanh
            Dropout(0.2)
            Dense(32, 10)
        }
        let trainer = Trainer(
            model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: 0.01, momentum: 0.9), metrics: [.accuracy],
            in: materials.context)
        var first: Double?, losses: [Double] = []
        try trainer.fit(training, batch: 60, epochs: passes, validation: test) { event in
            guard case .epoch(let progress) = event else { return }
            materials.progress("pass \(losses.count + 1) of \(passes)")
            losses.append(progress.validationLoss ?? .nan)
            if first == nil { first = (try? trainer.evaluate(test))?[.accuracy] }
        }
        let result = try trainer.evaluate(test)
        return Report(
            [
                Row("parameters", book: "178799", here: "\(model.parameterCount)"),
                Row("accuracy after one pass", book: 0.96976, here: first ?? .nan, as: .percent),
                Row("accuracy, best of \(passes) passes", here: result[.accuracy] ?? .nan, as: .percent),
                Row("cross-entropy, best of \(passes) passes", book: 0.0976, here: result.loss),
            ],
            takeaway:
                "The same four elements train a convolutional network: only the model is another one. A pass of the "
                + "book's has 1,000 steps, one of these \(training.count) digits \((training.count + 59) / 60).",
            figures: [
                Figure(
                    "7.3-losses", "Cross-entropy on the digits held out, after each pass.",
                    .curves([.init("held out", values: losses)], x: "pass", y: "nats"))
            ])
    }
}

extension Dataset {
    /// With inputs [1, 28, 28].
    fileprivate var asPictures28: Dataset { inputs(shaped: [1, 28, 28]) }
}
