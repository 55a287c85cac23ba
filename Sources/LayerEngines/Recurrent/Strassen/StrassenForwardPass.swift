import CKernels
import Kernels
import TensorCore

/// The forward pass of a recurrent window by Strassen's algorithm; what is left over, and the cells, by the ordinary pass.
///
/// The blocks of a step's products: the first and the last half of the rows, groups 2u and 2u + 1 of the columns of x and
/// h, panels 2p and 2p + 1. Both weights go into the same seven products. A thread that has computed two groups of h makes
/// their sums at once, while they are in its cache.
struct StrassenForwardPass {
    let ordinary: RecurrentForwardPass
    /// Of x, nil where nothing is multiplied with it, and of h.
    let input: StrassenPacks?
    let recurrent: StrassenPacks

    private var layout: PanelLayout { ordinary.layout }
    private var batch: Int { ordinary.batch }
    private var half: Int { batch / 2 }

    func run(ids: UnsafePointer<Int32>?, in context: ComputeContext) {
        let workers = context.workers, steps = ordinary.steps
        let inputPairs = input == nil ? 0 : ordinary.inputGroups / 2
        // The sums of two steps take turns: those of the next are written while others still read.
        var inputSums = Tensor(uninitialized: [2, 4, inputPairs, half * 16], in: context.workspace)
        var hiddenSums = Tensor(uninitialized: [2, 4, layout.groups / 2, half * 16], in: context.workspace)
        let scratchSize = (4 + StrassenOperand.products) * half * 64
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: context.workspace)
        let block = scratch.mutablePointer
        let pass = StrassenSteps(
            ordinary: ordinary, input: input?.weights.pointer, inputProduct: input?.product ?? 0,
            inputPairs: inputPairs,
            recurrent: recurrent.weights.pointer, recurrentProduct: recurrent.product,
            inputSums: inputSums.mutablePointer, hiddenSums: hiddenSums.mutablePointer)
        let split = RecurrentSplit(layout: layout, batch: batch, parts: layout.count / 2, workers: workers)
        withExtendedLifetime((input, recurrent, inputSums, hiddenSums, scratch)) {
            workers.run { thread in
                let rows = split.rows(half, thread: thread)
                if rows.isEmpty { return }
                let panels = split.parts(layout.count, unit: 2, thread: thread)
                let inputPairs = split.parts(inputPairs, thread: thread)
                pass.start(
                    rows, inputPairs: inputPairs, hiddenPairs: split.parts(layout.groups / 2, thread: thread))
                split.barrier()
                for step in 0..<steps {
                    pass.advance(
                        step, ids: ids, rows, panels: panels, inputPairs: inputPairs, block + thread * scratchSize)
                    split.barrier()
                }
            }
        }
    }
}

/// The steps, on plain pointers.
private struct StrassenSteps {
    let ordinary: RecurrentForwardPass
    let input: UnsafePointer<Float>?
    let inputProduct, inputPairs: Int
    let recurrent: UnsafePointer<Float>
    let recurrentProduct: Int
    /// Two of [4][pairs][N / 2, 16].
    let inputSums, hiddenSums: UnsafeMutablePointer<Float>

    private var kernels: CKKernels { ordinary.kernels }
    private var layout: PanelLayout { ordinary.layout }
    private var batch: Int { ordinary.batch }
    private var half: Int { batch / 2 }

    /// The sums that step 0 reads.
    func start(_ rows: Range<Int>, inputPairs: Range<Int>, hiddenPairs: Range<Int>) {
        makeInputSums(0, rows, inputPairs)
        makeSums(ordinary.h0, rows, hiddenPairs, into: hiddenSums, pairs: layout.groups / 2)
    }

    /// One step for some pairs of rows (n, n + N / 2) and some panels, from an even one on; and the sums of x, for some
    /// pairs of groups, that the next step reads.
    func advance(
        _ step: Int, ids: UnsafePointer<Int32>?, _ rows: Range<Int>, panels: Range<Int>, inputPairs: Range<Int>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let n = rows.count, size = n * 64, last = rows.lowerBound + half..<rows.upperBound + half
        let before = ordinary.before(step)
        for pair in panels.lowerBound / 2..<panels.upperBound / 2 {
            let even = 2 * pair, odd = even + 1
            // c11 and c21, c12 and c22
            let c = scratch, products = scratch + 4 * size
            ordinary.start(step, even, rows, ids: ids, c)
            ordinary.start(step, even, last, ids: ids, c + size)
            ordinary.start(step, odd, rows, ids: ids, c + 2 * size)
            ordinary.start(step, odd, last, ids: ids, c + 3 * size)
            multiply(
                step, before, pair, next: pair + 1 < panels.upperBound / 2 ? pair + 1 : panels.lowerBound / 2, rows,
                products)
            kernels.strassen_join(products, size, size, c, c + 2 * size, c + size, c + 3 * size)
            for place in 0..<4 {
                let panel = even + place / 2, rows = place % 2 == 0 ? rows : last
                ordinary.addOddGroups(step, panel, rows, c + place * size)
                ordinary.cell(step, panel, rows, before, c + place * size)
            }
            makeHiddenSums(step, rows, even..<odd + 1)
        }
        if panels.upperBound % 2 == 1 {
            let odd = panels.upperBound - 1..<panels.upperBound
            ordinary.advance(step, ids: ids, rows: rows, panels: odd, scratch)
            ordinary.advance(step, ids: ids, rows: last, panels: odd, scratch)
            makeHiddenSums(step, rows, odd)
        }
        if step + 1 < ordinary.steps { makeInputSums(step + 1, rows, inputPairs) }
    }

    /// The seven products for two panels, [7][rows][64].
    private func multiply(
        _ step: Int, _ before: UnsafePointer<Float>, _ pair: Int, next: Int, _ rows: Range<Int>,
        _ products: UnsafeMutablePointer<Float>
    ) {
        let width = layout.width, size = rows.count * 64
        // Where each of the two products has columns of its own, the others' start from zeros, too.
        let isSplit = width < 64
        if isSplit { products.update(repeating: 0, count: StrassenOperand.products * size) }
        let h = operand(
            before, rows, sums: hiddenSums + step % 2 * 4 * (layout.groups / 2) * half * 16, layout.groups / 2)
        let x = ordinary.x.map {
            operand(
                $0 + step * ordinary.inputGroups * batch * 16, rows,
                sums: inputSums + step % 2 * 4 * inputPairs * half * 16,
                inputPairs)
        }
        func weights(_ weights: UnsafePointer<Float>, _ product: Int, _ number: Int) -> UnsafePointer<Float> {
            number < StrassenOperand.products
                ? StrassenPacks.factor(weights, pair: pair, number: number, product: product)
                : StrassenPacks.factor(weights, pair: next, number: 0, product: product)
        }
        for number in 0..<StrassenOperand.products {
            let c = products + number * size
            func add(
                _ a: StrassenOperand.Factor, _ b: UnsafePointer<Float>, to c: UnsafeMutablePointer<Float>,
                _ start: PanelProduct.Start, pairs: Int, next: UnsafePointer<Float>
            ) {
                var product = PanelProduct(
                    kernels, left: .init(row: 16, k: 1, group: a.group), right: .init(k: width, group: 16 * width),
                    result: .init(row: 64))
                product.multiply(
                    a.pointer, b, into: c, from: start, groups: pairs, inner: 16, rows: rows.count, columns: width,
                    ahead: .panel(next))
            }
            if let x, let input {
                add(
                    x.left(number), weights(input, inputProduct, number), to: c, isSplit ? .result : .zero,
                    pairs: inputPairs, next: weights(recurrent, recurrentProduct, number))
            }
            add(
                h.left(number), weights(recurrent, recurrentProduct, number), to: c + layout.hiddenOffset,
                x != nil || isSplit ? .result : .zero, pairs: layout.groups / 2,
                next: input.map { weights($0, inputProduct, number + 1) }
                    ?? weights(recurrent, recurrentProduct, number + 1))
        }
    }

    private func operand(
        _ values: UnsafePointer<Float>, _ rows: Range<Int>, sums: UnsafeMutablePointer<Float>, _ pairs: Int
    ) -> StrassenOperand {
        let a = values + rows.lowerBound * 16, group = batch * 16, lower = half * 16
        return StrassenOperand(
            block11: a, block12: a + group, block21: a + lower, block22: a + group + lower, blockGroup: 2 * group,
            sums: UnsafePointer(sums) + rows.lowerBound * 16, plane: pairs * lower, sumGroup: lower)
    }

    private func makeInputSums(_ step: Int, _ rows: Range<Int>, _ pairs: Range<Int>) {
        guard let x = ordinary.x else { return }
        makeSums(
            x + step * ordinary.inputGroups * batch * 16, rows, pairs,
            into: inputSums + step % 2 * 4 * inputPairs * half * 16, pairs: inputPairs)
    }

    /// Of the groups that some panels have just written, for the next step.
    private func makeHiddenSums(_ step: Int, _ rows: Range<Int>, _ panels: Range<Int>) {
        let first = layout.groups(panels.lowerBound).lowerBound, last = layout.groups(panels.upperBound - 1).upperBound
        makeSums(
            ordinary.y + step * layout.groups * batch * 16, rows, first / 2..<last / 2,
            into: hiddenSums + (step + 1) % 2 * 4 * (layout.groups / 2) * half * 16, pairs: layout.groups / 2)
    }

    private func makeSums(
        _ values: UnsafePointer<Float>, _ rows: Range<Int>, _ range: Range<Int>, into sums: UnsafeMutablePointer<Float>,
        pairs: Int
    ) {
        let group = batch * 16, lower = half * 16
        for pair in range {
            let a = values + 2 * pair * group + rows.lowerBound * 16
            kernels.strassen_left(
                a, a + group, a + lower, a + group + lower, rows.count * 16,
                sums + pair * lower + rows.lowerBound * 16, pairs * lower)
        }
    }
}
