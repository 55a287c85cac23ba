import Jacquard

/// # 5.4 A network with a convolution
///
/// 16 kernels of 5×5 pixels look at a digit everywhere; what they find goes through tanh and is flattened to 16·28·28 =
/// 12,544 numbers, of which a fifth is dropped while the network learns; a dense layer decides for one of ten classes. The
/// book passes once over 60,000 digits, with momentum 0.9 and a rate of 0.1.
///
/// Its kernels learn from the wrong gradient (5.1-5.3), and its dense layer starts with weights of deviation 1, so that a sum
/// of 12,544 of them is about 100: softmax is certain of anything at first. Both are here as the book has them and mended, the
/// second by Glorot's weights and a rate of 0.01.
public struct ConvolutionalClassifier: Lesson {
    public static let about = About(
        "5.4", "A convolutional classifier",
        shows: "The book's network with its gradient and with the right one, and with weights that start smaller.",
        data: .digits, seconds: 18)

    /// Passes over the digits: as many as in the book, and as many as show it about as many digits as the book's one.
    public var few = 1, many = 7
    /// Each network is trained from so many beginnings; the mean counts.
    public var seeds: [UInt64] = [1, 2]

    public init() {}

    /// Gives the gradient of pictures back as the book's code reads it.
    struct BooksRowOrder: Operation, Layer {
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable { x.tape(self, x) }

        func forward(_ inputs: [Tensor], in _: ComputeContext) -> (outputs: [Tensor], saved: Void) { (inputs, ()) }

        func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in _: ComputeContext) -> [Tensor?] {
            gradients.map {
                $0.map {
                    Tensor(ConvolutionalClassifier.inTheBooksOrder($0.values, $0.shape.dimensions), shape: $0.shape)
                }
            }
        }
    }

    /// Of numbers [N, C, H, W]: row k, which belongs to pixel k / N of picture k % N, gets row k of a list that goes picture by
    /// picture.
    public static func inTheBooksOrder(_ rows: [Float], _ shape: [Int]) -> [Float] {
        let images = shape[0], channels = shape[1], pixels = shape[2] * shape[3]
        var result = rows
        for k in 0..<images * pixels {
            for channel in 0..<channels {
                result[(k % images * channels + channel) * pixels + k / images] =
                    rows[(k / pixels * channels + channel) * pixels + k % pixels]
            }
        }
        return result
    }

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits(), scale = try Standardization(fittedTo: digits.training, isShared: true)
        let training = digits.training.standardized(by: scale).inputs(shaped: [1, 28, 28])
        let test = digits.test.standardized(by: scale).inputs(shaped: [1, 28, 28])
        var rows: [Row] = [], kernels: [Tensor] = []

        func train(
            _ name: String, book: Double? = nil, last: Initializer, rate: Double, epochs: Int, asTheBook: Bool
        ) throws {
            var accuracies: [Double] = []
            for seed in seeds {
                let convolution = Convolution2D(
                    1, 16, kernel: 5, padding: 2, bias: false, weights: .normal(deviation: 2 / (1 + 16)))
                let model = Sequential(seed: seed, in: materials.context) {
                    convolution
                    if asTheBook { BooksRowOrder() }
                    Activation.tanh
                    Flatten()
                    Dropout(0.2)
                    Dense(16 * 28 * 28, 10, weights: last)
                }
                let trainer = Trainer(
                    model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: rate, momentum: 0.9),
                    metrics: [.accuracy], seed: seed, in: materials.context)
                let steps = (training.count + 59) / 60 * epochs
                try trainer.fit(training, batch: 60, epochs: epochs) { event in
                    if case .step(let step) = event { materials.progress("\(name), step \(step.step) of \(steps)") }
                }
                accuracies.append(try trainer.evaluate(test)[.accuracy] ?? 0)
                kernels.append(convolution.weight.value)
            }
            rows.append(Row(name, book: book, here: accuracies.reduce(0, +) / Double(seeds.count), as: .percent))
        }
        let one = Initializer.normal(deviation: 1), glorot = Initializer.glorotNormal, passes = "\(many) passes"
        try train("as the book", book: 0.9031, last: one, rate: 0.1, epochs: few, asTheBook: true)
        try train("right gradient", last: one, rate: 0.1, epochs: few, asTheBook: false)
        try train("as the book, \(passes)", last: one, rate: 0.1, epochs: many, asTheBook: true)
        try train("right gradient, \(passes)", last: one, rate: 0.1, epochs: many, asTheBook: false)
        try train("Glorot, the book's gradient, \(passes)", last: glorot, rate: 0.01, epochs: many, asTheBook: true)
        try train("Glorot, right gradient, \(passes)", last: glorot, rate: 0.01, epochs: many, asTheBook: false)
        return Report(
            rows,
            takeaway:
                "With weights that start small the right gradient comes to \(rows[5].here), the book's to \(rows[4].here): a "
                + "network learns with a wrong gradient too, and accuracy alone does not betray it.",
            figures: [
                Figure(
                    "5.4-kernels", "The 16 kernels that the last network has learned; gray is zero.",
                    .pictures(enlarged(kernels[kernels.count - 1]), columns: 8))
            ])
    }

    /// Each weight as 6×6 pixels, the largest of all white or black.
    func enlarged(_ kernels: Tensor) -> Tensor {
        let largest = kernels.values.map(abs).max() ?? 1
        var pictures = Tensor(zeros: [16, 1, 30, 30])
        for kernel in 0..<16 {
            for pixel in 0..<900 {
                let weight = kernels[kernel, 0, pixel / 30 / 6, pixel % 30 / 6]
                pictures[kernel, 0, pixel / 30, pixel % 30] = 0.5 + weight / largest / 2
            }
        }
        return pictures
    }
}
