import OrderedCollections
import Requirements

/// Tensors by name, in the order in which they were added: parameters, gradients, optimizer slots, buffers.
/// Names are PyTorch's state-dict names (`rnn.weight_ih_l0`).
public struct NamedTensors: Sendable, Equatable, Sequence {
    private var tensors: OrderedDictionary<String, Tensor> = [:]

    /// None.
    public init() {}

    /// - Parameter pairs: where a name stands twice, the last tensor counts.
    public init(_ pairs: some Sequence<(name: String, tensor: Tensor)>) {
        for (name, tensor) in pairs { self[name] = tensor }
    }

    /// In the order in which they were added.
    public var names: [String] { Array(tensors.keys) }
    /// Tensors.
    public var count: Int { tensors.count }
    /// Elements of all tensors together.
    public var elementCount: Int { tensors.values.reduce(0) { $0 + $1.count } }

    /// The tensor of a name; nil if there is none. Writing nil removes it.
    public subscript(name: String) -> Tensor? {
        get { tensors[name] }
        // In place: a getter and a setter would share the buffer for a moment, and a write to it would copy.
        _modify { yield &tensors[name] }
    }

    /// The tensor of a name.
    /// - Precondition: there is one.
    package func required(_ name: String) -> Tensor {
        guard let tensor = tensors[name] else { fatalError("there is no tensor called \(name)") }
        return tensor
    }

    /// Names and tensors, in the order in which they were added.
    public func makeIterator() -> AnyIterator<(name: String, tensor: Tensor)> {
        var base = tensors.makeIterator()
        return AnyIterator { base.next().map { (name: $0.key, tensor: $0.value) } }
    }

    /// Stops the program if a name stands twice: what is stored or found by name would take one tensor for another.
    package static func requireDistinct(_ names: [String]) {
        require(
            Set(names).count == names.count,
            "parameters or buffers share a name: "
                + "\(Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys.sorted()). They are stored and found "
                + "by name; make one model of all layers, with `Sequential(seed: 1) { … }` or with "
                + "`initialize(seed: 1)` on a layer of your own")
    }
}
