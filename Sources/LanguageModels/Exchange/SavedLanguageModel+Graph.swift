import Checkpoints
package import ModelFiles
import TensorCore

extension SavedLanguageModel {
    /// The model as a graph of operators: units and states in, logits and states out, for any number of steps and lanes.
    ///
    /// `ids` [steps, lanes]; of each layer `layers.0.hidden` [1, lanes, H], of an LSTM also `layers.0.cell`, which begin
    /// with zeros and come back with `.next` behind; `logits` [steps, lanes, V]. The constants are the weights under
    /// PyTorch's names, except those of cells: `layers.0.W`, `.R` and `.B` have the gates in ONNX's order.
    package func operatorGraph() throws -> OperatorGraph {
        let configuration = plan.model, weights = model.weights
        var graph = OperatorGraph(
            name: run.name,
            note:
                "Units of a text by their numbers, and what was remembered of those before, to the logits of the next.")
        graph.metadata = try ExchangeKey.metadata(
            ofKind: LanguageModel.runKind, run: run.name, step: step,
            descriptions: [ExchangeKey.model: configuration, ExchangeKey.vocabulary: vocabulary])
        let ids = graph.input(
            "ids", ["steps", "lanes"], of: .integer, note: "Numbers of units: their places in \(ExchangeKey.vocabulary)"
        )
        // One matrix where the head reads what the embedding gives.
        let isTied = weights["embedding.weight"] != nil && weights["embedding.weight"] == weights["head.weight"]
        var rows: String
        if configuration.embedding > 0 {
            let table = graph.constant("embedding.weight", weights.required("embedding.weight"))
            rows = graph.apply("Gather", table, ids, attributes: ["axis": .integer(0)], as: "embedding")
        } else {
            let depth = graph.constant("units", [configuration.classes])
            let values = graph.constant("off.on", Tensor([0, 1]))
            rows = graph.apply("OneHot", ids, depth, values, attributes: ["axis": .integer(-1)], as: "one.hot")
        }
        var states: [(name: String, size: Int)] = []
        for (index, layer) in configuration.stack.enumerated() {
            rows = Self.cell(layer, "layers.\(index)", weights, reading: rows, into: &graph, states: &states)
            if layer.projection != nil {
                rows = Self.dense("layers.\(index).projection", weights, reading: rows, into: &graph)
            }
        }
        _ = Self.dense(
            "head", weights, matrix: isTied ? "embedding.weight" : nil, reading: rows, into: &graph, as: "logits")
        graph.output(
            "logits", ["steps", "lanes", .fixed(configuration.classes)],
            note: "Of the unit after each: their softmax are its probabilities")
        for state in states {
            graph.output(
                "\(state.name).next", [1, "lanes", .fixed(state.size)], note: "\(state.name) after the last step")
        }
        return graph
    }

    /// Which of our blocks of rows stands where in ONNX's: i, o, f, c of an LSTM, z, r, h of a GRU.
    private static func gateOrder(_ cell: LayerSpecification.Cell) -> [Int] {
        switch cell {
        case .rnn: [0]
        case .lstm: [0, 3, 1, 2]
        case .gru, .gruResetBefore: [1, 0, 2]
        }
    }

    /// [steps, lanes, inputs] to [steps, lanes, H].
    private static func cell(
        _ layer: LayerSpecification, _ name: String, _ weights: NamedTensors, reading rows: String,
        into graph: inout OperatorGraph, states: inout [(name: String, size: Int)]
    ) -> String {
        let size = layer.hidden, order = gateOrder(layer.cell)
        let places = order.flatMap { gate in gate * size..<(gate + 1) * size }
        /// In ONNX's order, with one direction.
        func ordered(_ part: String) -> Tensor {
            let matrix = weights.required("\(name).cell.\(part)").rows(places)
            return matrix.reshaped(to: Shape([1] + matrix.shape.dimensions))
        }
        let zeros = Tensor(zeros: [1, places.count])
        let first = ordered(firstBias)
        let second = weights["\(name).cell.\(secondBias)"] == nil ? zeros : ordered(secondBias)
        let biases = Tensor(first.values + second.values, shape: [1, 2 * places.count])
        func state(_ part: String, _ note: String) -> String {
            states.append(("\(name).\(part)", size))
            return graph.input("\(name).\(part)", [1, "lanes", .fixed(size)], note: note)
        }
        let hidden = state("hidden", "What layer \(name) gave last; zeros before a text")
        var inputs = [
            rows, graph.constant("\(name).W", ordered("weight_ih_l0")),
            graph.constant("\(name).R", ordered("weight_hh_l0")),
            graph.constant("\(name).B", biases), "", hidden,
        ]
        var results = ["\(name).directions", "\(hidden).next"]
        if layer.cell == .lstm {
            let memory = state("cell", "The memory of layer \(name); zeros before a text")
            inputs.append(memory)
            results.append("\(memory).next")
        }
        let operation = ["rnn": "RNN", "lstm": "LSTM"][layer.cell.rawValue] ?? "GRU"
        let hiddenSize = OperatorGraph.Attribute.integer(size)
        switch layer.cell {
        case .gru, .gruResetBefore:
            let resetsAfter = OperatorGraph.Attribute.integer(layer.cell == .gru ? 1 : 0)
            graph.apply(
                operation, inputs, attributes: ["hidden_size": hiddenSize, "linear_before_reset": resetsAfter],
                as: results)
        case .rnn, .lstm: graph.apply(operation, inputs, attributes: ["hidden_size": hiddenSize], as: results)
        }
        return graph.apply("Squeeze", results[0], graph.constant("second.axis", [1]), as: "\(name).outputs")
    }

    /// [steps, lanes, inputs] to [steps, lanes, outputs].
    private static func dense(
        _ name: String, _ weights: NamedTensors, matrix: String? = nil, reading rows: String,
        into graph: inout OperatorGraph, as result: String? = nil
    ) -> String {
        let matrix = matrix ?? "\(name).weight"
        let weight = graph.constant(matrix, weights.required(matrix))
        let turned = graph.apply("Transpose", weight, attributes: ["perm": .integers([1, 0])], as: "\(name).turned")
        let products = graph.apply("MatMul", rows, turned, as: "\(name).products")
        let bias = graph.constant("\(name).bias", weights.required("\(name).bias"))
        return graph.apply("Add", products, bias, as: result ?? "\(name).outputs")
    }
}
