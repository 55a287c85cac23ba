public import Autodiff
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
    ///   - weights: how the weight starts; the bias starts at zero.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, weights: Initializer = .glorotUniform) {
        require(inputs > 0 && outputs > 0, "a dense layer from \(inputs) to \(outputs): at least one of each")
        self.init(
            weight: Parameter(shape: [outputs, inputs], weights),
            bias: bias ? Parameter(shape: [outputs], .constant(0)) : nil)
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

    public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    /// W^T as products read it, packed once for each version of the weight.
    func packedTranspose(in context: ComputeContext) -> PackedMatrix {
        packs.transposed(weight.value, version: weight.version, in: context)
    }

    /// [..., in] to [..., out].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable {
        let operation = DenseProduct(packs: packs, version: weight.version)
        return x.tape.apply(operation, to: [x, x.tape(weight)] + (bias.map { [x.tape($0)] } ?? []))[0]
    }
}

/// x [..., K], W [J, K], b [J] to [..., J], as one operation: the bias is where the sums start.
struct DenseProduct: Operation {
    let packs: DensePacks
    let version: Int

    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: (x: Tensor, w: Tensor)) {
        let x = inputs[0], w = inputs[1]
        require(
            x.shape.rank > 0 && x.shape.columns == w.shape[1], "input of shape \(x.shape) for a weight of \(w.shape)")
        let packed = packs.transposed(w, version: version, in: context)
        let y = MatrixProduct.multiply(x, packed, bias: inputs.count > 2 ? inputs[2] : nil, in: context)
        return ([y.reshaped(to: Shape(x.shape.dimensions.dropLast() + [w.shape[0]]))], (x, w))
    }

    /// dx = dy W, dW = dy^T x, db = column sums of dy.
    func backward(
        _ gradients: [Tensor?], saved: (x: Tensor, w: Tensor), wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return wanted.map { _ in nil } }
        var dx: Tensor?
        if wanted[0] {
            let packed = packs.plain(saved.w, version: version, in: context)
            dx = MatrixProduct.multiply(g, packed, in: context).reshaped(to: saved.x.shape)
        }
        let dw = wanted[1] ? MatrixProduct.multiply(g, transposeA: true, saved.x, in: context) : nil
        guard wanted.count > 2 else { return [dx, dw] }
        return [dx, dw, wanted[2] ? context.columnSums(g) : nil]
    }
}

/// The weight in the order in which products read it, kept until its version changes.
final class DensePacks {
    private var transposed: (version: Int, matrix: PackedMatrix)?
    private var plain: (version: Int, matrix: PackedMatrix)?

    /// W^T, for the forward product.
    func transposed(_ w: Tensor, version: Int, in context: ComputeContext) -> PackedMatrix {
        if let transposed, transposed.version == version { return transposed.matrix }
        transposed = nil  // its buffer first, so that the workspace can hand it out again
        let matrix = PackedMatrix(w, transposed: true, isKept: true, in: context)
        transposed = (version, matrix)
        return matrix
    }

    /// W, for the gradient of the input.
    func plain(_ w: Tensor, version: Int, in context: ComputeContext) -> PackedMatrix {
        if let plain, plain.version == version { return plain.matrix }
        plain = nil
        let matrix = PackedMatrix(w, isKept: true, in: context)
        plain = (version, matrix)
        return matrix
    }
}
