import Requirements
package import TensorCore
import TrainingRuns

/// The layers and sizes of a language model: all but its weights. Stored with a run as JSON.
package struct LanguageModelConfiguration: Hashable, Codable, Sendable {
    /// V: units of the vocabulary, replacement symbol included.
    package var classes: Int
    /// Values per unit that the first layer reads; 0 for a one-hot input.
    package var embedding: Int
    package var stack: [LayerSpecification]
    /// The share of values dropped after each layer of the stack while training.
    package var dropout: Double

    package init(classes: Int, embedding: Int, stack: [LayerSpecification], dropout: Double) {
        require(classes > 1 && embedding >= 0 && !stack.isEmpty, "a model of \(classes) classes, stack \(stack)")
        self.classes = classes
        self.embedding = embedding
        self.stack = stack
        self.dropout = dropout
    }

    private enum CodingKeys: String, CodingKey {
        case classes, embedding, stack, dropout
    }

    /// - Throws: for sizes that no model has, `DecodingError`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        classes = try container.decode(Int.self, forKey: .classes)
        embedding = try container.decode(Int.self, forKey: .embedding)
        stack = try container.decode([LayerSpecification].self, forKey: .stack)
        dropout = try container.decode(Double.self, forKey: .dropout)
        // A vocabulary has at most a few ten thousand units; 2²⁴ leaves products of sizes far from any overflow.
        let isPossible =
            (2...1 << 24).contains(classes) && (0...LayerSpecification.sizes.upperBound).contains(embedding)
            && (1...LayerSpecification.largestCount).contains(stack.count)
            && stack.allSatisfy {
                LayerSpecification.sizes.contains($0.hidden) && LayerSpecification.sizes.contains($0.outputs)
            } && (0..<1).contains(dropout) && Float(dropout) < 1
        guard isPossible else {
            throw DecodingError.dataCorruptedError(
                forKey: .stack, in: container,
                debugDescription: "no model has \(classes) classes, embedding \(embedding), stack \(stack), "
                    + "dropout \(dropout)")
        }
    }

    /// Names and shapes of the trainable tensors, in the order of ``LanguageModel/parameters``.
    package var parameterShapes: [(name: String, shape: Shape)] {
        var shapes: [(name: String, shape: Shape)] = [], inputs = classes
        if embedding > 0 {
            shapes.append(("embedding.weight", [classes, embedding]))
            inputs = embedding
        }
        for (index, layer) in stack.enumerated() {
            let rows = layer.gates * layer.hidden, cell = "layers.\(index).cell"
            shapes.append(("\(cell).weight_ih_l0", [rows, inputs]))
            shapes.append(("\(cell).weight_hh_l0", [rows, layer.hidden]))
            shapes.append(("\(cell).bias_ih_l0", [rows]))
            if layer.cell == .gru || layer.cell == .gruResetBefore { shapes.append(("\(cell).bias_hh_l0", [rows])) }
            if let projection = layer.projection {
                shapes.append(("layers.\(index).projection.weight", [projection, layer.hidden]))
                shapes.append(("layers.\(index).projection.bias", [projection]))
            }
            inputs = layer.outputs
        }
        return shapes + [("head.weight", [classes, inputs]), ("head.bias", [classes])]
    }

    /// Whether each recurrent layer has kernels of its own, and products in half precision with them.
    package var hasKernels: Bool { !stack.contains { $0.cell == .gruResetBefore } }

    /// Trainable numbers.
    package var parameterCount: Int { parameterShapes.reduce(0) { $0 + $1.shape.count } }

    /// Multiply-adds for one unit forward.
    package var multiplyAddsPerUnit: Int {
        var count = 0, inputs = embedding  // gathered rows and one-hot inputs multiply nothing
        for (index, layer) in stack.enumerated() {
            count += layer.gates * layer.hidden * (layer.hidden + (index == 0 ? 0 : inputs))
            if let projection = layer.projection { count += projection * layer.hidden }
            inputs = layer.outputs
        }
        return count + classes * inputs
    }

    /// Floating-point operations of training on one unit: backward twice as many as forward, two for a multiply-add.
    package var trainingOperationsPerUnit: Double { 6 * Double(multiplyAddsPerUnit) }

    /// Bytes that training takes at its peak, without the text: weights, gradients and two optimizer slots, packed
    /// copies, and the activations of a window.
    package func trainingMemory(lanes: Int, window: Int) -> Int {
        let rows = PlannedAmount(lanes) * PlannedAmount(window)
        let numbersOfRow = stack.reduce(2 * classes) { $0 + $1.hidden * ($1.gates + 6) }
        return (24 * PlannedAmount(parameterCount) + 4 * rows * PlannedAmount(numbersOfRow)).value
    }
}

extension LayerSpecification {
    /// Blocks of `hidden` rows in a weight matrix.
    var gates: Int {
        switch cell {
        case .lstm: 4
        case .gru, .gruResetBefore: 3
        case .rnn: 1
        }
    }
}
