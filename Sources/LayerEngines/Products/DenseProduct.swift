import Autodiff
package import Kernels
import Requirements
package import TensorCore

/// x [..., K], W [J, K], b [J] to [..., J], as one operation: the bias is where the sums start.
///
/// In half precision all three products are, if K and J are multiples of 16.
package struct DenseProduct: Operation {
    let packs: DensePacks
    /// That of the weight.
    let version: Int
    private let wanted: ProductPrecision

    package init(packs: DensePacks, version: Int, precision: ProductPrecision = .single) {
        self.packs = packs
        self.version = version
        wanted = precision
    }

    private func precision(_ w: Tensor) -> ProductPrecision {
        w.shape.dimensions.allSatisfy(TensorPairs.fits) ? wanted : .single
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (
        outputs: [Tensor], saved: (x: Tensor, w: Tensor)
    ) {
        let x = inputs[0], w = inputs[1]
        require(
            x.shape.rank > 0 && x.shape.columns == w.shape[1], "input of shape \(x.shape) for a weight of \(w.shape)")
        let precision = precision(w)
        let packed = packs.transposed(w, version: version, precision: precision, in: context)
        let y = MatrixProduct.multiply(
            precision == .single ? x : TensorPairs.columns(of: x, in: context), packed,
            bias: inputs.count > 2 ? inputs[2] : nil, precision: precision, in: context)
        return ([y.reshaped(to: Shape(x.shape.dimensions.dropLast() + [w.shape[0]]))], (x, w))
    }

    /// dx = dy W, dW = dy^T x, db = column sums of dy.
    package func backward(
        _ gradients: [Tensor?], saved: (x: Tensor, w: Tensor), wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return wanted.map { _ in nil } }
        let precision = precision(saved.w)
        var dx: Tensor?
        if wanted[0] {
            let packed = packs.plain(saved.w, version: version, precision: precision, in: context)
            dx = MatrixProduct.multiply(
                precision == .single ? g : TensorPairs.columns(of: g, in: context), packed, precision: precision,
                in: context
            ).reshaped(to: saved.x.shape)
        }
        var dw: Tensor?
        if wanted[1], precision == .single {
            dw = MatrixProduct.multiply(g, transposeA: true, saved.x, in: context)
        } else if wanted[1] {
            let x = PackedMatrix(TensorPairs.rows(of: saved.x, in: context), in: context)
            dw = MatrixProduct.multiply(
                TensorPairs.rows(of: g, in: context), transposeA: true, x, precision: precision, in: context)
        }
        guard wanted.count > 2 else { return [dx, dw] }
        return [dx, dw, wanted[2] ? context.columnSums(g) : nil]
    }
}

/// The weight in the order in which products read it, kept until its version changes.
package final class DensePacks {
    private struct Key: Equatable {
        let version: Int
        let precision: ProductPrecision
    }
    private let transposed = LatestValue<Key, PackedMatrix>()
    private let plain = LatestValue<Key, PackedMatrix>()

    package init() {}

    /// W^T, for the forward product.
    package func transposed(
        _ w: Tensor, version: Int, precision: ProductPrecision = .single, in context: ComputeContext
    ) -> PackedMatrix {
        transposed.value(for: Key(version: version, precision: precision)) {
            let w = precision == .single ? w : TensorPairs.columns(of: w, in: context)
            return PackedMatrix(w, transposed: true, isKept: true, in: context)
        }
    }

    /// W, for the gradient of the input.
    func plain(
        _ w: Tensor, version: Int, precision: ProductPrecision = .single, in context: ComputeContext
    ) -> PackedMatrix {
        plain.value(for: Key(version: version, precision: precision)) {
            let w = precision == .single ? w : TensorPairs.rows(of: w, in: context)
            return PackedMatrix(w, isKept: true, in: context)
        }
    }
}
