import CKernels
import Kernels
import TensorCore

/// One weight of a recurrent layer, W_ih [gates H, D] or W_hh [gates H, H], copied into the order that products read, a
/// panel at a time. Holds a pointer: the weight must outlive it.
struct PanelPacking {
    let kernels: CKKernels
    let layout: PanelLayout
    let isInput: Bool
    let weight: UnsafePointer<Float>
    /// D or H
    let columns: Int

    init(_ layout: PanelLayout, _ weight: Tensor, isInput: Bool, in context: ComputeContext) {
        kernels = context.kernels
        self.layout = layout
        self.isInput = isInput
        self.weight = weight.pointer
        columns = weight.shape.columns
    }

    /// Groups of 16 columns.
    var groups: Int { GroupedSequence.groups(of: columns) }
    /// Panels of 64 columns for the backward pass.
    var columnPanelCount: Int { (columns + 63) / 64 }

    private func rows(_ panel: Int, _ block: Int) -> (first: Int, count: Int) {
        isInput ? layout.inputRows(panel, block) : layout.hiddenRows(panel, block)
    }

    /// Some groups of a panel for the forward pass: [group, 16][width], past the last column zeros.
    func pack(panel: Int, groups: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        let width = layout.width, start = groups.lowerBound * 16, used = min(columns - start, groups.count * 16)
        (target + used * width).update(repeating: 0, count: (groups.count * 16 - used) * width)
        for block in 0..<layout.blocks {
            let (first, count) = rows(panel, block), place = target + block * 16
            if count < 16 {
                for k in 0..<used { (place + k * width).update(repeating: 0, count: 16) }
            }
            kernels.transpose(weight + first * columns + start, columns, count, used, place, width)
        }
    }

    /// 64 columns of some panels for the backward pass: [panel, k][64], where row (panel, block, j) belongs to one row of
    /// the weight.
    func pack(columnPanel q: Int, panels: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        let used = min(64, columns - q * 64)
        for panel in panels {
            for block in 0..<layout.blocks {
                let (first, count) = rows(panel, block)
                for j in 0..<16 {
                    let row = target + ((panel - panels.lowerBound) * layout.width + block * 16 + j) * 64
                    if j < count { row.update(from: weight + (first + j) * columns + q * 64, count: used) }
                    let filled = j < count ? used : 0
                    if filled < 64 { (row + filled).update(repeating: 0, count: 64 - filled) }
                }
            }
        }
    }

    /// All panels for the forward pass: numbers, or pairs of them.
    /// - Parameter isKept: whether they serve until a parameter changes, and not only one window.
    func panels(_ precision: ProductPrecision, isKept: Bool, in context: ComputeContext) -> Tensor {
        packed(
            count: layout.count, blocks: groups, of: 16, width: layout.width, precision, isKept: isKept, in: context
        ) {
            pack(panel: $0, groups: $1, into: $2)
        }
    }

    /// All panels of 64 columns for the backward pass.
    func columnPanels(_ precision: ProductPrecision, in context: ComputeContext) -> Tensor {
        packed(
            count: columnPanelCount, blocks: layout.count, of: layout.width, width: 64, precision, isKept: false,
            in: context
        ) {
            pack(columnPanel: $0, panels: $1, into: $2)
        }
    }

    /// - Parameters:
    ///   - blocks: of `rows` rows of `width` that a panel has.
    ///   - pack: writes some blocks of a panel.
    private func packed(
        count: Int, blocks: Int, of rows: Int, width: Int, _ precision: ProductPrecision, isKept: Bool,
        in context: ComputeContext, _ pack: (Int, Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
        // Rounded while it is in the first-level cache.
        let atOnce = max(1, 4096 / (rows * width)), chunk = precision == .single ? 0 : atOnce * rows * width
        let block = rows * width / precision.numbersPerPlace, workers = context.workers, kernels = kernels
        var result = Tensor(uninitialized: [count, blocks * block], in: context.workspace, isKept: isKept)
        var scratch = Tensor(uninitialized: [workers.count, chunk], in: context.workspace)
        let target = result.mutablePointer, chunks = scratch.mutablePointer
        workers.run { thread in
            for panel in workers.share(of: count, thread: thread) {
                let panelTarget = target + panel * blocks * block
                guard precision != .single else {
                    pack(panel, 0..<blocks, panelTarget)
                    continue
                }
                for first in stride(from: 0, to: blocks, by: atOnce) {
                    let some = first..<min(first + atOnce, blocks)
                    pack(panel, some, chunks + thread * chunk)
                    kernels.pair_rows(
                        chunks + thread * chunk, width, some.count * rows, width, panelTarget + first * block, width)
                }
            }
        }
        withExtendedLifetime(scratch) {}
        return result
    }
}
