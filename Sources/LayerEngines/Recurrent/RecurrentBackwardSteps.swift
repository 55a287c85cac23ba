import CKernels
import Kernels
import TensorCore

/// The steps of a window from the last to the first, on plain pointers: the backward counterpart of
/// ``RecurrentForwardPass``.
struct RecurrentBackwardSteps {
    let kernels: CKKernels
    let layout: PanelLayout
    let steps: Int
    let batch: Int
    let precision: ProductPrecision
    let gates: UnsafeMutablePointer<Float>
    /// In half precision [2][P, N, 32]: the gradients of the gates in pairs, of the even steps and of the odd ones.
    let gatePairs: UnsafeMutablePointer<Float>
    /// [T, G, N, 16]
    let y: UnsafePointer<Float>
    /// [G, N, 16]
    let h0: UnsafePointer<Float>
    /// [T + 1, G, N, 16]
    let cells: UnsafePointer<Float>
    /// dc for LSTM, z dh for GRU: what reaches the step before without a product. [G, N, 16]
    let carried: UnsafeMutablePointer<Float>
    /// W_hh and, if the input's gradient is wanted, W_ih, transposed and packed: [64 columns][panel, k][64], in half
    /// precision in pairs of k. Nil where Strassen's algorithm makes all products, from packs of its own.
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
                for q in group { putFromAbove(step, q, rows, scratch + (q - first) * n * 64) }
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

    /// Puts what reaches a step's h from above (dy and, at the last step, dh) into the scratch block, zeros past H: where no
    /// product follows, or the columns end within a panel.
    func putFromAbove(_ step: Int, _ q: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) {
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

    /// Where the sums of dgates(step) W_hh start: at the gradient that reaches the step before from above, read where it
    /// lies if it has all 64 columns, else copied to where the sums go.
    private func startOfSums(
        _ step: Int, _ q: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>
    ) -> PanelProduct.Start {
        guard step > 0, let dy else { return .zero }
        guard groups(q).count == 4 else {
            putFromAbove(step - 1, q, rows, scratch)
            return .result
        }
        return .values(
            dy + (((step - 1) * layout.groups + q * 4) * batch + rows.lowerBound) * 16,
            .init(row: 16, vector: batch * 16))
    }

    /// dgates(step) W_hh into the scratch block, on top of what arrives from above, and dgates(step) W_ih into dx. Blocks
    /// of some 512 places of the depth outermost, so that those gates stay in cache for all columns. Panels that do not begin
    /// with the first are added to what is there.
    func product(
        _ step: Int, _ rows: Range<Int>, _ columns: Columns, panels: Range<Int>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let width = layout.width / precision.numbersPerPlace, row = 64 / precision.numbersPerPlace
        let n = rows.count, panelsPerBlock = max(1, 512 / width)
        guard let recurrentT else { fatalError("no transposed weights for an ordinary product") }
        let operand = precision == .single ? gates : gatePairs, slot = precision == .single ? step : step % 2
        let a = UnsafePointer(operand) + (slot * layout.count * batch + rows.lowerBound) * row
        let left = PanelProduct.Left(row: row, k: 1, group: batch * row)
        let right = PanelProduct.Right(k: 64, group: width * 64)
        var hiddenProduct = PanelProduct(kernels, in: precision, left: left, right: right, result: .init(row: 64))
        var inputProduct = PanelProduct(
            kernels, in: precision, left: left, right: right, result: .init(row: 16, vector: batch * 16))
        for panel in stride(from: panels.lowerBound, to: panels.upperBound, by: panelsPerBlock) {
            let count = min(panelsPerBlock, panels.upperBound - panel), a = a + panel * batch * row
            let nextPanel = panel + panelsPerBlock < panels.upperBound ? panel + panelsPerBlock : 0
            for q in columns.hidden {
                let c = scratch + (q - columns.hidden.lowerBound) * n * 64
                let following =
                    q + 1 < columns.hidden.upperBound
                    ? weights(recurrentT, q + 1, panel)
                    : inputT.flatMap { columns.input.isEmpty ? nil : weights($0, columns.input.lowerBound, panel) }
                hiddenProduct.multiply(
                    a + layout.hiddenOffset / precision.numbersPerPlace, weights(recurrentT, q, panel), into: c,
                    from: panel == 0 ? startOfSums(step, q, rows, c) : .result, groups: count, inner: width, rows: n,
                    columns: groups(q).count * 16,
                    ahead: .panel(following ?? weights(recurrentT, columns.hidden.lowerBound, nextPanel)))
            }
            guard let inputT, let dx else { continue }
            for q in columns.input {
                let following =
                    q + 1 < columns.input.upperBound
                    ? weights(inputT, q + 1, panel) : weights(recurrentT, columns.hidden.lowerBound, nextPanel)
                inputProduct.multiply(
                    a, weights(inputT, q, panel),
                    into: dx + ((step * inputGroups + q * 4) * batch + rows.lowerBound) * 16,
                    from: panel == 0 ? .zero : .result, groups: count, inner: width, rows: n,
                    columns: min(64, (inputGroups - q * 4) * 16), ahead: .panel(following))
            }
        }
    }

    /// Transposed weights for 64 columns, from a panel on.
    private func weights(_ transposed: UnsafePointer<Float>, _ q: Int, _ panel: Int) -> UnsafePointer<Float> {
        transposed + (q * layout.count + panel) * layout.width / precision.numbersPerPlace * 64
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
            if precision != .single {
                let pairs = gatePairs + ((step % 2 * layout.count + panel) * batch + row) * 32
                kernels.pair_neighbors(gate, n * 64, pairs)
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
