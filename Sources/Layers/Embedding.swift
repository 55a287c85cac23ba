public import Autodiff
import Requirements
package import TensorCore

/// A vector for each id: rows of a table. Ids [...] become [..., D], in a ``Sequential`` a batch [N, T] of whole numbers
/// [N, T, D]. Parameter `weight` [V, D]. The same as a product with one-hot rows
/// (`oneHot`), at the cost of a copy.
public struct Embedding: Layer, TableLayer {
    /// [V, D]
    public let weight: Parameter

    /// - Parameters:
    ///   - count: V, how many ids there are.
    ///   - size: D, of a vector.
    ///   - weights: how the table starts; PyTorch's default is a standard normal.
    public init(count: Int, size: Int, weights: Initializer = .normal(deviation: 1)) {
        require(count > 0 && size > 0, "an embedding of \(count) vectors of \(size) numbers: at least one of each")
        self.init(weight: Parameter(shape: [count, size], weights))
    }

    /// - Parameter weights: PyTorch's default is a standard normal.
    package init(
        _ name: String, count: Int, size: Int, weights: Initializer = .normal(deviation: 1), from stream: RandomStream,
        in context: ComputeContext
    ) {
        self.init(weight: Parameter("\(name).weight", weights.matrix(count, size, from: stream, in: context)))
    }

    /// With a given table [V, D].
    package init(weight: Parameter) {
        require(weight.shape.rank == 2, "\(weight.name) is a table, not of shape \(weight.shape)")
        self.weight = weight
    }

    /// The table.
    public var parameters: [Parameter] { [weight] }

    /// - Parameters:
    ///   - x: ids as whole numbers in 0 ..< V, of any shape. No gradient flows to them.
    ///   - mode: makes no difference here.
    /// - Returns: [shape of x..., D].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        let count = weight.shape[0]
        let ids = x.value.values.map { value in
            let id = Int32(exactly: value) ?? -1
            require(id >= 0 && id < count, "\(value) is no id of an embedding of \(count): whole numbers from 0 wanted")
            return id
        }
        return self(ids, shape: x.shape, on: x.tape)
    }

    package var title: String { "Embedding(count: \(weight.shape[0]), size: \(weight.shape[1]))" }
    package func sizes(after x: [Int?]?) -> [Int?]? { (x ?? [nil, nil]) + [weight.shape[1]] }

    /// - Parameters:
    ///   - ids: in 0 ..< V.
    ///   - shape: of the ids, [T, N] for a window; one dimension if nil.
    /// - Returns: [shape..., D].
    package func callAsFunction(_ ids: [Int32], shape: Shape? = nil, on tape: Tape) -> Variable {
        tape(weight).gatherRows(ids, shape: shape)
    }
}
