import Jacquard

/// # 3.5-3.6 A network, its loss, and batches
///
/// Learning is four lines. Answer a batch of examples; measure how wrong that is; walk back; move each parameter a little
/// against its gradient:
///
///     P = network(X)        L = mean of (P - y)²        p ← p - rate · ∂L/∂p
///
/// Why a batch? The gradient of the mean loss over a batch is the mean of the gradients of its examples. All rows at once
/// give the best gradient, but only one step in a pass over the data; thirty-two give one nearly as good, and as many steps as
/// there are batches.
public struct NetworkAndBatches: Lesson {
    public static let about = About(
        "3.5-3.6", "A network, its loss, and batches", shows: "The training loop by hand, with batches of three sizes.",
        data: .table, seconds: 0.2)

    public var epochs = 20
    public var rate: Float = 0.01
    public var seed: UInt64 = 20_190_501

    public init() {}

    /// The book's second network: thirteen sigmoids, and their sum.
    func network(_ inputs: Int, in context: ComputeContext) -> Sequential {
        Sequential(seed: seed, in: context) {
            Dense(inputs, 13, weights: .normal(deviation: 1), biases: .normal(deviation: 1))
            Activation.sigmoid
            Dense(13, 1, weights: .normal(deviation: 1), biases: .normal(deviation: 1))
        }
    }

    /// The loss of some rows and its gradients.
    func forwardAndBackward(_ model: Sequential, _ rows: Dataset.Batch, in context: ComputeContext) -> (
        loss: Float, gradients: Gradients
    ) {
        let tape = Tape(in: context)
        let loss = model(tape.constant(rows.inputs)).squaredError(to: rows.targets.numbers)
        return (loss.value.scalar, tape.backward(from: loss))
    }

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression(), context = materials.context
        let scale = try Standardization(fittedTo: table.training)
        let training = table.training.standardized(by: scale), test = table.test.standardized(by: scale)
        let held = try test.batch(0..<test.count), inputs = training.inputShape.count
        func testLoss(_ model: Sequential) -> Double {
            let distances = model.predict(held.inputs) - held.targets.numbers
            return (distances * distances).mean
        }

        // The gradient of a batch, and the mean of those of its rows.
        let model = network(inputs, in: context), first = model.parameters[0]
        let some = 0..<min(32, training.count)
        let together = forwardAndBackward(model, try training.batch(some), in: context).gradients[first]
        var mean = Tensor(zeros: first.shape)
        for row in some {
            let alone = forwardAndBackward(model, try training.batch(row...row), in: context).gradients[first]
            if let alone { mean = mean + alone / Float(some.count) }
        }
        let apart = together.map { ($0 - mean).map(abs).values.max() ?? .nan } ?? .nan

        var curves: [Figure.Curve] = [], rows: [Row] = [], counts: [Int] = [], ends: [Double] = []
        // Three sizes of few rows too.
        for size in [training.count, min(320, training.count / 3), min(32, training.count / 9)] {
            materials.progress("batches of \(size)")
            let model = network(inputs, in: context)
            var losses = [testLoss(model)], steps = 0
            for epoch in 0..<epochs {
                for positions in training.batches(of: size, seed: seed, epoch: epoch) {
                    let gradients = forwardAndBackward(model, try training.batch(positions), in: context).gradients
                    for parameter in model.parameters {
                        if let gradient = gradients[parameter] {
                            parameter.value = parameter.value - rate * gradient
                        }
                    }
                    steps += 1
                }
                losses.append(testLoss(model))
            }
            counts.append(steps)
            ends.append(losses[epochs])
            let name = size == training.count ? "all rows at once" : "batches of \(size)"
            // Before the first pass the loss is so large that nothing else could be seen.
            curves.append(.init(name, values: Array(losses.dropFirst())))
            rows.append(Row("\(name): steps", here: Double(steps), as: .digits(0)))
            rows.append(Row("\(name): test loss", here: losses[epochs]))
        }
        let isFurther = ends[2] < ends[1] && ends[1] < ends[0]
        return Report(
            [Row("a batch's gradient to its rows' mean, at most", here: Double(apart), as: .digits(6))] + rows,
            takeaway:
                "After \(epochs) passes over the same rows, \(counts.map(String.init).joined(separator: ", ")) steps have come "
                + "to test losses of \(ends.map { fixed($0, 1) }.joined(separator: ", ")): smaller batches are more steps"
                + (isFurther ? "." : ", and here more steps are no better."),
            figures: [
                Figure(
                    "3.6-batches", "Test loss after each pass over the data, with batches of three sizes.",
                    .curves(curves, x: "pass", y: "test loss"))
            ])
    }
}
