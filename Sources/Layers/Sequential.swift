public import Autodiff
import Requirements
public import TensorCore

/// Layers one after the other, each given what the one before returns.
///
/// ```swift
/// let model = Sequential(seed: 1) {
///     Dense(784, 89)
///     Activation.tanh
///     Dropout(0.2)
///     Dense(89, 10)
/// }
/// ```
///
/// With a seed it is a model: the parameters get PyTorch's names by their place (`0.weight`, `0.bias`, `3.weight`, …; of
/// a `Sequential` inside `2.0.weight`) and their first values from the seed and that name, so that two layers made alike
/// never start alike. Without a seed it is a part of a model, which the model that it is put into will name.
///
/// Image layers take and give [N, C, H, W]; a run of them stays in the engine's own layout from end to end.
public struct Sequential: Layer, NamingItsParts {
    public let layers: [any Layer]
    public let parameters: [Parameter]
    public let buffers: [Buffer]
    /// Where a model with a seed was made; it answers there (``predict(_:in:)``). Nil for a part of a model.
    package let context: ComputeContext?

    /// A model.
    /// - Parameters:
    ///   - seed: of the first weights: another seed, other weights. The number of threads changes nothing.
    ///   - context: where the weights are made and ``predict(_:in:)`` computes.
    ///   - layers: a layer a line; `if` and `for` work too.
    /// - Precondition: no layer stands in it twice, or is in another model.
    public init(
        seed: UInt64, in context: ComputeContext = ComputeContext(), @LayerBuilder _ layers: () -> [any Layer]
    ) {
        self.init(layers(), in: context)
        initialize(seed: seed, in: context)
    }

    /// A part of a model, which names it.
    public init(@LayerBuilder _ layers: () -> [any Layer]) { self.init(layers(), in: nil) }

    /// Of layers that have their names.
    package init(_ layers: any Layer...) { self.init(layers) }

    /// - Precondition: parameter names differ.
    package init(_ layers: [any Layer]) {
        self.init(layers, in: nil)
        let names = parameters.map(\.name)
        require(Set(names).count == names.count, "two parameters share a name among \(names)")
    }

    private init(_ layers: [any Layer], in context: ComputeContext?) {
        self.layers = layers
        self.context = context
        parameters = layers.flatMap(\.parameters)
        buffers = layers.flatMap(\.buffers)
    }

    package var namedParts: [(name: String, part: Any)] {
        layers.enumerated().map { ("\($0.offset)", $0.element) }
    }

    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        layers.reduce(x) { $1($0, mode: mode) }
    }

    /// What the model answers to a batch, in inference mode and without keeping anything for a backward pass.
    /// - Parameters:
    ///   - x: a batch, its first dimension the examples, as the first layer takes it. It is computed in one piece: split
    ///     what is large.
    ///   - context: what computes it; that of the model by default.
    public func predict(_ x: Tensor, in context: ComputeContext? = nil) -> Tensor {
        let tape = Tape(in: context ?? self.context ?? ComputeContext(), recording: false)
        return self(tape.constant(x), mode: .inference).value
    }
}

/// Collects the layers of a ``Sequential``, one a line.
@resultBuilder
public enum LayerBuilder {
    public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
    public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
    public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
    public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
    public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
    public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
    public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
