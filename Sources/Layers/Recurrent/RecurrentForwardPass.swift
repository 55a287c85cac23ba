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
    let lanes: Int
    /// D
    let depth: Int
    let x: UnsafePointer<Float>?
    let inputPanels: UnsafePointer<Float>
    let recurrentPanels: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
    let h0: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    /// h before each step as the weight gradient reads it, nil where none will follow.
    let grouped: UnsafeMutablePointer<Float>?
    let gates: UnsafeMutablePointer<Float>?
    let cells: UnsafeMutablePointer<Float>
    let cellTanh: UnsafeMutablePointer<Float>?
    let cellSlots: Int

    private var groupedSequence: GroupedSequence {
        GroupedSequence(steps: steps, lanes: lanes, columns: layout.hidden)
    }

    static let panelGroup = 4
    static let depthBlock = 512

    func run(ids: UnsafePointer<Int32>?, in context: ComputeContext) {
        let workers = context.workers, split = RecurrentSplit(layout: layout, lanes: lanes, threads: workers.count)
        let scratchSize = Self.panelGroup * lanes * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: context.workspace)
        let block = scratch.mutablePointer
        // The pointer alone would let the buffer go back to the workspace, and to another tensor, now.
        defer { withExtendedLifetime(scratch) {} }
        let multiplyAdds = steps * lanes * layout.hidden * layout.kind.gates * (layout.hidden + (x == nil ? 0 : depth))
        if workers.count == 1 || multiplyAdds < 100_000 {
            for step in 0..<steps { advance(step, ids: ids, rows: 0..<lanes, panels: 0..<layout.count, block) }
            return
        }
        switch split {
        case .lanes:
            workers.run { thread in
                let rows = workers.share(of: lanes, thread: thread)
                if rows.isEmpty { return }
                for step in 0..<steps {
                    advance(step, ids: ids, rows: rows, panels: 0..<layout.count, block + thread * scratchSize)
                }
            }
        case .units:
            workers.run { thread in
                let panels = workers.share(of: layout.count, thread: thread)
                for step in 0..<steps {
                    advance(step, ids: ids, rows: 0..<lanes, panels: panels, block + thread * scratchSize)
                    workers.barrier()
                }
            }
        }
    }

    private func advance(
        _ step: Int, ids: UnsafePointer<Int32>?, rows: Range<Int>, panels: Range<Int>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let hidden = layout.hidden, width = layout.width, n = rows.count
        let before = step == 0 ? h0 : UnsafePointer(y + (step - 1) * lanes * hidden)
        for first in stride(from: panels.lowerBound, to: panels.upperBound, by: Self.panelGroup) {
            let group = first..<min(first + Self.panelGroup, panels.upperBound)
            for panel in group {
                kernels.start_accumulators(
                    scratch + (panel - first) * n * 64, n, bias + panel * 64,
                    ids == nil ? nil : inputPanels + panel * depth * width, width, width,
                    ids.map { $0 + step * lanes + rows.lowerBound })
            }
            if let x {
                product(
                    x + (step * lanes + rows.lowerBound) * depth, depth: depth, weights: inputPanels, group, n,
                    scratch, offset: 0, next: recurrentPanels + first * hidden * width)
            }
            let following = group.upperBound < panels.upperBound ? group.upperBound : panels.lowerBound
            product(
                before + rows.lowerBound * hidden, depth: hidden, weights: recurrentPanels, group, n, scratch,
                offset: layout.hiddenOffset,
                next: x == nil ? recurrentPanels + following * hidden * width : inputPanels + following * depth * width)
            for panel in group {
                cell(step, panel, rows, before, scratch + (panel - first) * n * 64)
            }
        }
    }

    /// scratch += a W for a group of panels; blocks of 512 of the depth outermost, so that those columns of `a`
    /// stay in cache for all panels of the group.
    private func product(
        _ a: UnsafePointer<Float>, depth: Int, weights: UnsafePointer<Float>, _ group: Range<Int>, _ n: Int,
        _ scratch: UnsafeMutablePointer<Float>, offset: Int, next: UnsafePointer<Float>
    ) {
        let width = layout.width
        var p = CKPanelProduct()
        p.a_row = depth
        p.a_k = 1
        p.b_k = width
        p.c_row = 64
        p.groups = 1
        p.rows = n
        p.columns = width
        p.start_row = 64
        for k in stride(from: 0, to: depth, by: Self.depthBlock) {
            p.a = a + k
            p.inner = min(Self.depthBlock, depth - k)
            for panel in group {
                p.b = weights + (panel * depth + k) * width
                p.c = scratch + (panel - group.lowerBound) * n * 64 + offset
                p.start = UnsafePointer(p.c)
                p.prefetchPanel(
                    panel + 1 < group.upperBound
                        ? p.b + depth * width
                        : k + Self.depthBlock < depth
                            ? weights + (group.lowerBound * depth + k + Self.depthBlock) * width : next)
                kernels.panel_product(&p)
            }
        }
    }

    private func cell(
        _ step: Int, _ panel: Int, _ rows: Range<Int>, _ before: UnsafePointer<Float>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let hidden = layout.hidden, n = rows.count, first = rows.lowerBound, units = layout.units(panel)
        let h = y + (step * lanes + first) * hidden + panel * layout.unitsPerPanel
        let grouped = step + 1 < steps ? place(panel, step: step + 1, lane: first) : nil
        let gates = gates.map { $0 + ((step * layout.count + panel) * lanes + first) * 64 }
        switch layout.kind {
        case .lstm:
            let slot = layout.count * lanes * 16, place = (panel * lanes + first) * 16
            kernels.lstm_forward(
                scratch, n, cells + step % cellSlots * slot + place, gates,
                cells + (step + 1) % cellSlots * slot + place,
                cellTanh.map { $0 + step * slot + place }, h, hidden, units, grouped)
        case .gru:
            kernels.gru_forward(scratch, n, before + first * hidden + panel * 16, hidden, gates, h, hidden, units, grouped)
        case .rnn:
            kernels.tanh_forward(scratch, n, h, hidden, units, grouped, groupedSequence.groupStride)
        }
    }

    /// Where the hidden states of a panel go that a step starts from.
    private func place(_ panel: Int, step: Int, lane: Int) -> UnsafeMutablePointer<Float>? {
        grouped.map {
            $0 + groupedSequence.offset(step: step, lane: lane)
                + panel * (layout.unitsPerPanel / 16) * groupedSequence.groupStride
        }
    }
}

/// Which dimension of a recurrent window the threads share. Both give the same bits.
///
/// Splitting lanes needs no barrier between steps, but every thread streams all weights; splitting units halves
/// the stream and waits for the others at every step. Lanes pay off while each thread has tiles to fill (24 rows
/// are four tiles) and the weights fit its own cache.
enum RecurrentSplit {
    case lanes, units

    init(layout: PanelLayout, lanes: Int, threads: Int) {
        self = lanes / threads >= 24 && layout.hidden <= 256 || layout.count < threads ? .lanes : .units
    }
}
