import CKernels
import TensorCore

/// Pairs of half precision from a tensor: neighbors in the depth of a product that is to be made of them.
enum TensorPairs {
    /// What can be paired either way.
    static func fits(_ columns: Int) -> Bool { columns % 16 == 0 }

    /// [..., K] to [M, K / 2].
    static func columns(of x: Tensor, in context: ComputeContext) -> Tensor {
        let rows = x.shape.rows, columns = x.shape.columns, kernels = context.kernels
        var pairs = Tensor(uninitialized: [rows, columns / 2], in: context.workspace)
        let target = pairs.mutablePointer, source = x.pointer
        withExtendedLifetime(x) {
            context.parallel(over: rows, work: x.count) { range in
                kernels.pair_neighbors(
                    source + range.lowerBound * columns, range.count * columns, target + range.lowerBound * columns / 2)
            }
        }
        return pairs
    }

    /// [M, K] to [M / 2, K], an odd last row paired with zeros.
    static func rows(of x: Tensor, in context: ComputeContext) -> Tensor {
        let rows = x.shape.rows, columns = x.shape.columns, half = (rows + 1) / 2, kernels = context.kernels
        var pairs = Tensor(uninitialized: [half, columns], in: context.workspace)
        let target = pairs.mutablePointer, source = x.pointer
        withExtendedLifetime(x) {
            context.parallel(over: half, work: x.count) { range in
                kernels.pair_rows(
                    source + 2 * range.lowerBound * columns, columns, min(2 * range.count, rows - 2 * range.lowerBound),
                    columns, target + range.lowerBound * columns, columns)
            }
        }
        return pairs
    }
}
