package import TensorCore

/// A computation as a graph of operators, whose names and meanings are those of ONNX. ``ONNXFile`` writes it down.
package struct OperatorGraph: Sendable {
    package enum Element: Sendable { case single, integer }

    /// One side of what goes in or comes out.
    package enum Side: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
        case fixed(Int)
        /// As long as what comes in; the same wherever it has the same name.
        case any(String)

        package init(integerLiteral value: Int) { self = .fixed(value) }
        package init(stringLiteral value: String) { self = .any(value) }
    }

    /// What goes in or comes out.
    struct Port: Sendable {
        let name: String
        let element: Element
        let sides: [Side]
        /// A sentence for people.
        let note: String
    }

    package enum Attribute: Sendable {
        case integer(Int)
        case integers([Int])
        case number(Float)
    }

    struct Node: Sendable {
        let operation: String
        /// An empty one is absent.
        let inputs: [String]
        let outputs: [String]
        let attributes: [(name: String, value: Attribute)]
    }

    enum Constant: Sendable {
        case numbers(Tensor)
        /// A vector of them.
        case integers([Int])
    }

    let name: String
    /// A sentence for people.
    let note: String
    private(set) var inputs: [Port] = []
    private(set) var outputs: [Port] = []
    /// Each reads only what stands before it.
    private(set) var nodes: [Node] = []
    private(set) var constants: [(name: String, value: Constant)] = []
    /// Texts by name.
    package var metadata: [String: String] = [:]

    package init(name: String, note: String) { (self.name, self.note) = (name, note) }

    package var inputNames: [String] { inputs.map(\.name) }
    package var outputNames: [String] { outputs.map(\.name) }

    // MARK: Building. Each gives the name under which operators read the value.

    package mutating func input(
        _ name: String, _ sides: [Side], of element: Element = .single, note: String
    ) -> String {
        inputs.append(Port(name: name, element: element, sides: sides, note: note))
        return name
    }

    /// Gives out a value of the graph, which has this name.
    package mutating func output(_ name: String, _ sides: [Side], note: String) {
        outputs.append(Port(name: name, element: .single, sides: sides, note: note))
    }

    package mutating func constant(_ name: String, _ tensor: Tensor) -> String {
        if !constants.contains(where: { $0.name == name }) { constants.append((name, .numbers(tensor))) }
        return name
    }

    package mutating func constant(_ name: String, _ numbers: [Int]) -> String {
        if !constants.contains(where: { $0.name == name }) { constants.append((name, .integers(numbers))) }
        return name
    }

    /// An operator with one result.
    package mutating func apply(
        _ operation: String, _ inputs: String..., attributes: KeyValuePairs<String, Attribute> = [:], as result: String
    ) -> String {
        apply(operation, inputs, attributes: attributes, as: [result])
        return result
    }

    package mutating func apply(
        _ operation: String, _ inputs: [String], attributes: KeyValuePairs<String, Attribute> = [:],
        as results: [String]
    ) {
        nodes.append(
            Node(
                operation: operation, inputs: inputs, outputs: results,
                attributes: attributes.map { (name: $0.key, value: $0.value) }))
    }

    /// Rows times a matrix in PyTorch's layout, [outputs, inputs], and a bias: [N, inputs] to [N, outputs].
    package mutating func dense(_ rows: String, _ name: String, _ weights: NamedTensors) -> String {
        let weight = constant("\(name).weight", weights.required("\(name).weight"))
        let bias = constant("\(name).bias", weights.required("\(name).bias"))
        return apply("Gemm", rows, weight, bias, attributes: ["transB": .integer(1)], as: name)
    }
}
