package import TensorCore

/// C = op(A) op(B). Shapes: A [M, K] (or [K, M] transposed), B [K, N] (or [N, K]), C [M, N].
package struct MatrixMultiply: Operation {
    package var transposeA: Bool
    package var transposeB: Bool

    package init(transposeA: Bool = false, transposeB: Bool = false) {
        self.transposeA = transposeA
        self.transposeB = transposeB
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: [Tensor]) {
        let c = MatrixProduct.multiply(
            inputs[0], transposeA: transposeA, inputs[1], transposeB: transposeB, in: context)
        return ([c], inputs)
    }

    /// dA = dC op(B)^T and dB = op(A)^T dC, each transposed back if its operand was.
    package func backward(_ gradients: [Tensor?], saved: [Tensor], wanted: [Bool], in context: ComputeContext)
        -> [Tensor?]
    {
        guard let g = gradients[0] else { return [nil, nil] }
        let (a, b) = (saved[0], saved[1])
        func multiply(_ x: Tensor, _ tx: Bool, _ y: Tensor, _ ty: Bool) -> Tensor {
            MatrixProduct.multiply(x, transposeA: tx, y, transposeB: ty, in: context)
        }
        return [
            !wanted[0] ? nil : transposeA ? multiply(b, transposeB, g, true) : multiply(g, false, b, !transposeB),
            !wanted[1] ? nil : transposeB ? multiply(g, true, a, transposeA) : multiply(a, !transposeA, g, false),
        ].enumerated().map { index, gradient in gradient?.reshaped(to: saved[index].shape) }
    }
}

extension Variable {
    /// The matrix product with `other`; leading dimensions of both are folded into rows.
    public func multiplied(
        by other: Variable, transposeSelf: Bool = false, transposeOther: Bool = false
    ) -> Variable {
        tape(MatrixMultiply(transposeA: transposeSelf, transposeB: transposeOther), self, other)
    }
}
