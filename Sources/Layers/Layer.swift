public import Autodiff
public import TensorCore

/// A layer of a network: it turns one variable into another, with parameters that are trained.
///
/// A layer of your own is a struct whose stored properties are parameters and other layers, and a `callAsFunction`:
///
/// ```swift
/// struct Residual: Layer {
///     let first = Dense(64, 64), second = Dense(64, 64)
///     func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
///         x + second(first(x, mode: mode).relu(), mode: mode)
///     }
/// }
/// ```
///
/// Its parameters are then found by themselves, under the names of the properties (`first.weight`, `first.bias`, …).
/// Nothing is computed, and no random number drawn, before the layer enters a model: `Sequential(seed:in:_:)`, or
/// ``initialize(seed:in:)`` for a layer that is the whole model.
public protocol Layer {
    /// All that is trained, in a fixed order. By default found in the stored properties: parameters, layers, and
    /// optionals, arrays, tuples and dictionaries of these. Cost: some microseconds for each property, so ask once.
    var parameters: [Parameter] { get }
    /// What is saved but not trained. By default found like ``parameters``.
    var buffers: [Buffer] { get }
    /// The layer's function; on the tape of `x`, whose context computes it.
    func callAsFunction(_ x: Variable, mode: Mode) -> Variable
}

extension Layer {
    /// Found in the stored properties.
    public var parameters: [Parameter] { ModelParts(of: self).parameters.map(\.part) }
    /// Found in the stored properties.
    public var buffers: [Buffer] { ModelParts(of: self).buffers.map(\.part) }
}

/// Whether a model learns or is used.
public enum Mode: Hashable, Sendable {
    /// It is used: nothing is drawn, nothing changes.
    case inference
    /// The stream holds the seed and the step of the training: masks differ from step to step, and a step can be
    /// repeated. Each layer that draws random numbers adds the number of its place (``RandomPlace/stream(of:)``).
    case training(RandomStream)
}

/// A place in a model that draws random numbers, as a stored property of a layer: its stream differs from that of every
/// other place. The model that the layer enters gives it its number, which follows from its name.
public final class RandomPlace {
    private var number: UInt64?
    private(set) var isInModel = false

    /// A model gives the number.
    public init() {}

    init(number: UInt64) { self.number = number }

    /// The random numbers of this place in one step of training.
    /// - Precondition: a model has given the place its number.
    public func stream(of step: RandomStream) -> RandomStream {
        guard let number else {
            fatalError(
                "a layer that draws random numbers is in no model: put it into `Sequential(seed: 1) { … }`, or call "
                    + "`initialize(seed: 1)` on a layer of your own")
        }
        var own = step
        own.stream &+= number
        return own
    }

    func enterModel(as name: String, number: UInt64) {
        isInModel = true
        self.number = number
    }
}
