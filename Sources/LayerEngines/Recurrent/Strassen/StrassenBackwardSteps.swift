import CKernels
import Kernels
import TensorCore

/// The steps of a window from the last to the first by Strassen's algorithm; what is left over, and the cells, by the
/// ordinary ``RecurrentBackwardSteps``.
///
/// The blocks of a step's products: the first and the last half of the rows, panels 2p and 2p + 1 of dgates, and columns
/// 64 q of even and odd q. dgates W_hh and dgates W_ih share their left factors, whose sums a thread makes when it has
/// computed the gates.
struct StrassenBackwardSteps {
    let ordinary: RecurrentBackwardSteps
    let recurrent: StrassenPacks
    let input: StrassenPacks?

    func run(in context: ComputeContext) {
        let workers = context.workers, layout = ordinary.layout, half = ordinary.batch / 2, pairs = layout.count / 2
        // The sums of two steps take turns: those of the next are written while others still read.
        var sums = Tensor(uninitialized: [2, 4, pairs, half * 64], in: context.workspace)
        let scratchSize = max(StrassenSteps.scratchSize(rows: half), RecurrentBackwardSteps.columnGroup * half * 64)
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: context.workspace)
        let block = scratch.mutablePointer, inputPanels = (ordinary.inputGroups + 3) / 4
        let pass = StrassenSteps(
            ordinary: ordinary, recurrent: recurrent.weights.pointer, input: input?.weights.pointer,
            product: recurrent.product, sums: sums.mutablePointer)
        let last = ordinary.dh0 == nil ? 0 : -1
        let split = RecurrentSplit(
            layout: layout, batch: ordinary.batch, parts: layout.columnPanels / 2, workers: workers)
        withExtendedLifetime((recurrent, input, sums, scratch)) {
            workers.run { thread in
                let rows = split.rows(half, thread: thread)
                if rows.isEmpty { return }
                let columns = RecurrentBackwardSteps.Columns(
                    hidden: split.parts(layout.columnPanels, unit: 2, thread: thread),
                    input: split.parts(inputPanels, unit: 2, thread: thread))
                for step in stride(from: ordinary.steps - 1, through: last, by: -1) {
                    pass.stepBack(step, rows, columns, block + thread * scratchSize)
                    split.barrier()
                }
                if last == 0 {
                    pass.multiply(0, rows, hidden: 0..<0, input: columns.input, block + thread * scratchSize)
                }
            }
        }
    }
}

/// The steps, on plain pointers.
private struct StrassenSteps {
    let ordinary: RecurrentBackwardSteps
    let recurrent: UnsafePointer<Float>
    let input: UnsafePointer<Float>?
    /// Floats of the weights of one product.
    let product: Int
    /// Of dgates: two of [4][pairs of panels][N / 2, 64].
    let sums: UnsafeMutablePointer<Float>

    /// Pairs of 64 columns whose products are made together, so that what is on their left stays in cache.
    private static let pairsAtOnce = 4

    private var kernels: CKKernels { ordinary.kernels }
    private var layout: PanelLayout { ordinary.layout }
    private var batch: Int { ordinary.batch }
    private var half: Int { batch / 2 }
    private var sumsStep: Int { 4 * (layout.count / 2) * half * 64 }

    static func scratchSize(rows: Int) -> Int { pairsAtOnce * (4 + StrassenOperand.products) * rows * 64 }

    /// dh of a step for some pairs of rows and some columns, from an even q on, then the cell backwards; beside it dx of
    /// the step after.
    func stepBack(
        _ step: Int, _ rows: Range<Int>, _ columns: RecurrentBackwardSteps.Columns,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let size = rows.count * 64, last = rows.lowerBound + half..<rows.upperBound + half
        let hidden = columns.hidden, pairs = hidden.lowerBound / 2..<min(hidden.upperBound / 2, layout.groups / 8)
        let isFirst = step == ordinary.steps - 1
        for first in stride(from: pairs.lowerBound, to: pairs.upperBound, by: Self.pairsAtOnce / 2) {
            let block = first..<min(first + Self.pairsAtOnce / 2, pairs.upperBound)
            for pair in block {
                // c11 and c21, c12 and c22
                let c = scratch + (pair - first) * 4 * size
                for place in 0..<4 {
                    ordinary.putFromAbove(step, 2 * pair + place / 2, place % 2 == 0 ? rows : last, c + place * size)
                }
            }
            if !isFirst {
                multiply(
                    step + 1, rows, hidden: block, input: first == pairs.lowerBound ? columns.input : 0..<0, scratch)
            }
            for pair in block {
                let c = scratch + (pair - first) * 4 * size
                for place in 0..<4 {
                    ordinary.end(step, 2 * pair + place / 2, place % 2 == 0 ? rows : last, c + place * size)
                }
            }
        }
        let rest = pairs.upperBound * 2..<hidden.upperBound
        if !rest.isEmpty {
            let columns = RecurrentBackwardSteps.Columns(hidden: rest, input: 0..<0)
            ordinary.stepBack(step, rows, columns, scratch)
            ordinary.stepBack(step, last, columns, scratch)
        }
        if pairs.isEmpty, !isFirst { multiply(step + 1, rows, hidden: 0..<0, input: columns.input, scratch) }
        if step >= 0 { makeSums(step, rows, hidden) }
    }

    /// dgates(step) times W_hh, added to the blocks of scratch, and times W_ih, to dx.
    func multiply(
        _ step: Int, _ rows: Range<Int>, hidden: Range<Int>, input: Range<Int>, _ scratch: UnsafeMutablePointer<Float>
    ) {
        let size = rows.count * 64, last = rows.lowerBound + half..<rows.upperBound + half
        let inputPairs = input.lowerBound / 2..<min(input.upperBound / 2, ordinary.inputGroups / 8)
        let products = scratch + Self.pairsAtOnce / 2 * 4 * size
        var firstInput = inputPairs.lowerBound, hidden = hidden
        repeat {
            let block = firstInput..<min(firstInput + Self.pairsAtOnce - hidden.count, inputPairs.upperBound)
            multiply(step, rows, hidden, block, products)
            for pair in hidden {
                let place = pair - hidden.lowerBound, c = scratch + place * 4 * size
                kernels.strassen_join(
                    products + place * StrassenOperand.products * size, size, size, c, c + 2 * size, c + size,
                    c + 3 * size)
                addOddPanel(step, rows, last, pair, c)
            }
            for pair in block {
                join(
                    step, rows, pair,
                    products + (hidden.count + pair - block.lowerBound) * StrassenOperand.products * size)
            }
            firstInput = block.upperBound
            hidden = 0..<0
        } while firstInput < inputPairs.upperBound
        let rest = RecurrentBackwardSteps.Columns(
            hidden: 0..<0, input: max(input.lowerBound, inputPairs.upperBound * 2)..<input.upperBound)
        let odd = RecurrentBackwardSteps.Columns(
            hidden: 0..<0, input: inputPairs.lowerBound * 2..<inputPairs.upperBound * 2)
        for place in 0..<2 {
            let rows = place == 0 ? rows : last
            if !rest.input.isEmpty { ordinary.product(step, rows, rest, panels: 0..<layout.count, scratch) }
            if layout.count % 2 == 1, !odd.input.isEmpty {
                ordinary.product(step, rows, odd, panels: layout.count - 1..<layout.count, scratch)
            }
        }
    }

    /// The last panel of an odd number for a pair of 64 hidden units.
    private func addOddPanel(
        _ step: Int, _ rows: Range<Int>, _ last: Range<Int>, _ pair: Int, _ c: UnsafeMutablePointer<Float>
    ) {
        guard layout.count % 2 == 1 else { return }
        let panel = layout.count - 1..<layout.count, size = rows.count * 64
        for place in 0..<4 {
            let q = 2 * pair + place / 2
            ordinary.product(
                step, place % 2 == 0 ? rows : last, RecurrentBackwardSteps.Columns(hidden: q..<q + 1, input: 0..<0),
                panels: panel, c + place * size)
        }
    }

    /// The seven products for some pairs of hidden units, each [7][rows][64], and of inputs, each [7][4][rows][16].
    private func multiply(
        _ step: Int, _ rows: Range<Int>, _ hidden: Range<Int>, _ inputs: Range<Int>,
        _ products: UnsafeMutablePointer<Float>
    ) {
        let width = layout.width, pairs = layout.count / 2, size = rows.count * 64, panel = batch * 64
        let gates = UnsafePointer(ordinary.gates) + step * layout.count * panel + rows.lowerBound * 64
        let operand = StrassenOperand(
            block11: gates, block12: gates + panel, block21: gates + half * 64, block22: gates + panel + half * 64,
            blockGroup: 2 * panel, sums: UnsafePointer(sums) + step % 2 * sumsStep + rows.lowerBound * 64,
            plane: pairs * half * 64, sumGroup: half * 64)
        let count = hidden.count + inputs.count, depth = max(1, 512 / width)
        func weights(_ place: Int, _ number: Int, _ first: Int) -> UnsafePointer<Float> {
            let run = first * width * 64
            if place < hidden.count {
                return StrassenPacks.factor(
                    recurrent, pair: hidden.lowerBound + place, number: number, product: product) + run
            }
            return StrassenPacks.factor(
                input ?? recurrent, pair: inputs.lowerBound + place - hidden.count, number: number, product: product)
                + run
        }
        for number in 0..<StrassenOperand.products {
            let a = operand.left(number)
            let left = PanelProduct.Left(row: 64, k: 1, group: a.group),
                right = PanelProduct.Right(k: 64, group: width * 64)
            var hiddenProduct = PanelProduct(kernels, left: left, right: right, result: .init(row: 64))
            var inputProduct = PanelProduct(
                kernels, left: left, right: right, result: .init(row: 16, vector: rows.count * 16))
            for first in stride(from: 0, to: pairs, by: depth) {
                let groups = min(depth, pairs - first)
                for place in 0..<count {
                    let gates = a.pointer + first * a.group, b = weights(place, number, first)
                    let c = products + (place * StrassenOperand.products + number) * size
                    let (next, block) =
                        first + depth < pairs
                        ? (number, first + depth) : (min(number + 1, StrassenOperand.products - 1), 0)
                    let following = place + 1 < count ? weights(place + 1, number, first) : weights(0, next, block)
                    if place < hidden.count {
                        hiddenProduct.multiply(
                            gates + layout.hiddenOffset, b, into: c, from: first == 0 ? .zero : .result, groups: groups,
                            inner: width, rows: rows.count, columns: 64, ahead: .panel(following))
                    } else {
                        inputProduct.multiply(
                            gates, b, into: c, from: first == 0 ? .zero : .result, groups: groups, inner: width,
                            rows: rows.count, columns: 64, ahead: .panel(following))
                    }
                }
            }
        }
    }

    /// The products for a pair of 64 inputs joined in dx.
    private func join(_ step: Int, _ rows: Range<Int>, _ pair: Int, _ products: UnsafePointer<Float>) {
        guard let dx = ordinary.dx else { return }
        let n = rows.count * 16, group = batch * 16
        for vector in 0..<4 {
            let c11 = dx + ((step * ordinary.inputGroups + pair * 8 + vector) * batch + rows.lowerBound) * 16
            let c12 = c11 + 4 * group, c21 = c11 + half * 16, c22 = c12 + half * 16
            c11.update(repeating: 0, count: n)
            c12.update(repeating: 0, count: n)
            c21.update(repeating: 0, count: n)
            c22.update(repeating: 0, count: n)
            kernels.strassen_join(products + vector * n, rows.count * 64, n, c11, c12, c21, c22)
        }
    }

    /// Of the pairs of panels behind some columns.
    private func makeSums(_ step: Int, _ rows: Range<Int>, _ columns: Range<Int>) {
        let perColumn = 64 / layout.unitsPerPanel, panel = batch * 64, lower = half * 64
        let first = columns.lowerBound * perColumn, last = min(columns.upperBound * perColumn, layout.count)
        for pair in first / 2..<max(first / 2, last / 2) {
            let a = UnsafePointer(ordinary.gates) + (step * layout.count + 2 * pair) * panel + rows.lowerBound * 64
            kernels.strassen_left(
                a, a + panel, a + lower, a + panel + lower, rows.count * 64,
                sums + step % 2 * sumsStep + pair * lower + rows.lowerBound * 64, layout.count / 2 * lower)
        }
    }
}
