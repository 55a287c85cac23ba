public import Autodiff
import Requirements
public import TensorCore

/// All numbers of an example in one row: [N, …] to [N, K]. From images to a ``Dense`` layer. Has no parameters.
public struct Flatten: Layer, TableLayer {
    /// Has no settings.
    public init() {}

    /// [N, …] to [N, K].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        require(x.shape.rank > 0 && x.shape[0] > 0, "a batch of examples is [N, …], not \(x.shape)")
        return x.reshaped(to: [x.shape[0], x.shape.count / x.shape[0]])
    }

    package var title: String { "Flatten()" }
    package func sizes(after x: [Int?]?) -> [Int?]? {
        guard let x, let batch = x.first else { return [nil, nil] }
        let rest = x.dropFirst().compactMap { $0 }
        return [batch, rest.count == x.count - 1 ? rest.reduce(1, *) : nil]
    }
}

/// Each example in another shape: [N, …] to [N] + shape. From a ``Dense`` layer to images. Has no parameters.
public struct Reshape: Layer, TableLayer {
    /// Of one example.
    public let shape: Shape

    /// - Parameter shape: of one example, `[64, 7, 7]`.
    public init(_ shape: Shape) { self.shape = shape }

    /// [N, …] to [N] + shape.
    /// - Precondition: an example has as many numbers as the shape.
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        require(
            x.shape.rank > 0 && x.shape.count == x.shape[0] * shape.count,
            "a batch of shape \(x.shape) does not consist of examples of shape \(shape)")
        return x.reshaped(to: Shape([x.shape[0]] + shape.dimensions))
    }

    package var title: String { "Reshape(\(shape))" }
    package func sizes(after x: [Int?]?) -> [Int?]? { [x?.first ?? nil] + shape.dimensions }
}
