public import Autodiff
package import LayerEngines
import Requirements
package import TensorCore

/// y = x W^T + b on the last axis: [..., in] to [..., out]. Parameters `weight` [out, in] and `bias` [out].
///
/// Cost: 2 in·out operations for each row, forward, and twice that backward.
public struct Dense: Layer {
    /// [out, in]
    public let weight: Parameter
    /// [out]
    public let bias: Parameter?
    let packs = DensePacks()

    /// - Parameters:
    ///   - inputs: the size of the last dimension of what comes in.
    ///   - outputs: the size of the last dimension of the result.
    ///   - bias: whether b is there.
    ///   - weights: how the weight starts.
    ///   - biases: how the bias starts.
    public init(
        _ inputs: Int, _ outputs: Int, bias: Bool = true, weights: Initializer = .glorotUniform,
        biases: Initializer = .constant(0)
    ) {
        require(inputs > 0 && outputs > 0, "a dense layer from \(inputs) to \(outputs): at least one of each")
        self.init(
            weight: Parameter(shape: [outputs, inputs], weights),
            bias: bias ? Parameter(shape: [outputs], biases) : nil)
    }

    /// - Parameters:
    ///   - name: without a final dot.
    ///   - weights: how the weight starts; the bias starts at zero.
    ///   - stream: random numbers for the weight, another stream for each layer.
    package init(
        _ name: String, inputs: Int, outputs: Int, bias: Bool = true, weights: Initializer = .glorotUniform,
        from stream: RandomStream, in context: ComputeContext
    ) {
        self.init(
            weight: Parameter("\(name).weight", weights.matrix(outputs, inputs, from: stream, in: context)),
            bias: bias ? Parameter("\(name).bias", Tensor(zeros: [outputs])) : nil)
    }

    /// With given parameters: weight [out, in], bias [out].
    package init(weight: Parameter, bias: Parameter?) {
        require(weight.shape.rank == 2, "\(weight.name) is a matrix, not of shape \(weight.shape)")
        if let bias {
            require(
                bias.shape == [weight.shape[0]],
                "\(bias.name) of shape \(bias.shape) beside \(weight.name) of shape \(weight.shape)")
        }
        self.weight = weight
        self.bias = bias
    }

    /// Weight and, if there is one, bias.
    public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    /// W^T as products read it, packed once for each version of the weight.
    func packedTranspose(in context: ComputeContext) -> PackedMatrix {
        packs.transposed(weight.value, version: weight.version, in: context)
    }

    /// [..., in] to [..., out].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        let operation = DenseProduct(packs: packs, version: weight.version, precision: x.tape.precision)
        return x.tape.apply(operation, to: [x, x.tape(weight)] + (bias.map { [x.tape($0)] } ?? []))[0]
    }
}

extension Dense {
    /// [T, N, in], as recurrent layers hand it over, to [T, N, out].
    package func callAsFunction(_ x: GroupedSequence) -> Variable {
        require(
            x.columns == weight.value.shape[1],
            "a sequence of \(x.columns) columns for \(weight.name) of shape \(weight.value.shape)")
        // Many outputs are a large product, which blocks of rows of its own suit better than the steps.
        if weight.value.shape[0] > GroupedDense.mostOutputs { return self(x.rows()) }
        let tape = x.variable.tape
        let operation = GroupedDense(packs: packs, version: weight.version, inputs: x.columns)
        return tape.apply(operation, to: [x.variable, tape(weight)] + (bias.map { [tape($0)] } ?? []))[0]
    }
}
