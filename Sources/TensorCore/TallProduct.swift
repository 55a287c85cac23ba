import CKernels
import Kernels
import Requirements

extension MatrixProduct {
    /// Up to this many elements of C the two operands are so tall that packing them costs more than it gains: 221
    /// against 159 GFLOP/s for 65 x 4096 x 512, 213 against 147 for 512 x 4096 x 512 on one core; at 4096 x 2048 x 512
    /// and 512 x 4096 x 2048 the packed form is ahead.
    static let tallLimit = 1 << 19

    /// C = A^T B for tall operands: A [R, M], B [R, N], both row-major; C [M, N]. The gradient of a weight matrix.
    ///
    /// Neither operand is packed. A tile reads six neighbors of a row of A and 64 of a row of B, both as they lie, so
    /// each is read from memory about once; packing B would copy all of it for a product that uses it only M times.
    /// The sums run over increasing r: the same bits as the packed form. Cost: 2 R M N operations.
    package static func multiplyTall(_ a: Tensor, _ b: Tensor, in context: ComputeContext) -> Tensor {
        let depth = a.shape.rows, m = a.shape.columns, n = b.shape.columns
        require(
            b.shape.rows == depth, "product of \(a.shape), transposed, and \(b.shape): different numbers of rows")
        var result = Tensor(uninitialized: [m, n], in: context.workspace)
        let c = result.mutablePointer, aPointer = a.pointer, bPointer = b.pointer, kernels = context.kernels
        let width = PackedMatrix.panelWidth, panels = (n + width - 1) / width

        // 256 rows of a panel (64 KB) and of 192 columns of A (192 KB) stay in the second-level cache.
        func compute(rows: Range<Int>, panels: Range<Int>) {
            guard !rows.isEmpty, !panels.isEmpty else { return }
            var product = PanelProduct(kernels, left: .init(row: 1, k: m), right: .init(k: n), result: .init(row: n))
            for first in stride(from: 0, to: max(depth, 1), by: 256) {
                for row in stride(from: rows.lowerBound, to: rows.upperBound, by: 192) {
                    for panel in panels {
                        product.multiply(
                            aPointer + first * m + row, bPointer + first * n + panel * width,
                            into: c + row * n + panel * width, from: first > 0 ? .result : .zero, groups: 1,
                            inner: min(256, depth - first), rows: min(192, rows.upperBound - row),
                            columns: min(width, n - panel * width))
                    }
                }
            }
        }
        withExtendedLifetime((a, b)) {
            if m * n * depth < 65_536 || context.workers.count == 1 {
                compute(rows: 0..<m, panels: 0..<panels)
            } else if panels >= context.workers.count {
                context.workers.run { thread in
                    compute(rows: 0..<m, panels: context.workers.share(of: panels, thread: thread))
                }
            } else {
                context.workers.run { thread in
                    compute(rows: context.workers.share(of: m, multipleOf: 6, thread: thread), panels: 0..<panels)
                }
            }
        }
        return result
    }
}
