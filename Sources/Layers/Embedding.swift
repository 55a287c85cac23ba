package import Autodiff
import Requirements
package import TensorCore

/// A vector for each id: rows of a table `<name>.weight` [V, D]. The same as a product with one-hot rows
/// (``oneHot(_:shape:classes:)``), at the cost of a copy.
package struct Embedding {
    package let weight: Parameter

    /// - Parameter weights: PyTorch's default is a standard normal.
    package init(
        _ name: String, count: Int, size: Int, weights: Initializer = .normal(deviation: 1), from stream: RandomStream,
        in context: ComputeContext
    ) {
        self.init(weight: Parameter("\(name).weight", weights.matrix(count, size, from: stream, in: context)))
    }

    /// With a given table [V, D].
    package init(weight: Parameter) {
        require(weight.value.shape.rank == 2, "\(weight.name) is a table, not of shape \(weight.value.shape)")
        self.weight = weight
    }

    package var parameters: [Parameter] { [weight] }

    /// - Parameters:
    ///   - ids: in 0 ..< V.
    ///   - shape: of the ids, [T, N] for a window; one dimension if nil.
    /// - Returns: [shape..., D].
    package func callAsFunction(_ ids: [Int32], shape: Shape? = nil, on tape: Tape) -> Variable {
        tape(weight).gatherRows(ids, shape: shape)
    }
}
