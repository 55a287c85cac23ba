import Autodiff
import CKernels
import Kernels
import TensorCore

/// Back-propagation through time over one window, the counterpart of ``RecurrentForwardPass``.
///
/// Three parts: steps in reverse, where gates are overwritten by their gradients (one product of dgates(t + 1) with
/// W_hh^T a step); the input gradient, one large product; the weight gradients, for each panel one sum over all
/// (t, n) in increasing order, so that no bit depends on how panels are shared out.
struct RecurrentBackwardPass {
    let operation: RecurrentWindow
    let saved: RecurrentWindow.Saved
    /// Gradients by y, h and c of the outputs, nil where unused.
    let dy, dh, dc: Tensor?
    let wanted: [Bool]
    let context: ComputeContext

    private var layout: PanelLayout { operation.layout }
    private var lanes: Int { operation.lanes }
    private var steps: Int { operation.steps }

    func run() -> [Tensor?] {
        let inputs = saved.inputs, kind = layout.kind, workspace = context.workspace
        let hasSequence = inputs.x != nil, first = hasSequence ? 1 : 0
        let stateIndex = first + 3 + (kind.hasHiddenBias ? 1 : 0)
        // The saved gates are this operation's alone and die with the tape: they are written over where they lie.
        let gates = saved.gates
        var carried = Tensor(zeros: [layout.count, lanes, 16], in: workspace)
        // Only its pointer is used below: without this its buffer could be handed out again as the scratch block.
        defer { withExtendedLifetime(carried) {} }
        if let dc { RecurrentWindow.pack(dc, into: &carried, panels: layout.count) }
        let dgates = UnsafeMutablePointer(mutating: gates.pointer)

        let recurrentT = RecurrentPacks.transposed(layout, inputs.weightHH, isInput: false, in: context)
        var dh0 = Tensor(uninitialized: wanted[stateIndex] ? inputs.h0.shape : [0], in: workspace)
        let stepsBack = RecurrentReversal(
            kernels: context.kernels, layout: layout, steps: steps, lanes: lanes, gates: dgates, y: saved.y.pointer,
            h0: inputs.h0.pointer, cells: saved.cells.pointer, cellTanh: saved.cellTanh.pointer,
            carried: carried.mutablePointer, recurrentT: recurrentT.pointer, dy: dy?.pointer, dh: dh?.pointer,
            dh0: wanted[stateIndex] ? dh0.mutablePointer : nil)
        withExtendedLifetime((saved, recurrentT, dy, dh)) { stepsBack.run(in: context) }

        var dx: Tensor?
        if let x = inputs.x, wanted[0] {
            let inputT = RecurrentPacks.transposed(layout, inputs.weightIH, isInput: true, in: context)
            dx = RecurrentInputGradient(
                kernels: context.kernels, layout: layout, steps: steps, lanes: lanes, gates: UnsafePointer(dgates),
                inputT: inputT
            ).compute(shape: x.shape, in: context)
        }
        let weights = RecurrentWeightGradients(
            layout: layout, steps: steps, lanes: lanes, gates: UnsafePointer(dgates), x: inputs.x, ids: operation.ids,
            grouped: saved.grouped, depth: inputs.weightIH.shape.columns
        ).compute(in: context)

        return withExtendedLifetime(gates) {
            var result: [Tensor?] = hasSequence ? [dx] : []
            result += [weights.weightIH, weights.weightHH, weights.biasIH]
            if kind.hasHiddenBias { result.append(weights.biasHH) }
            result.append(wanted[stateIndex] ? dh0 : nil)
            if kind.hasCellState {
                result.append(
                    !wanted[stateIndex + 1]
                        ? nil
                        : RecurrentWindow.unpack(
                            carried, slot: 0, lanes: lanes, hidden: layout.hidden, panels: layout.count))
            }
            return result
        }
    }
}

/// The steps of a window in reverse, on plain pointers.
private struct RecurrentReversal {
    let kernels: CKKernels
    let layout: PanelLayout
    let steps: Int
    let lanes: Int
    let gates: UnsafeMutablePointer<Float>
    let y: UnsafePointer<Float>
    let h0: UnsafePointer<Float>
    let cells: UnsafePointer<Float>
    let cellTanh: UnsafePointer<Float>
    /// dc for LSTM, z dh for GRU: what reaches the step before without a product. [panel][N][16]
    let carried: UnsafeMutablePointer<Float>
    let recurrentT: UnsafePointer<Float>
    let dy: UnsafePointer<Float>?
    let dh: UnsafePointer<Float>?
    let dh0: UnsafeMutablePointer<Float>?

    static let columnGroup = 8

    func run(in context: ComputeContext) {
        let workers = context.workers, scratchSize = Self.columnGroup * lanes * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: context.workspace)
        let block = scratch.mutablePointer
        defer { withExtendedLifetime(scratch) {} }
        // One step before the first, if the gradient of h0 is wanted.
        let last = dh0 == nil ? 0 : -1
        let split = RecurrentSplit(layout: layout, lanes: lanes, threads: workers.count)
        if split == .lanes || layout.columnPanels < workers.count {
            workers.run { thread in
                let rows = workers.share(of: lanes, thread: thread)
                if rows.isEmpty { return }
                for step in stride(from: steps - 1, through: last, by: -1) {
                    retreat(step, rows: rows, columns: 0..<layout.columnPanels, block + thread * scratchSize)
                }
            }
        } else {
            workers.run { thread in
                let columns = workers.share(of: layout.columnPanels, thread: thread)
                for step in stride(from: steps - 1, through: last, by: -1) {
                    retreat(step, rows: 0..<lanes, columns: columns, block + thread * scratchSize)
                    workers.barrier()
                }
            }
        }
    }

    /// dh(t) = dy(t) + dgates(t + 1) W_hh, then the cell backwards. Step -1 stops at dh.
    private func retreat(
        _ step: Int, rows: Range<Int>, columns: Range<Int>, _ scratch: UnsafeMutablePointer<Float>
    ) {
        let n = rows.count
        for first in stride(from: columns.lowerBound, to: columns.upperBound, by: Self.columnGroup) {
            let group = first..<min(first + Self.columnGroup, columns.upperBound)
            if step == steps - 1 {
                for q in group { start(step, q, rows, scratch + (q - first) * n * 64) }
            } else {
                product(step + 1, group, rows, scratch)
            }
            for q in group {
                let dh = scratch + (q - first) * n * 64
                if step < 0 { finish(q, rows, dh) } else { cells(step, q, rows, dh) }
            }
        }
    }

    /// What arrives from above, where no product follows or its columns end within a panel; past H it is zero.
    private func start(_ step: Int, _ q: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) {
        let hidden = layout.hidden, used = min(64, hidden - q * 64)
        for row in rows {
            let target = scratch + (row - rows.lowerBound) * 64
            if step >= 0, let dy {
                target.update(from: dy + (step * lanes + row) * hidden + q * 64, count: used)
                if used < 64 { (target + used).update(repeating: 0, count: 64 - used) }
            } else {
                target.update(repeating: 0, count: 64)
            }
            if step == steps - 1, let dh {
                for j in 0..<used { target[j] += dh[row * hidden + q * 64 + j] }
            }
        }
    }

    /// Where the sums of dgates(step) W_hh start: at the gradient from above of the step before, read where it lies if
    /// that has all 64 columns.
    private func sumStart(
        _ step: Int, _ q: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>
    ) -> (UnsafePointer<Float>?, row: Int) {
        guard step > 0, let dy else { return (nil, 0) }
        if q * 64 + 64 <= layout.hidden {
            return (dy + ((step - 1) * lanes + rows.lowerBound) * layout.hidden + q * 64, layout.hidden)
        }
        start(step - 1, q, rows, scratch)
        return (UnsafePointer(scratch), 64)
    }

    private func product(_ step: Int, _ group: Range<Int>, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) {
        let width = layout.width, n = rows.count, panelsPerBlock = max(1, 512 / width)
        let a = UnsafePointer(gates) + (step * layout.count * lanes + rows.lowerBound) * 64 + layout.hiddenOffset
        var p = CKPanelProduct()
        p.a_row = 64
        p.a_k = 1
        p.a_group = lanes * 64
        p.b_k = 64
        p.b_group = width * 64
        p.c_row = 64
        p.inner = width
        p.rows = n
        p.columns = 64
        for panel in stride(from: 0, to: layout.count, by: panelsPerBlock) {
            p.a = a + panel * lanes * 64
            p.groups = min(panelsPerBlock, layout.count - panel)
            let nextPanel = panel + panelsPerBlock < layout.count ? panel + panelsPerBlock : 0
            for q in group {
                let isLast = q + 1 == group.upperBound
                p.b = weights(q, panel)
                p.c = scratch + (q - group.lowerBound) * n * 64
                (p.start, p.start_row) = panel == 0 ? sumStart(step, q, rows, p.c) : (UnsafePointer(p.c), 64)
                p.prefetchPanel(isLast ? weights(group.lowerBound, nextPanel) : weights(q + 1, panel))
                kernels.panel_product(&p)
            }
        }
    }

    /// Rows of W_hh^T for 64 columns, from a panel on.
    private func weights(_ q: Int, _ panel: Int) -> UnsafePointer<Float> {
        recurrentT + (q * layout.count + panel) * layout.width * 64
    }

    private func cells(_ step: Int, _ q: Int, _ rows: Range<Int>, _ dh: UnsafeMutablePointer<Float>) {
        let hidden = layout.hidden, n = rows.count, row = rows.lowerBound, perColumn = 64 / layout.unitsPerPanel
        let before = step == 0 ? h0 : y + (step - 1) * lanes * hidden
        for panel in q * perColumn..<min((q + 1) * perColumn, layout.count) {
            let place = panel * lanes + row, slot = layout.count * lanes
            let gate = gates + (step * slot + place) * 64, columns = dh + (panel - q * perColumn) * 16
            switch layout.kind {
            case .lstm:
                kernels.lstm_backward(
                    columns, n, gate, cells + (step * slot + place) * 16, cellTanh + (step * slot + place) * 16,
                    carried + place * 16)
            case .gru:
                kernels.gru_backward(
                    columns, n, gate, before + row * hidden + panel * 16, hidden, carried + place * 16,
                    layout.units(panel))
            case .rnn:
                kernels.tanh_backward(
                    columns, n, y + (step * lanes + row) * hidden + panel * 64, hidden, gate, layout.units(panel))
            }
        }
    }

    /// dh0: what the first step's gates send back, and for GRU what skips them.
    private func finish(_ q: Int, _ rows: Range<Int>, _ dh: UnsafeMutablePointer<Float>) {
        guard let dh0 else { return }
        let hidden = layout.hidden
        for row in rows {
            for j in 0..<min(64, hidden - q * 64) {
                var value = dh[(row - rows.lowerBound) * 64 + j]
                if layout.kind == .gru {
                    value += carried[((q * 4 + j / 16) * lanes + row) * 16 + j % 16]
                }
                dh0[row * hidden + q * 64 + j] = value
            }
        }
    }
}
