import CKernels
package import Kernels
import Requirements

/// C = A B, row-major, all transpose forms. Each element is one sum in increasing k by fused multiply-adds, made
/// by one thread: the bits depend on neither the number of threads nor the instruction set.
///
/// Cost: 2 M N K operations. A is read in place (a transposed A is repacked), B in panels of 64 columns; one panel's
/// 512 x 64 block (128 KB) and 180 rows of A stay in the second-level cache while they are multiplied.
package enum MatrixProduct {
    /// A block of B fits the second-level cache where a tile spans the whole panel, and the first-level cache where a
    /// panel is walked in slices, each of which comes back to it.
    private static func depthBlock(_ set: InstructionSet) -> Int { set.hasWideTiles ? 512 : 128 }
    /// Three tiles of the micro-kernel, and ten groups of that in a block of rows.
    private static let groupRows = 18
    private static let rowBlock = 180

    /// - Parameters:
    ///   - a: [M, K], or [K, M] when `transposeA`. Leading dimensions are folded into rows.
    ///   - b: [K, N], or [N, K] when `transposeB`.
    /// - Returns: [M, N].
    package static func multiply(
        _ a: Tensor, transposeA: Bool = false, _ b: Tensor, transposeB: Bool = false, in context: ComputeContext
    ) -> Tensor {
        if transposeA, !transposeB, a.shape.columns * b.shape.columns <= tallLimit {
            return multiplyTall(a, b, in: context)
        }
        return multiply(a, transposeA: transposeA, PackedMatrix(b, transposed: transposeB, in: context), in: context)
    }

    /// The same with a right operand packed beforehand. With `bias` ([N]) each row starts from it.
    /// - Parameter precision: in half precision both operands hold pairs, each of which is one k.
    package static func multiply(
        _ a: Tensor, transposeA: Bool = false, _ b: PackedMatrix, bias: Tensor? = nil,
        precision: ProductPrecision = .single, in context: ComputeContext
    ) -> Tensor {
        let m = transposeA ? a.shape.columns : a.shape.rows, k = transposeA ? a.shape.rows : a.shape.columns,
            n = b.columns
        require(
            k == b.rows,
            "matrix product: \(a.shape)\(transposeA ? " transposed" : "") has \(k) columns, the right operand [\(b.rows), \(n)]"
        )
        require(bias.map { $0.count == n } ?? true, "a bias of shape \(bias?.shape ?? []) for \(n) columns")
        let left = transposeA ? groupedTranspose(a, in: context) : a
        var result = Tensor(uninitialized: [m, n], in: context.workspace)
        let c = result.mutablePointer, kernels = context.kernels, workers = context.workers
        let aPointer = left.pointer, bPointer = b.pointer, biasPointer = bias?.pointer

        let depthBlock = depthBlock(context.instructionSet)
        // A piece of the result: rows times panels. Blocks of rows outermost, so that they stay in cache.
        func compute(rows: Range<Int>, panels: Range<Int>) {
            let width = PackedMatrix.panelWidth
            var product = PanelProduct(
                kernels, in: precision, left: transposeA ? .init(row: 1, k: groupRows) : .init(row: k, k: 1),
                right: .init(k: width),
                result: .init(row: n))
            for firstRow in stride(from: rows.lowerBound, to: rows.upperBound, by: rowBlock) {
                let rowCount = min(rowBlock, rows.upperBound - firstRow)
                for depth in stride(from: 0, to: max(k, 1), by: depthBlock) {
                    let inner = min(depthBlock, k - depth)
                    for panel in panels {
                        let block = bPointer + (panel * k + depth) * width
                        let c = c + firstRow * n + panel * width, columns = min(width, n - panel * width)
                        let start: PanelProduct.Start =
                            depth > 0 ? .result : biasPointer.map { .bias($0 + panel * width) } ?? .zero
                        let next = panel + 1 < panels.upperBound ? block + k * width : nil
                        if transposeA {
                            // Groups of 18 rows: element (r, k) at [r / 18][k][r % 18].
                            for row in stride(from: 0, to: rowCount, by: groupRows) {
                                product.multiply(
                                    aPointer + ((firstRow + row) * k + depth * groupRows), block, into: c + row * n,
                                    from: start, groups: 1, inner: inner, rows: min(groupRows, rowCount - row),
                                    columns: columns, ahead: row == 0 ? .panel(next) : .nothing)
                            }
                        } else {
                            product.multiply(
                                aPointer + firstRow * k + depth, block, into: c, from: start, groups: 1, inner: inner,
                                rows: rowCount, columns: columns, ahead: .panel(next))
                        }
                    }
                }
            }
        }
        let panels = (n + PackedMatrix.panelWidth - 1) / PackedMatrix.panelWidth
        withExtendedLifetime((left, b, bias)) {
            if m * n * k < 65_536 || workers.count == 1 {
                compute(rows: 0..<m, panels: 0..<panels)
            } else if m >= 48 * workers.count || panels < workers.count {
                workers.run { thread in
                    compute(rows: workers.share(of: m, multipleOf: groupRows, thread: thread), panels: 0..<panels)
                }
            } else {
                workers.run { thread in compute(rows: 0..<m, panels: workers.share(of: panels, thread: thread)) }
            }
        }
        return result
    }

    /// [K, M] to groups of 18 columns, [M / 18][K][18]: a transposed left operand read along cache lines.
    private static func groupedTranspose(_ a: Tensor, in context: ComputeContext) -> Tensor {
        let k = a.shape.rows, m = a.shape.columns, groups = (m + groupRows - 1) / groupRows
        var grouped = Tensor(uninitialized: [groups, k, groupRows], in: context.workspace)
        let target = grouped.mutablePointer, source = a.pointer
        func regroup(_ rows: Range<Int>) {
            for row in rows {
                for group in 0..<groups {
                    let first = group * groupRows
                    (target + (first * k + row * groupRows))
                        .update(from: source + row * m + first, count: min(groupRows, m - first))
                }
            }
        }
        withExtendedLifetime(a) {
            context.parallel(over: k, work: k * m) { regroup($0) }
        }
        return grouped
    }
}
