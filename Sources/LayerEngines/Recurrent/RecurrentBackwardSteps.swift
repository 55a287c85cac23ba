import CKernels
import Kernels
import TensorCore

/// The steps of a window in reverse, on plain pointers.
struct RecurrentBackwardSteps {
    let kernels: CKKernels
    let layout: PanelLayout
    let steps: Int
    let batch: Int
    let gates: UnsafeMutablePointer<Float>
    /// [T, G, N, 16]
    let y: UnsafePointer<Float>
    /// [G, N, 16]
    let h0: UnsafePointer<Float>
    /// [T + 1, G, N, 16]
    let cells: UnsafePointer<Float>
    /// dc for LSTM, z dh for GRU: what reaches the step before without a product. [G, N, 16]
    let carried: UnsafeMutablePointer<Float>
    /// [64 columns][panel, k][64] of W_hh and, if the input's gradient is wanted, W_ih; nil where products with them are
    /// made elsewhere.
    let recurrentT: UnsafePointer<Float>?
    let inputT: UnsafePointer<Float>?
    /// Groups of 16 inputs; 0 without gradient.
    let inputGroups: Int
    /// [T, input groups, N, 16]
    let dx: UnsafeMutablePointer<Float>?
    /// [T, G, N, 16]
    let dy: UnsafePointer<Float>?
    /// [N, H]
    let dh: UnsafePointer<Float>?
    let dh0: UnsafeMutablePointer<Float>?

    static let columnGroup = 8

    func run(in context: ComputeContext) {
        let workers = context.workers, scratchSize = Self.columnGroup * batch * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: context.workspace)
        let block = scratch.mutablePointer
        defer { withExtendedLifetime(scratch) {} }
        // One step before the first, if the gradient of h0 is wanted.
        let last = dh0 == nil ? 0 : -1, inputPanels = (inputGroups + 3) / 4
        let split = RecurrentSplit(layout: layout, batch: batch, parts: layout.columnPanels, workers: workers)
        workers.run { thread in
            let rows = split.rows(batch, thread: thread)
            if rows.isEmpty { return }
            let columns = Columns(
                hidden: split.parts(layout.columnPanels, thread: thread),
                input: split.parts(inputPanels, thread: thread))
            let scratch = block + thread * scratchSize
            for step in stride(from: steps - 1, through: last, by: -1) {
                stepBack(step, rows, columns, scratch)
                split.barrier()
            }
            if last == 0 {
                product(
                    0, rows, Columns(hidden: 0..<0, input: columns.input), panels: 0..<layout.count, scratch)
            }
        }
    }

    /// Panels of 64 hidden units and of 64 inputs.
    struct Columns {
        let hidden, input: Range<Int>
    }

    /// dh(t) = dy(t) + dgates(t + 1) W_hh, then the cell backwards; beside it dx(t + 1). Step -1 stops at dh.
    func stepBack(
        _ step: Int, _ rows: Range<Int>, _ columns: Columns, _ scratch: UnsafeMutablePointer<Float>
    ) {
        let n = rows.count, hidden = columns.hidden
        for first in stride(from: hidden.lowerBound, to: hidden.upperBound, by: Self.columnGroup) {
            let group = first..<min(first + Self.columnGroup, hidden.upperBound)
            if step == steps - 1 {
                for q in group { start(step, q, rows, scratch + (q - first) * n * 64) }
            } else {
                let input = first == hidden.lowerBound ? columns.input : 0..<0
                product(step + 1, rows, Columns(hidden: group, input: input), panels: 0..<layout.count, scratch)
            }
            for q in group { end(step, q, rows, scratch + (q - first) * n * 64) }
        }
    }

    /// What follows dh: the cell backwards, or before step 0 the gradient of h0.
    func end(_ step: Int, _ q: Int, _ rows: Range<Int>, _ dh: UnsafeMutablePointer<Float>) {
        if step < 0 { finish(q, rows, dh) } else { cells(step, q, rows, dh) }
    }

    /// The groups of 16 units behind 64 columns.
    private func groups(_ q: Int) -> Range<Int> { q * 4..<min(q * 4 + 4, layout.groups) }

    /// What arrives from above, where no product follows or its columns end within a panel; zero past H.
    func start(_ step: Int, _ q: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) {
        let hidden = layout.hidden, size = layout.groups * batch * 16
        for row in rows {
            let target = scratch + (row - rows.lowerBound) * 64
            target.update(repeating: 0, count: 64)
            if step >= 0, let dy {
                for (place, group) in groups(q).enumerated() {
                    UnsafeMutableRawPointer(target + place * 16).copyMemory(
                        from: dy + step * size + (group * batch + row) * 16, byteCount: 64)
                }
            }
            if step == steps - 1, let dh {
                for j in 0..<min(64, hidden - q * 64) { target[j] += dh[row * hidden + q * 64 + j] }
            }
        }
    }

    /// Where the sums of dgates(step) W_hh start: at the gradient from above of the step before, read where it lies if
    /// that has all 64 columns.
    private func start(
        _ p: inout CKPanelProduct, _ step: Int, _ q: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>
    ) {
        guard step > 0, let dy else { return p.start = nil }
        if groups(q).count == 4 {
            p.start = dy + (((step - 1) * layout.groups + q * 4) * batch + rows.lowerBound) * 16
            (p.start_row, p.start_vector) = (16, batch * 16)
        } else {
            start(step - 1, q, rows, scratch)
            goOn(&p)
        }
    }

    private func goOn(_ p: inout CKPanelProduct) {
        p.start = UnsafePointer(p.c)
        (p.start_row, p.start_vector) = (64, 16)
    }

    /// dgates(step) W_hh into the scratch block, on top of what arrives from above, and dgates(step) W_ih into dx. Blocks
    /// of some 512 of the depth outermost, so that those gates stay in cache for all columns. Panels that do not begin
    /// with the first are added to what is there.
    func product(
        _ step: Int, _ rows: Range<Int>, _ columns: Columns, panels: Range<Int>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let width = layout.width, n = rows.count, panelsPerBlock = max(1, 512 / width)
        guard let recurrentT else { fatalError("no transposed weights for an ordinary product") }
        let a = UnsafePointer(gates) + (step * layout.count * batch + rows.lowerBound) * 64
        var p = CKPanelProduct()
        (p.a_row, p.a_k, p.a_group) = (64, 1, batch * 64)
        (p.b_k, p.b_group) = (64, width * 64)
        (p.inner, p.rows) = (width, n)
        for panel in stride(from: panels.lowerBound, to: panels.upperBound, by: panelsPerBlock) {
            p.groups = min(panelsPerBlock, panels.upperBound - panel)
            let nextPanel = panel + panelsPerBlock < panels.upperBound ? panel + panelsPerBlock : 0
            p.a = a + panel * batch * 64 + layout.hiddenOffset
            (p.c_row, p.c_vector) = (64, 16)
            for q in columns.hidden {
                p.columns = groups(q).count * 16
                p.b = weights(recurrentT, q, panel)
                p.c = scratch + (q - columns.hidden.lowerBound) * n * 64
                if panel == 0 { start(&p, step, q, rows, p.c) } else { goOn(&p) }
                let following =
                    q + 1 < columns.hidden.upperBound
                    ? weights(recurrentT, q + 1, panel)
                    : inputT.flatMap { columns.input.isEmpty ? nil : weights($0, columns.input.lowerBound, panel) }
                p.prefetchPanel(following ?? weights(recurrentT, columns.hidden.lowerBound, nextPanel))
                kernels.panel_product(&p)
            }
            guard let inputT, let dx else { continue }
            p.a = a + panel * batch * 64
            (p.c_row, p.c_vector, p.start_row, p.start_vector) = (16, batch * 16, 16, batch * 16)
            for q in columns.input {
                p.b = weights(inputT, q, panel)
                p.c = dx + ((step * inputGroups + q * 4) * batch + rows.lowerBound) * 16
                p.columns = min(64, (inputGroups - q * 4) * 16)
                p.start = panel == 0 ? nil : UnsafePointer(p.c)
                p.prefetchPanel(
                    q + 1 < columns.input.upperBound
                        ? weights(inputT, q + 1, panel)
                        : weights(recurrentT, columns.hidden.lowerBound, nextPanel))
                kernels.panel_product(&p)
            }
        }
    }

    /// Transposed weights for 64 columns, from a panel on.
    private func weights(_ transposed: UnsafePointer<Float>, _ q: Int, _ panel: Int) -> UnsafePointer<Float> {
        transposed + (q * layout.count + panel) * layout.width * 64
    }

    private func cells(_ step: Int, _ q: Int, _ rows: Range<Int>, _ dh: UnsafeMutablePointer<Float>) {
        let n = rows.count, row = rows.lowerBound, perColumn = 64 / layout.unitsPerPanel
        let size = layout.groups * batch * 16, before = step == 0 ? h0 : y + (step - 1) * size
        for panel in q * perColumn..<min((q + 1) * perColumn, layout.count) {
            let groups = layout.groups(panel), state = (groups.lowerBound * batch + row) * 16
            let gate = gates + ((step * layout.count + panel) * batch + row) * 64
            let columns = dh + (panel - q * perColumn) * 16
            switch layout.kind {
            case .lstm:
                let c = cells + step * size + state
                kernels.lstm_backward(columns, n, gate, c, c + size, carried + state)
            case .gru:
                kernels.gru_backward(columns, n, gate, before + state, carried + state)
            case .rnn:
                kernels.tanh_backward(columns, n, y + step * size + state, batch * 16, groups.count, gate)
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
                    value += carried[((q * 4 + j / 16) * batch + row) * 16 + j % 16]
                }
                dh0[row * hidden + q * 64 + j] = value
            }
        }
    }
}
