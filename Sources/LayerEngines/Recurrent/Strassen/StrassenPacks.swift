import CKernels
import Kernels
import TensorCore

/// Packed weights as the right factor of Strassen's seven products: [pairs of column blocks][7][pairs of depth blocks][run].
/// An odd last block of either kind is left out.
struct StrassenPacks {
    let weights: Tensor
    /// Floats of the weights of one product.
    let product: Int

    /// For the forward pass: columns in panels, the depth in groups.
    static func panels(_ packing: PanelPacking, in context: ComputeContext) -> StrassenPacks {
        StrassenPacks(
            columnBlocks: packing.layout.count, depthBlocks: packing.groups, run: 16 * packing.layout.width, in: context
        ) { packing.pack(panel: $0, groups: $1, into: $2) }
    }

    /// For the backward pass: columns in panels of 64, the depth in panels.
    static func columnPanels(_ packing: PanelPacking, in context: ComputeContext) -> StrassenPacks {
        StrassenPacks(
            columnBlocks: packing.groups / 4, depthBlocks: packing.layout.count, run: packing.layout.width * 64,
            in: context
        ) { packing.pack(columnPanel: $0, panels: $1, into: $2) }
    }

    /// - Parameter pack: writes some depth blocks of a column block, [depth blocks][run].
    private init(
        columnBlocks: Int, depthBlocks: Int, run: Int, in context: ComputeContext,
        pack: (Int, Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) {
        // As many pairs of depth blocks at once as stay in cache beside their sums.
        let columns = columnBlocks / 2, depth = depthBlocks / 2, product = depth * run, atOnce = max(1, 8192 / run)
        let workers = context.workers, kernels = context.kernels
        var weights = Tensor(uninitialized: [columns, StrassenOperand.products, product], in: context.workspace)
        var blocks = Tensor(uninitialized: [workers.count, 4 * atOnce * run], in: context.workspace)
        let target = weights.mutablePointer, block = blocks.mutablePointer
        workers.run { thread in
            let even = block + thread * 4 * atOnce * run, odd = even + 2 * atOnce * run
            for column in workers.share(of: columns, thread: thread) {
                for first in stride(from: 0, to: depth, by: atOnce) {
                    let pairs = first..<min(first + atOnce, depth), blocks = 2 * first..<2 * pairs.upperBound
                    pack(2 * column, blocks, even)
                    pack(2 * column + 1, blocks, odd)
                    for pair in pairs {
                        let b11 = even + 2 * (pair - first) * run, b12 = odd + 2 * (pair - first) * run
                        let p = target + column * StrassenOperand.products * product + pair * run
                        p.update(from: b11, count: run)
                        (p + product).update(from: b11 + run, count: run)
                        (p + 2 * product).update(from: b12 + run, count: run)
                        kernels.strassen_right(b11, b12, b11 + run, b12 + run, run, p + 3 * product, product)
                    }
                }
            }
        }
        withExtendedLifetime(blocks) {}
        self.weights = weights
        self.product = product
    }

    /// Where the right factor of p(number + 1) for a pair of column blocks begins: b11, b21, b22, then t1, t2, t3, t4.
    @inline(__always)
    static func factor(
        _ weights: UnsafePointer<Float>, pair: Int, number: Int, product: Int
    ) -> UnsafePointer<Float> {
        weights + (pair * StrassenOperand.products + (number < 3 ? number : number == 3 ? 6 : number - 1)) * product
    }
}
