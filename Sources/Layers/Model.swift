public import Autodiff
public import TensorCore

// What every layer can do as a model.

extension Layer {
    /// Makes this layer a model: each parameter gets its name, the path of the properties that lead to it, and its first
    /// value from the seed and that name. `Sequential(seed:in:_:)` does this for you.
    ///
    /// The same seed makes the same weights, whatever the number of threads. Cost: a random number for each weight.
    /// - Precondition: no part of it is in a model already, and none stands in two places.
    public func initialize(seed: UInt64, in context: ComputeContext = ComputeContext()) {
        ModelParts(of: self).enterModel(seed: seed, in: context)
    }

    /// Numbers that are trained, all parameters together.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.count } }

    /// What the model answers to a batch, in inference mode and without keeping anything for a backward pass.
    /// - Parameters:
    ///   - x: a batch, its first dimension the examples, as the first layer takes it. It is computed in one piece: split
    ///     what is large.
    ///   - context: what computes it. By default one is made for this call, which costs some 50 microseconds a thread.
    public func predict(_ x: Tensor, in context: ComputeContext = ComputeContext()) -> Tensor {
        self(Tape(in: context, recording: false).constant(x), mode: .inference).value
    }

    /// Accepts what the last forward pass in training mode proposed for the running statistics. A training step calls
    /// this after it has updated the parameters, and only if it has.
    public func commitBuffers() {
        for buffer in buffers { buffer.commit() }
    }

    // MARK: Weights

    /// Parameters, then buffers, under PyTorch's names: what has to be saved to have this model again. Cost: none to speak
    /// of; a tensor is copied when the model next writes to it.
    /// - Precondition: the names differ: the layer has entered a model as a whole.
    public var weights: NamedTensors {
        let all = parameters.map { ($0.name, $0.value) } + buffers.map { ($0.name, $0.value) }
        NamedTensors.requireDistinct(all.map(\.0))
        return NamedTensors(all)
    }

    /// Takes over weights by name: all of them, or none if something does not fit.
    ///
    /// To take over a part only, put it into what the model has:
    ///
    /// ```swift
    /// var weights = model.weights
    /// for (name, tensor) in trained where name.hasPrefix("0.") { weights[name] = tensor }
    /// try model.load(weights)
    /// ```
    /// - Precondition: the names of the model differ, as for ``weights``.
    /// - Throws: ``WeightsError`` that names every tensor that is missing, left over or has another shape.
    public func load(_ weights: NamedTensors) throws(WeightsError) {
        let parameters = parameters, buffers = buffers
        let wanted = parameters.map { ($0.name, $0.shape) } + buffers.map { ($0.name, $0.value.shape) }
        NamedTensors.requireDistinct(wanted.map(\.0))
        if let error = WeightsError(weights, for: wanted) { throw error }
        for parameter in parameters {
            if let tensor = weights[parameter.name] { parameter.value = tensor }
        }
        for buffer in buffers {
            if let tensor = weights[buffer.name] { buffer.value = tensor }
        }
    }
}

/// Weights that do not fit a model.
public struct WeightsError: Error, Equatable, CustomStringConvertible {
    /// A tensor of another shape than the model's.
    public struct Mismatch: Equatable, Sendable {
        /// The tensor.
        public let name: String
        /// In the weights.
        public let found: Shape
        /// In the model.
        public let expected: Shape
    }

    /// Names that the model has and the weights have not.
    public let missing: [String]
    /// Names that the weights have and the model has not.
    public let unexpected: [String]
    /// Tensors of another shape.
    public let mismatches: [Mismatch]

    /// Nil if all is well.
    init?(_ weights: NamedTensors, for wanted: [(name: String, shape: Shape)]) {
        let names = Set(wanted.map(\.name))
        missing = wanted.map(\.name).filter { weights[$0] == nil }
        unexpected = weights.names.filter { !names.contains($0) }
        mismatches = wanted.compactMap { name, shape in
            weights[name].flatMap {
                $0.shape == shape ? nil : Mismatch(name: name, found: $0.shape, expected: shape)
            }
        }
        if missing.isEmpty && unexpected.isEmpty && mismatches.isEmpty { return nil }
    }

    /// All that does not fit, in one line.
    public var description: String {
        var parts = ["these weights are not of this model"]
        if !missing.isEmpty { parts.append("missing: \(missing.joined(separator: ", "))") }
        if !unexpected.isEmpty { parts.append("not in the model: \(unexpected.joined(separator: ", "))") }
        parts += mismatches.map { "\($0.name) has shape \($0.found), the model \($0.expected)" }
        return parts.joined(separator: "; ")
    }
}

/// Checks the derivatives of a layer by its input and by each of its parameters with central differences, at every
/// element, as `checkGradients(at:step:in:of:)` does for a function.
/// - Parameters:
///   - layer: in a model, or initialized.
///   - x: a small batch of two or more, away from corners of the layer's functions.
///   - mode: in training the masks of a dropout stay the same, for the step does.
///   - step: how far apart the points lie; a power of two loses the least.
///   - context: what computes.
public func checkGradients(
    of layer: some Layer, at x: Tensor, mode: Mode = .inference, step: Float = 1 / 64, in context: ComputeContext
) -> GradientCheck {
    let parameters = layer.parameters, tape = Tape(in: context), input = tape.variable(x)
    let y = layer(input, mode: mode), weights = GradientCheck.weights(for: y.shape, in: context)
    let gradients = tape.backward(from: [(y, weights)]), start = parameters.map(\.value)
    defer { for (parameter, value) in zip(parameters, start) { parameter.value = value } }
    return GradientCheck(
        [("the input", x)] + parameters.map { ($0.name, $0.value) },
        gradients: [gradients[input]] + parameters.map { gradients[$0] }, step: step
    ) { moved in
        for (parameter, value) in zip(parameters, moved.dropFirst()) { parameter.value = value }
        return GradientCheck.sum(
            layer(Tape(in: context, recording: false).constant(moved[0]), mode: mode).value, weights)
    }
}
