import CKernels
import Kernels
import TensorCore

/// The forward pass of a recurrent window on plain pointers, the only thing allowed inside a parallel region.
///
/// For each step and group of panels: accumulators start at bias (plus a gathered row), the input product and the
/// recurrent product are added to them in a small scratch block, and the cell is a loop over it. The weights of four
/// panels are streamed once per step; while one block is used the next is drawn into the second-level cache.
struct RecurrentForwardPass {
    let kernels: CKKernels
    let layout: PanelLayout
    let steps: Int
    let batch: Int
    /// Groups of 16 inputs.
    let inputGroups: Int
    let precision: ProductPrecision
    /// [T, input groups, N, 16], in half precision pairs, [T, input groups, N, 8].
    let x: UnsafePointer<Float>?
    let inputPanels: UnsafePointer<Float>
    let recurrentPanels: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
    /// [G, N, 16]
    let h0: UnsafePointer<Float>
    /// In half precision [2][G, N, 8]: h in pairs, before the even steps and before the odd ones.
    let hiddenPairs: UnsafeMutablePointer<Float>?
    /// [T, G, N, 16]
    let y: UnsafeMutablePointer<Float>
    let gates: UnsafeMutablePointer<Float>?
    let cells: UnsafeMutablePointer<Float>
    let cellSlots: Int

    static let panelGroup = 4
    /// Groups of 16 columns: 128 KB of a panel of weights.
    private var depthBlock: Int { 32 * precision.numbersPerPlace }
    /// Places that 16 columns take where they are the depth of a product.
    private var depth: Int { 16 / precision.numbersPerPlace }

    func run(ids: UnsafePointer<Int32>?, in context: ComputeContext) {
        let workers = context.workers
        let split = RecurrentSplit(layout: layout, batch: batch, parts: layout.count, workers: workers)
        let scratchSize = Self.panelGroup * batch * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: context.workspace)
        let block = scratch.mutablePointer
        // The pointer alone would let the buffer go back to the workspace, and to another tensor, now.
        defer { withExtendedLifetime(scratch) {} }
        if let hiddenPairs { kernels.pair_neighbors(h0, layout.groups * batch * 16, hiddenPairs) }
        let multiplyAdds =
            steps * batch * layout.hidden * layout.kind.gates * (layout.hidden + (x == nil ? 0 : inputGroups * 16))
        if workers.count == 1 || multiplyAdds < 100_000 {
            for step in 0..<steps { advance(step, ids: ids, rows: 0..<batch, panels: 0..<layout.count, block) }
            return
        }
        workers.run { thread in
            let rows = split.rows(batch, thread: thread), panels = split.parts(layout.count, thread: thread)
            if rows.isEmpty { return }
            for step in 0..<steps {
                advance(step, ids: ids, rows: rows, panels: panels, block + thread * scratchSize)
                split.barrier()
            }
        }
    }

    /// One step for some rows and some panels.
    func advance(
        _ step: Int, ids: UnsafePointer<Int32>?, rows: Range<Int>, panels: Range<Int>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let width = layout.width, n = rows.count, before = before(step), depth = depth
        let operand = hiddenPairs.map { UnsafePointer($0) + step % 2 * layout.groups * batch * depth } ?? before
        let inputPanel = inputGroups * depth * width, recurrentPanel = layout.groups * depth * width
        for first in stride(from: panels.lowerBound, to: panels.upperBound, by: Self.panelGroup) {
            let group = first..<min(first + Self.panelGroup, panels.upperBound)
            for panel in group { start(step, panel, rows, ids: ids, scratch + (panel - first) * n * 64) }
            if let x {
                product(
                    x + (step * inputGroups * batch + rows.lowerBound) * depth, groups: 0..<inputGroups,
                    of: inputGroups, weights: inputPanels, group, n, scratch, offset: 0,
                    next: recurrentPanels + first * recurrentPanel)
            }
            let following = group.upperBound < panels.upperBound ? group.upperBound : panels.lowerBound
            product(
                operand + rows.lowerBound * depth, groups: 0..<layout.groups, of: layout.groups,
                weights: recurrentPanels, group, n, scratch, offset: layout.hiddenOffset,
                next: x == nil ? recurrentPanels + following * recurrentPanel : inputPanels + following * inputPanel)
            for panel in group {
                cell(step, panel, rows, before, scratch + (panel - first) * n * 64)
                pairHidden(after: step, panel, rows)
            }
        }
    }

    /// h after a step, of one panel, as the products of the next read it.
    private func pairHidden(after step: Int, _ panel: Int, _ rows: Range<Int>) {
        guard let hiddenPairs else { return }
        for group in layout.groups(panel) {
            let place = (group * batch + rows.lowerBound) * 16, size = layout.groups * batch * 16
            kernels.pair_neighbors(
                y + step * size + place, rows.count * 16, hiddenPairs + ((step + 1) % 2 * size + place) / 2)
        }
    }

    /// h before a step.
    func before(_ step: Int) -> UnsafePointer<Float> {
        step == 0 ? h0 : UnsafePointer(y + (step - 1) * layout.groups * batch * 16)
    }

    /// The accumulators of a panel begin at the bias, and a gathered row if the input is one-hot.
    func start(
        _ step: Int, _ panel: Int, _ rows: Range<Int>, ids: UnsafePointer<Int32>?,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let width = layout.width
        kernels.start_accumulators(
            scratch, rows.count, bias + panel * 64,
            ids == nil ? nil : inputPanels + panel * inputGroups * 16 * width, width, width,
            ids.map { $0 + step * batch + rows.lowerBound })
    }

    /// The products with the last group of x and of h where they have an odd number of groups.
    func addOddGroups(_ step: Int, _ panel: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) {
        let panels = panel..<panel + 1
        if let x, inputGroups % 2 == 1 {
            product(
                x + (step * inputGroups * batch + rows.lowerBound) * 16, groups: inputGroups - 1..<inputGroups,
                of: inputGroups, weights: inputPanels, panels, rows.count, scratch, offset: 0, next: nil)
        }
        if layout.groups % 2 == 1 {
            product(
                before(step) + rows.lowerBound * 16, groups: layout.groups - 1..<layout.groups, of: layout.groups,
                weights: recurrentPanels, panels, rows.count, scratch, offset: layout.hiddenOffset, next: nil)
        }
    }

    /// scratch += a W for a group of panels; blocks of 512 of the depth outermost, so that those columns of `a`
    /// stay in cache for all panels of the group.
    private func product(
        _ a: UnsafePointer<Float>, groups: Range<Int>, of count: Int, weights: UnsafePointer<Float>,
        _ panels: Range<Int>, _ n: Int, _ scratch: UnsafeMutablePointer<Float>, offset: Int,
        next: UnsafePointer<Float>?
    ) {
        let depth = depth, depthBlock = depthBlock, rowBlock = depth * layout.width, panelSize = count * rowBlock
        var product = PanelProduct(
            kernels, in: precision, left: .init(row: depth, k: 1, group: batch * depth),
            right: .init(k: layout.width, group: rowBlock), result: .init(row: 64))
        for k in stride(from: groups.lowerBound, to: groups.upperBound, by: depthBlock) {
            for panel in panels {
                let b = weights + panel * panelSize + k * rowBlock
                let following =
                    panel + 1 < panels.upperBound
                    ? b + panelSize
                    : k + depthBlock < groups.upperBound
                        ? weights + panels.lowerBound * panelSize + (k + depthBlock) * rowBlock : next
                product.multiply(
                    a + k * batch * depth, b, into: scratch + (panel - panels.lowerBound) * n * 64 + offset,
                    from: .result,
                    groups: min(depthBlock, groups.upperBound - k), inner: depth, rows: n, columns: layout.width,
                    ahead: .panel(following))
            }
        }
    }

    func cell(
        _ step: Int, _ panel: Int, _ rows: Range<Int>, _ before: UnsafePointer<Float>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let n = rows.count, first = rows.lowerBound, groups = layout.groups(panel)
        let state = (groups.lowerBound * batch + first) * 16, h = y + step * layout.groups * batch * 16 + state
        let gates = gates.map { $0 + ((step * layout.count + panel) * batch + first) * 64 }
        switch layout.kind {
        case .lstm:
            let slot = layout.groups * batch * 16
            kernels.lstm_forward(
                scratch, n, cells + step % cellSlots * slot + state, gates,
                cells + (step + 1) % cellSlots * slot + state, h)
        case .gru:
            kernels.gru_forward(scratch, n, before + state, gates, h)
        case .rnn:
            kernels.tanh_forward(scratch, n, h, batch * 16, groups.count)
        }
    }
}
