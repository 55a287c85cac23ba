import Autodiff
import Requirements
package import TensorCore

/// x [..., K], W [J, K], b [J] to [..., J], as one operation: the bias is where the sums start.
package struct DenseProduct: Operation {
    let packs: DensePacks
    /// That of the weight.
    let version: Int

    package init(packs: DensePacks, version: Int) {
        self.packs = packs
        self.version = version
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (
        outputs: [Tensor], saved: (x: Tensor, w: Tensor)
    ) {
        let x = inputs[0], w = inputs[1]
        require(
            x.shape.rank > 0 && x.shape.columns == w.shape[1], "input of shape \(x.shape) for a weight of \(w.shape)")
        let packed = packs.transposed(w, version: version, in: context)
        let y = MatrixProduct.multiply(x, packed, bias: inputs.count > 2 ? inputs[2] : nil, in: context)
        return ([y.reshaped(to: Shape(x.shape.dimensions.dropLast() + [w.shape[0]]))], (x, w))
    }

    /// dx = dy W, dW = dy^T x, db = column sums of dy.
    package func backward(
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
package final class DensePacks {
    private var transposed: (version: Int, matrix: PackedMatrix)?
    private var plain: (version: Int, matrix: PackedMatrix)?

    package init() {}

    /// W^T, for the forward product.
    package func transposed(_ w: Tensor, version: Int, in context: ComputeContext) -> PackedMatrix {
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
