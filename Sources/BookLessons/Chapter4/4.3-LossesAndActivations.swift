import Jacquard

/// # 4.3 Experiments: which loss, which activation?
///
/// A network of 784 inputs, 89 hidden units and 10 outputs learns to tell digits apart. All pixels are scaled by one mean
/// and one deviation, weights and biases start as N(0, 1), and gradient descent goes 0.1 along the gradient of 60 digits.
/// What changes is the loss, then the activation in the middle:
///
///     squared error       Σ (p - y)², where the outputs p go through a sigmoid
///     normalized          Σ (p / Σp - y)²
///     cross-entropy       -ln softmax(x)_c of 4.2, where the outputs are plain numbers x
///
/// The book's code differentiates the normalized error as if nothing were divided, and ReLU as if it were x: it asks whether
/// the *clipped* value is ≥ 0, which it always is. Both are here as the book has them, and right. N(0, 1) is too wide for
/// ReLU (see 4.6), so that it is tried with small weights as well.
public struct LossesAndActivations: Lesson {
    public static let about = About(
        "4.3", "Losses and activations", shows: "Cross-entropy against squared errors; sigmoid, tanh and ReLU.",
        data: .digits, seconds: 20)

    /// Passes over the digits at most. Training ends when ten in a row bring no lower loss on the test digits.
    public var epochs = 50
    /// Each network is trained from so many beginnings; the mean counts.
    public var seeds: [UInt64] = [1, 2]

    public init() {}

    static let squaredError = Loss("squared error") { p, targets in
        (p - oneHot(targets, like: p)).squared().sum() / Float(p.shape[0])
    }

    static let normalized = Loss("normalized squared error") { p, targets in
        squaredError(p / sums(p), targets)
    }

    /// The value is that of the normalized error; the derivative flows to p as if p were not divided by anything.
    static let normalizedAsTheBook = Loss("normalized squared error of the book") { p, targets in
        squaredError(p + (p / sums(p) - p).detached, targets)
    }

    static func sums(_ p: Variable) -> Variable {
        p.sum(axis: 1).reshaped(to: [p.shape[0], 1]).broadcast(to: p.shape)
    }

    static func oneHot(_ targets: Targets, like p: Variable) -> Variable {
        p.tape.constant(.oneHot(targets.numbers.values.map { Int($0) }, classes: p.shape[1]))
    }

    /// max(x, 0), through which a gradient passes as if it were x.
    struct BooksReLU: Layer {
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable { x + (x.relu() - x).detached }
    }

    /// The derivative of an activation at a point.
    func slope(of activation: any Layer, at x: Float, _ context: ComputeContext) -> Double {
        let tape = Tape(in: context), x = tape.variable(Tensor([x]))
        return Double(tape.backward(from: activation(x, mode: .inference).sum())[x]?.scalar ?? 0)
    }

    public func run(with materials: Materials) throws -> Report {
        let digits = try materials.digits(), scale = try Standardization(fittedTo: digits.training, isShared: true)
        let training = digits.training.standardized(by: scale), test = digits.test.standardized(by: scale)
        var rows: [Row] = [], curves: [Figure.Curve] = []

        func train(
            _ name: String, book: Double? = nil, _ hidden: any Layer, _ output: Activation = .linear,
            _ loss: Loss = .softmaxCrossEntropy, start: Initializer = .normal(deviation: 1)
        ) throws {
            var accuracies: [Double] = [], curve: [(x: Double, y: Double)] = []
            for seed in seeds {
                let model = Sequential(seed: seed, in: materials.context) {
                    Dense(784, 89, weights: start, biases: start)
                    hidden
                    Dense(89, 10, weights: start, biases: start)
                    output
                }
                let trainer = Trainer(
                    model, loss: loss, optimizer: .sgd(rate: 0.1), metrics: [.accuracy], seed: seed,
                    in: materials.context)
                let result = try trainer.fit(training, batch: 60, epochs: epochs, validation: test, patience: 10) {
                    guard case .epoch(let progress) = $0 else { return }
                    materials.progress("\(name), epoch \(Int(progress.epoch)) of \(epochs)")
                    guard seed == seeds[0], let accuracy = try? trainer.evaluate(test)[.accuracy] else { return }
                    curve.append((progress.epoch, 100 * accuracy))
                }
                accuracies.append(result.validation?[.accuracy] ?? 0)
            }
            rows.append(Row(name, book: book, here: accuracies.reduce(0, +) / Double(seeds.count), as: .percent))
            if start != .glorotNormal { curves.append(.init(name, curve)) }
        }
        let tanh = Activation.tanh, sigmoid = Activation.sigmoid, relu = Activation.relu
        try train("squared error, tanh", book: 0.7280, tanh, sigmoid, Self.squaredError)
        try train("normalized, the book's derivative", book: 0.4173, tanh, sigmoid, Self.normalizedAsTheBook)
        try train("normalized, its own derivative", tanh, sigmoid, Self.normalized)
        try train("cross-entropy, sigmoid", book: 0.9104, sigmoid)
        try train("cross-entropy, the book's ReLU", book: 0.7184, BooksReLU())
        try train("cross-entropy, ReLU", relu)
        try train("cross-entropy, tanh", book: 0.9092, tanh)
        try train("small weights, the book's ReLU", BooksReLU(), start: .glorotNormal)
        try train("small weights, ReLU", relu, start: .glorotNormal)
        rows.append(Row("slope of the book's ReLU at -1", here: slope(of: BooksReLU(), at: -1, materials.context)))
        rows.append(Row("slope of ReLU at -1", here: slope(of: relu, at: -1, materials.context)))
        return Report(
            rows,
            takeaway:
                "With tanh, squared errors tell \(rows[0].here) of the test digits right, and cross-entropy \(rows[6].here); "
                + "ReLU with small weights comes to \(rows[7].here) with the book's derivative and to \(rows[8].here) with its own.",
            figures: [
                Figure(
                    "4.3-accuracy", "Test digits that are told right after each pass, from the first beginning.",
                    .curves(curves, x: "epoch", y: "per cent"))
            ])
    }
}
