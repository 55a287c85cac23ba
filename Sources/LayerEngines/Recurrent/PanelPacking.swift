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
    /// Floats of a panel of the forward pass.
    var panelSize: Int { groups * 16 * layout.width }
    /// Panels of 64 columns for the backward pass, and the floats of one.
    var columnPanelCount: Int { (columns + 63) / 64 }
    var columnPanelSize: Int { layout.count * layout.width * 64 }

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

    /// All panels for the forward pass.
    /// - Parameter isKept: whether they serve until a parameter changes, and not only one window.
    func panels(isKept: Bool, in context: ComputeContext) -> Tensor {
        packed(count: layout.count, size: panelSize, isKept: isKept, in: context) {
            pack(panel: $0, groups: 0..<groups, into: $1)
        }
    }

    /// All panels of 64 columns for the backward pass.
    func columnPanels(in context: ComputeContext) -> Tensor {
        packed(count: columnPanelCount, size: columnPanelSize, isKept: false, in: context) {
            pack(columnPanel: $0, panels: 0..<layout.count, into: $1)
        }
    }

    private func packed(
        count: Int, size: Int, isKept: Bool, in context: ComputeContext,
        _ pack: (Int, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
        var result = Tensor(uninitialized: [count, size], in: context.workspace, isKept: isKept)
        let target = result.mutablePointer, workers = context.workers
        workers.run { thread in
            for panel in workers.share(of: count, thread: thread) { pack(panel, target + panel * size) }
        }
        return result
    }
}
