public import Autodiff
import Requirements
import TensorCore

/// What training makes small: a number that says how far the answers to a batch are from its targets.
///
/// Each is a mean over the batch, so that a rate goes with batches of any size.
public struct Loss: Sendable {
    /// For messages, and what a stored run knows its loss by: it goes on with a loss of the same name only.
    public let name: String
    private let compute: @Sendable (Variable, Targets) -> Variable

    /// A loss of your own.
    ///
    /// ```swift
    /// let relative = Loss("relative error") { prediction, targets in
    ///     guard case .values(let values) = targets else { fatalError("numbers are due") }
    ///     let target = prediction.tape.constant(values)
    ///     return ((prediction - target) / (target + 1)).squared().mean()
    /// }
    /// ```
    /// - Parameters:
    ///   - name: for messages, and for a stored run to know the loss by.
    ///   - compute: a scalar from the answers to a batch, [N, …], and its targets: a mean over the batch.
    public init(_ name: String, _ compute: @escaping @Sendable (_ prediction: Variable, _ targets: Targets) -> Variable)
    {
        (self.name, self.compute) = (name, compute)
    }

    /// The loss of a batch, a scalar.
    /// - Precondition: the answers have the shape that the targets need.
    public func callAsFunction(_ prediction: Variable, _ targets: Targets) -> Variable {
        let loss = compute(prediction, targets)
        require(loss.value.count == 1, "a loss is a single number; \(name) has the shape \(loss.shape)")
        return loss
    }

    /// (y - t)², the mean over all numbers of the batch. Targets are numbers of the answers' shape.
    public static let squaredError = Loss("squared error") { prediction, targets in
        prediction.squaredError(to: targets.values(like: prediction.shape, for: "squared error"))
    }

    /// |y - t|, the mean over all numbers of the batch. Its derivative where both are equal is zero.
    public static let absoluteError = Loss("absolute error") { prediction, targets in
        prediction.absoluteError(to: targets.values(like: prediction.shape, for: "absolute error"))
    }

    /// -ln softmax(y)[c] in nats, the mean over the examples: for one class c of several. The answers are logits [N, C];
    /// softmax is part of the loss, and no layer of the model.
    public static let softmaxCrossEntropy = Loss("softmax cross-entropy") { prediction, targets in
        guard case .labels(let labels) = targets else {
            fatalError("softmax cross-entropy compares answers with classes, and these targets are numbers")
        }
        checkClasses(prediction.shape, labels, "softmax cross-entropy")
        return prediction.softmaxCrossEntropy(targets: labels)
    }

    /// -t ln σ(y) - (1 - t) ln(1 - σ(y)) in nats, the mean over all numbers of the batch: for yes or no. The answers are
    /// logits; the sigmoid is part of the loss, and no layer of the model. Targets are numbers in 0…1 of the answers'
    /// shape, or classes 0 and 1 for answers [N, 1].
    public static let binaryCrossEntropy = Loss("binary cross-entropy") { prediction, targets in
        let values = targets.values(like: prediction.shape, for: "binary cross-entropy")
        require(values.values.allSatisfy { (0...1).contains($0) }, "targets of a binary cross-entropy are in 0…1")
        return prediction.binaryCrossEntropy(targets: values)
    }
}

/// Whether a model's answers have a number for each class.
func checkClasses(_ shape: Shape, _ labels: [Int32], _ what: String) {
    require(
        shape.rank == 2 && shape[0] == labels.count,
        "\(what) needs answers [\(labels.count), classes], and the model's have the shape \(shape)")
    require(
        labels.allSatisfy { $0 < shape[1] },
        "the model answers \(shape[1]) numbers for each example, and class \(labels.max() ?? 0) is among the targets: its "
            + "last layer needs \((labels.max() ?? 0) + 1) or more outputs")
}

extension Targets {
    /// As numbers to be compared with answers of a shape.
    func values(like shape: Shape, for what: String) -> Tensor {
        let values: Tensor
        switch self {
        case .values(let tensor): values = tensor
        case .labels(let labels):
            require(
                shape.count == labels.count && labels.allSatisfy { $0 <= 1 },
                "\(what) compares numbers; classes can be compared if they are 0 and 1, with answers "
                    + "[\(labels.count), 1], and these have the shape \(shape)")
            values = Tensor(labels.map(Float.init), shape: shape)
        }
        // [N] and [N, 1] hold the same.
        let isColumn = values.shape.count == shape.count && values.shape[0] == shape[0] && shape.count == shape[0]
        require(
            values.shape == shape || isColumn,
            "the model's answers have the shape \(shape), and the targets \(values.shape): make its last layer as wide as "
                + "the targets")
        return values.shape == shape ? values : values.reshaped(to: shape)
    }
}
