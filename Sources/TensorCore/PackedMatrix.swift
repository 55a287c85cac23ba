import CKernels
import Kernels

/// The right operand of a product, cut into panels of 64 columns, `[panel][k][64]`, the last padded with zeros:
/// the order in which the micro-kernel reads it. Pack weights once and use them for many products.
package struct PackedMatrix: Sendable {
    /// K, the length of the sums.
    package let rows: Int
    /// N, the columns of the result.
    package let columns: Int
    private let storage: Tensor

    package static let panelWidth = Int(CK_PANEL)

    /// - Parameters:
    ///   - matrix: [K, N], or [N, K] when `transposed`; leading dimensions are folded into rows.
    ///   - isKept: whether it serves many products, as weights do, and not only the next.
    package init(_ matrix: Tensor, transposed: Bool = false, isKept: Bool = false, in context: ComputeContext) {
        let rows = transposed ? matrix.shape.columns : matrix.shape.rows
        let columns = transposed ? matrix.shape.rows : matrix.shape.columns
        let width = Self.panelWidth, panels = (columns + width - 1) / width, kernels = context.kernels
        var packed = Tensor(uninitialized: [panels, rows, width], in: context.workspace, isKept: isKept)
        let target = packed.mutablePointer, source = matrix.pointer
        func pack(_ range: Range<Int>) {
            for panel in range {
                let first = panel * width, used = min(width, columns - first), block = target + panel * rows * width
                if used < width { block.update(repeating: 0, count: rows * width) }
                if transposed {
                    kernels.transpose(source + first * rows, rows, used, rows, block, width)
                } else {
                    for k in 0..<rows { (block + k * width).update(from: source + k * columns + first, count: used) }
                }
            }
        }
        withExtendedLifetime(matrix) {
            context.parallel(over: panels, work: rows * columns) { pack($0) }
        }
        self.rows = rows
        self.columns = columns
        storage = packed
    }

    package var pointer: UnsafePointer<Float> { storage.pointer }
}
