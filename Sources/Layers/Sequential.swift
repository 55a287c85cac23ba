public import Autodiff
package import LayerEngines
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
    /// In their order.
    public let layers: [any Layer]
    /// Those of all layers, in their order.
    public let parameters: [Parameter]
    /// Those of all layers, in their order.
    public let buffers: [Buffer]
    private let steps: [Step]
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

    /// - Precondition: names of parameters and buffers differ.
    package init(_ layers: [any Layer]) {
        self.init(layers, in: nil)
        NamedTensors.requireDistinct(parameters.map(\.name) + buffers.map(\.name))
    }

    private init(_ layers: [any Layer], in context: ComputeContext?) {
        self.layers = layers
        self.context = context
        steps = layers.flatMap(Step.steps)
        parameters = layers.flatMap(\.parameters)
        buffers = layers.flatMap(\.buffers)
    }

    package var namedParts: [(name: String, part: Any)] {
        layers.enumerated().map { ("\($0.offset)", $0.element) }
    }

    /// The layers one after the other. At inference if nothing is said.
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        var rows = x, blocks: ImageBlocks?
        for step in steps {
            switch step {
            case .onElements(let layer):
                if let images = blocks { blocks = layer(images, mode: mode) } else { rows = layer(rows, mode: mode) }
            case .onImages(let layer): blocks = layer(blocks ?? rows.inBlocks(), mode: mode)
            case .onRows(let layer):
                rows = layer(blocks?.rows() ?? rows, mode: mode)
                blocks = nil
            }
        }
        return blocks?.rows() ?? rows
    }

    /// The same for images in blocks.
    /// - Precondition: all layers know images.
    package func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks {
        steps.reduce(x) { blocks, step in
            switch step {
            case .onElements(let layer): layer(blocks, mode: mode)
            case .onImages(let layer): layer(blocks, mode: mode)
            case .onRows(let layer): fatalError("\(type(of: layer)) takes no images in blocks")
            }
        }
    }

    /// A layer by what it takes.
    private enum Step {
        case onElements(any ElementwiseLayer), onImages(any ImageLayer), onRows(any Layer)

        /// Those of a `Sequential` one by one: a run of image layers may go on in it.
        static func steps(of layer: any Layer) -> [Step] {
            if let inner = layer as? Sequential { return inner.steps }
            if let layer = layer as? any ElementwiseLayer { return [.onElements(layer)] }
            if let layer = layer as? any ImageLayer { return [.onImages(layer)] }
            return [.onRows(layer)]
        }
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
    /// A line with a layer.
    public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
    /// A line with an array of layers.
    public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
    /// Line after line.
    public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
    /// `if` without `else`.
    public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
    /// `if`.
    public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
    /// `else`.
    public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
    /// `for`.
    public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
