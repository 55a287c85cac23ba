import Requirements
public import TensorCore

/// A trainable tensor with a name.
///
/// A parameter of a layer that is in no model yet is only *described*: it has a shape and a rule for its first value.
/// The model that the layer enters gives it its name and makes the value (`Sequential(seed:in:_:)`,
/// `Layer.initialize(seed:in:)`). It is a reference: whoever holds it sees what an optimizer writes.
public final class Parameter {
    /// PyTorch's state-dict name, e.g. `0.weight`; empty until a model has given it.
    public private(set) var name: String
    /// The shape of the value, from the start and for good.
    public let shape: Shape
    /// Counts the writes, so that what is derived from the value (packed panels, transposes) knows when to be made again.
    package private(set) var version = 0
    /// Whether a model has named it; it can be in one only.
    package private(set) var isInModel = false

    private var current: Tensor?
    private var makeValue: ((RandomStream, ComputeContext) -> Tensor)?

    /// With its first value; a model gives the name.
    public init(_ value: Tensor) {
        name = ""
        shape = value.shape
        current = value
    }

    /// With a name and its first value.
    package init(_ name: String, _ value: Tensor) {
        self.name = name
        shape = value.shape
        current = value
    }

    /// Described only: `makeValue` is called once, when a model takes the parameter in.
    /// - Parameter name: the last part of the name, if it is not that of the property that holds the parameter.
    package init(shape: Shape, makeValue: @escaping (RandomStream, ComputeContext) -> Tensor) {
        name = ""
        self.shape = shape
        self.makeValue = makeValue
    }

    /// The numbers.
    /// - Precondition: a model has made them, and what is written has the parameter's shape.
    public var value: Tensor {
        get {
            requireValue()
            return current!
        }
        // In place: an observer would do with a copy, made and written back, when the writer is another module.
        _modify {
            requireValue()
            defer {
                require(current!.shape == shape, "parameter \(name) has shape \(shape), not \(current!.shape)")
                version += 1
            }
            yield &current!
        }
    }

    /// Gives the parameter its name and, if it is only described, its first value.
    /// - Precondition: it is in no model yet.
    package func enterModel(as name: String, from stream: RandomStream, in context: ComputeContext) {
        require(
            !isInModel,
            "the parameter \(name) is in a model already, as \(self.name): a layer can be in one model only. Make "
                + "another layer, and take the weights over with `load(_:)` if it is to start from them")
        self.name = name
        isInModel = true
        if let makeValue { current = makeValue(stream, context) }
        makeValue = nil
        require(
            current?.shape == shape, "parameter \(name) of shape \(shape) starts with \(current?.shape ?? [])")
    }

    private func requireValue() {
        require(
            current != nil,
            "a parameter of shape \(shape) has no value yet: its layer is in no model. Put the layer into "
                + "`Sequential(seed: 1) { … }`, or call `initialize(seed: 1)` on a layer of your own")
    }
}
