import OrderedCollections

/// Tensors by name, in the order in which they were added: parameters, gradients, optimizer slots, buffers.
/// Names are PyTorch's state-dict names (`rnn.weight_ih_l0`).
package struct NamedTensors: Sendable, Equatable, Sequence {
    private var tensors: OrderedDictionary<String, Tensor> = [:]

    package init() {}

    package init(_ pairs: some Sequence<(name: String, tensor: Tensor)>) {
        for (name, tensor) in pairs { self[name] = tensor }
    }

    package var names: [String] { Array(tensors.keys) }
    package var count: Int { tensors.count }
    /// Elements of all tensors together.
    package var elementCount: Int { tensors.values.reduce(0) { $0 + $1.count } }

    package subscript(name: String) -> Tensor? {
        get { tensors[name] }
        // In place: a getter and a setter would share the buffer for a moment, and a write to it would copy.
        _modify { yield &tensors[name] }
    }

    package func makeIterator() -> AnyIterator<(name: String, tensor: Tensor)> {
        var base = tensors.makeIterator()
        return AnyIterator { base.next().map { (name: $0.key, tensor: $0.value) } }
    }
}
