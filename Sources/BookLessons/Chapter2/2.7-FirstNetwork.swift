import Jacquard

/// # 2.7 The first network, by hand
///
/// A straight line cannot bend. So put one in between: thirteen weighted sums of the inputs, each through a sigmoid, and a
/// weighted sum of those,
///
///     H = σ(X W₁ + b₁)        P = H W₂ + b₂        L = mean of (P - y)²
///
/// and the chain rule once more, from the end to the beginning:
///
///     ∂L/∂P = 2 (P - y) / N    ∂L/∂W₂ = Hᵀ ∂L/∂P    ∂L/∂b₂ = Σ ∂L/∂P
///     ∂L/∂M = ∂L/∂P W₂ᵀ · H (1 - H)    ∂L/∂W₁ = Xᵀ ∂L/∂M    ∂L/∂b₁ = the sum of each column of ∂L/∂M
///
/// The book adds up ∂L/∂b₁ twice, over the rows and then over the hidden units, so that all thirteen biases move as one.
public struct FirstNetwork: Lesson {
    public static let about = About(
        "2.7", "The first network, by hand",
        shows: "A hidden layer against the line. The book's figures are Boston's.", data: .table, seconds: 0.3)

    public var hidden = 13
    public var iterations = 10_000
    public var batch = 23
    /// The book's 0.001 for half the gradient of a sum over the batch, as one for the gradient of the mean.
    public var rate: Float = 0.001 * 23 / 2
    public var seed: UInt64 = 180_807

    public init() {}

    struct Network {
        var w1, b1, w2, b2: Tensor  // [inputs, hidden], [hidden], [hidden, 1], [1]

        func hidden(_ x: Tensor, in context: ComputeContext) -> Tensor {
            let m = x.multiplied(by: w1, in: context)
            return (m + b1.broadcast(to: m.shape)).map { Float(1 / (1 + DeterministicMath.exp(-Double($0)))) }
        }

        func callAsFunction(_ x: Tensor, in context: ComputeContext) -> Tensor {
            hidden(x, in: context).multiplied(by: w2, in: context) + b2.scalar
        }

        /// The gradient of the mean square error by all four.
        func gradient(_ x: Tensor, _ y: Tensor, in context: ComputeContext) -> Network {
            let h = hidden(x, in: context), p = h.multiplied(by: w2, in: context) + b2.scalar
            let byP = (p - y) * (2 / Float(x.shape[0]))
            let byM = byP.multiplied(by: w2, transposeOther: true, in: context) * h * h.map { 1 - $0 }
            return Network(
                w1: x.multiplied(by: byM, transposeSelf: true, in: context), b1: byM.columnSums,
                w2: h.multiplied(by: byP, transposeSelf: true, in: context), b2: byP.columnSums)
        }
    }

    func start(_ inputs: Int, in context: ComputeContext) -> Network {
        func normal(_ shape: Shape, _ stream: UInt64) -> Tensor {
            RandomStream(seed: seed, stream: stream).normal(shape, in: context)
        }
        return Network(
            w1: normal([inputs, hidden], 1), b1: normal([hidden], 2), w2: normal([hidden, 1], 3), b2: normal([1], 4))
    }

    func learn(_ training: Dataset, sharesBias: Bool = false, in context: ComputeContext) throws -> Network {
        var network = start(training.inputShape.count, in: context)
        for positions in training.batches(iterations, of: batch, seed: seed) {
            let rows = try training.batch(positions)
            var gradient = network.gradient(rows.inputs, rows.targets.numbers, in: context)
            if sharesBias { gradient.b1 = Tensor(repeating: Float(gradient.b1.sum), shape: [hidden]) }
            network.w1 = network.w1 - rate * gradient.w1
            network.b1 = network.b1 - rate * gradient.b1
            network.w2 = network.w2 - rate * gradient.w2
            network.b2 = network.b2 - rate * gradient.b2
        }
        return network
    }

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression(), context = materials.context
        let scale = try Standardization(fittedTo: table.training)
        let training = table.training.standardized(by: scale)
        let test = try table.test.standardized(by: scale).batch(0..<table.test.count)
        let (x, y) = (test.inputs, test.targets.numbers)
        let line = try LinearRegression().learn(training, in: context)
        materials.progress("two networks")
        let network = try learn(training, in: context)
        let shared = try learn(training, sharesBias: true, in: context)
        let (absolute, ofNetwork) = LinearRegression.errors(network(x, in: context), y)
        let ofLine = LinearRegression.errors(line(x, in: context), y).rootMeanSquare

        // The same gradient from the engine's tape.
        let tape = Tape(in: context), byHand = network.gradient(x, y, in: context)
        let leaves = [network.w1, network.b1, network.w2, network.b2].map(tape.variable)
        let m = tape.constant(x).multiplied(by: leaves[0])
        let p = (m + leaves[1].broadcast(to: m.shape)).sigmoid().multiplied(by: leaves[2])
        let byTape = tape.backward(from: (p + leaves[3].broadcast(to: p.shape)).squaredError(to: y))
        let distances = zip(leaves, [byHand.w1, byHand.b1, byHand.w2, byHand.b2]).map { leaf, gradient in
            byTape[leaf].map { ($0 - gradient).map(abs).values.max() ?? .nan } ?? .nan
        }
        /// How far the hidden biases have gone from where they began, the least and the greatest.
        func moves(_ network: Network) -> [Double] {
            let moves = (network.b1 - start(training.inputShape.count, in: context).b1).values.map(Double.init)
            return [moves.min() ?? .nan, moves.max() ?? .nan]
        }
        let ofShared = LinearRegression.errors(shared(x, in: context), y).rootMeanSquare
        var report = [
            Row("mean absolute error", book: 2.5951, here: absolute),
            Row("root mean square error", book: 3.8851, here: ofNetwork),
            Row("the same of linear regression", book: 5.0497, here: ofLine),
            Row("gradients, by hand to the tape's, at most", here: Double(distances.max() ?? .nan), as: .digits(6)),
            Row("hidden biases moved, from … to", here: moves(network)),
            Row("one gradient for all of them: moved", here: moves(shared)),
            Row("with it: root mean square error", here: ofShared),
        ]
        if let floor = table.noiseFloor { report.append(Row("no model can do better than", here: floor)) }
        return Report(
            report,
            takeaway: ofNetwork < ofLine
                ? "A hidden layer takes the error from \(fixed(ofLine, 2)) to \(fixed(ofNetwork, 2)), with "
                    + "nothing but products of matrices, sigmoids and the chain rule."
                : "Here the line, off by \(fixed(ofLine, 2)), is no worse than the network, by \(fixed(ofNetwork, 2)).")
    }
}
