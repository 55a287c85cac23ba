import Foundation
import ModelFiles
import TensorCore
import TextCorpora

/// A language model that another program has saved: an embedding or one-hot input, `nn.LSTM`, `nn.GRU` or `nn.RNN` of one
/// layer or several, and a linear layer to the units, under whatever names.
///
/// What is what follows from PyTorch's names of a recurrent layer's weights (`…weight_ih_l0`) and from shapes.
struct ForeignLanguageModel {
    let configuration: LanguageModelConfiguration
    /// Under our names; units in the order of the file.
    let weights: NamedTensors

    private let path: String

    /// - Throws: ``LanguageModelError/notALanguageModel(path:reason:)``
    init(_ tensors: NamedTensors, path: String) throws(LanguageModelError) {
        self.path = path
        func refuse(_ reason: String) -> LanguageModelError { .notALanguageModel(path: path, reason: reason) }
        var rest = tensors, weights = NamedTensors(), stack: [LayerSpecification] = []
        var inputs: Int?
        for cell in try Self.cells(among: tensors.names, path: path) {
            let layer = try ForeignCell(cell, taking: &rest, path: path)
            if let width = inputs, width != layer.inputs {
                throw refuse("\(cell.prefix) reads \(layer.inputs) numbers, and \(width) come to it")
            }
            let name = "layers.\(stack.count)"
            for (part, tensor) in layer.weights { weights["\(name).cell.\(part)"] = tensor }
            // Only our own files have a projection after a cell.
            var specification = LayerSpecification(layer.kind, hidden: layer.hidden)
            if let projection = rest["\(name).projection.weight"], projection.shape.rank == 2,
                projection.shape[1] == layer.hidden
            {
                weights["\(name).projection.weight"] = projection
                weights["\(name).projection.bias"] =
                    rest["\(name).projection.bias"] ?? Tensor(zeros: [projection.shape[0]])
                (rest["\(name).projection.weight"], rest["\(name).projection.bias"]) = (nil, nil)
                specification.projection = projection.shape[0]
            }
            stack.append(specification)
            inputs = specification.outputs
        }
        guard let first = weights["layers.0.cell.weight_ih_l0"]?.shape[1], let last = inputs else {
            throw refuse("it has no tensor called …weight_ih_l0, as nn.LSTM, nn.GRU and nn.RNN have")
        }
        let ends = try Self.ends(&rest, reading: first, giving: last, path: path)
        if let embedding = ends.embedding { weights["embedding.weight"] = embedding }
        (weights["head.weight"], weights["head.bias"]) = (ends.head, ends.bias)
        guard rest.count == 0 else { throw refuse("it has no use for \(rest.names.prefix(3).joined(separator: ", "))") }
        let classes = ends.head.shape[0]
        guard classes > 1, stack.count <= LayerSpecification.largestCount else {
            throw refuse("it tells \(classes) units apart, in \(stack.count) layers")
        }
        configuration = LanguageModelConfiguration(
            classes: classes, embedding: ends.embedding == nil ? 0 : first, stack: stack, dropout: 0)
        // In the order in which a model has them.
        var ordered = NamedTensors()
        for (name, shape) in configuration.parameterShapes {
            guard let tensor = weights[name], tensor.shape == shape else {
                throw refuse("\(name) would have the shape \(shape), not \(weights[name]?.shape.description ?? "none")")
            }
            ordered[name] = tensor
        }
        if let spoiled = tensors.first(where: { !$0.tensor.isFinite }) {
            throw refuse("\(spoiled.name) holds numbers that are not finite")
        }
        if let name = configuration.overflowing(ordered) {
            throw refuse("\(name) holds numbers so large that sums of them are beyond single precision")
        }
        self.weights = ordered
    }

    /// The recurrent layers in order: by what stands before `weight_ih_l`, then by the number behind it.
    private static func cells(
        among names: [String], path: String
    ) throws(LanguageModelError) -> [(prefix: String, layer: Int)] {
        var cells: [(prefix: String, layer: Int)] = []
        let weight = /(.*)weight_ih_l([0-9]{1,3})(_reverse)?/
        for name in names {
            guard let match = name.wholeMatch(of: weight) else { continue }
            guard match.3 == nil else {
                throw .notALanguageModel(
                    path: path, reason: "\(name): a layer that reads in both directions cannot write")
            }
            cells.append((String(match.1), Int(match.2) ?? 0))
        }
        return cells.sorted {
            let order = $0.prefix.compare($1.prefix, options: .numeric)
            return order == .orderedSame ? $0.layer < $1.layer : order == .orderedAscending
        }
    }

    /// What stands before and behind the recurrent layers.
    private static func ends(
        _ rest: inout NamedTensors, reading inputs: Int, giving outputs: Int, path: String
    ) throws(LanguageModelError) -> (embedding: Tensor?, head: Tensor, bias: Tensor) {
        func refuse(_ reason: String) -> LanguageModelError { .notALanguageModel(path: path, reason: reason) }
        let matrices = rest.names.filter { rest[$0]?.shape.rank == 2 }
        func biasName(of weight: String) -> String { weight.replacing(/weight$/, with: "bias") }
        func hasBias(_ name: String) -> Bool { rest[biasName(of: name)]?.shape == [rest[name]?.shape[0] ?? 0] }
        // A linear layer has a bias, a table has none; without one the shapes must tell.
        let heads = matrices.filter { hasBias($0) && rest[$0]?.shape[1] == outputs }
        let tables = matrices.filter { !heads.contains($0) }
        guard heads.count <= 1, tables.count <= 2 else {
            throw refuse("it has several matrices that could lead to its units: \(matrices.joined(separator: ", "))")
        }
        var bias: Tensor?
        func take(_ name: String) -> Tensor? {
            defer { rest[name] = nil }
            return rest[name]
        }
        var head: Tensor?, embedding: Tensor?
        if let name = heads.first {
            bias = take(biasName(of: name))
            head = take(name)
        }
        // A table before the first layer; without a head with a bias, the other one or the same again is the head.
        let embeddingName = try Self.embeddingName(
            among: tables, rest, reading: inputs, hasHead: head != nil, giving: outputs, path: path)
        for name in tables {
            guard let tensor = take(name) else { continue }
            if name == embeddingName {
                embedding = tensor
            } else if head == nil {
                head = tensor
            } else {
                throw refuse("it has no use for \(name) of shape \(tensor.shape)")
            }
        }
        if head == nil, let tied = embedding, inputs == outputs { head = tied }
        if let classes = head?.shape[0], bias == nil,
            let name = rest.names.first(where: { $0.hasSuffix("bias") && rest[$0]?.shape == [classes] })
        {
            bias = take(name)
        }
        guard let head, head.shape[1] == outputs else {
            throw refuse("it has no matrix [units, \(outputs)] behind its last layer")
        }
        let classes = head.shape[0]
        guard embedding.map({ $0.shape[0] == classes }) ?? (inputs == classes) else {
            throw refuse(
                embedding.map { "it embeds \($0.shape[0]) units and tells \(classes) apart" }
                    ?? "its first layer reads \(inputs) numbers, which are neither an embedding nor one for each of "
                    + "\(classes) units")
        }
        return (embedding, head, bias ?? Tensor(zeros: [classes]))
    }

    /// The table whose rows the first layer reads; nil for a one-hot input.
    private static func embeddingName(
        among tables: [String], _ tensors: NamedTensors, reading inputs: Int, hasHead: Bool, giving outputs: Int,
        path: String
    ) throws(LanguageModelError) -> String? {
        let fitting = tables.filter { tensors[$0]?.shape[1] == inputs }
        // A head without a bias, and as many inputs as units: one-hot.
        if !hasHead, tables.count == 1, let only = tensors[tables[0]], only.shape == [inputs, outputs] { return nil }
        guard fitting.count > 1 else { return fitting.first }
        let named = fitting.filter { $0.lowercased().contains(/emb|enc|wte/) }
        guard named.count == 1 else {
            throw .notALanguageModel(
                path: path, reason: "\(fitting.joined(separator: " and ")) could both be its embedding: call one so")
        }
        return named[0]
    }
}

/// One recurrent layer of PyTorch's.
private struct ForeignCell {
    let kind: LayerSpecification.Cell
    let inputs: Int
    let hidden: Int
    /// As this project names them.
    let weights: [(name: String, tensor: Tensor)]

    init(
        _ cell: (prefix: String, layer: Int), taking rest: inout NamedTensors, path: String
    ) throws(LanguageModelError) {
        func refuse(_ reason: String) -> LanguageModelError {
            .notALanguageModel(path: path, reason: "layer \(cell.layer) of \(cell.prefix): \(reason)")
        }
        func take(_ name: String) -> Tensor? {
            let whole = "\(cell.prefix)\(name)_l\(cell.layer)"
            defer { rest[whole] = nil }
            return rest[whole]
        }
        guard take("weight_hr") == nil else { throw refuse("an LSTM with proj_size is not read") }
        guard let input = take("weight_ih"), let recurrent = take("weight_hh"), input.shape.rank == 2,
            recurrent.shape.rank == 2, recurrent.shape[1] > 0, input.shape[1] > 0,
            input.shape[0] == recurrent.shape[0], recurrent.shape[0] % recurrent.shape[1] == 0
        else { throw refuse("its weights have shapes that do not belong together") }
        let rows = input.shape[0], gates = rows / recurrent.shape[1]
        let kinds: [Int: LayerSpecification.Cell] = [4: .lstm, 3: .gru, 1: .rnn]
        guard let kind = kinds[gates] else {
            throw refuse("\(gates) gates are those of no LSTM (4), GRU (3) or RNN (1)")
        }
        func bias(_ name: String) throws(LanguageModelError) -> Tensor {
            let bias = take(name) ?? Tensor(zeros: [rows])
            guard bias.shape == [rows] else { throw refuse("\(name) has the shape \(bias.shape), not [\(rows)]") }
            return bias
        }
        let first = try bias("bias_ih"), second = try bias("bias_hh")
        (self.kind, inputs, hidden) = (kind, input.shape[1], recurrent.shape[1])
        weights =
            [("weight_ih_l0", input), ("weight_hh_l0", recurrent)]
            // LSTM and RNN only ever add the two.
            + (kind == .gru ? [("bias_ih_l0", first), ("bias_hh_l0", second)] : [("bias_ih_l0", first + second)])
    }
}
