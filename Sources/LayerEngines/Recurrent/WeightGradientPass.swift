import CKernels
import Kernels

/// The parts of the gradient of W_ih or W_hh on plain pointers, the only thing allowed inside a parallel region.
///
/// A panel's gradient is a product of x or h, transposed, with dgates, over some 128 rows (t, n) at a time: those of
/// dgates, 32 KB, stay in the first-level cache while all columns of x or h pass by, 16 at a time, each 16 of a row a
/// cache line. Pairs of panels, of groups of columns and of steps go through Strassen's algorithm; an odd one of these is
/// added by ordinary products.
struct WeightGradientPass {
    let kernels: CKKernels
    let layout: PanelLayout
    let blocking: WeightGradientPlan.Blocking
    let steps: Int
    let batch: Int
    let precision: ProductPrecision
    let gates: UnsafePointer<Float>
    /// h0, [G, N, 16], for h; nil for x.
    let before: UnsafePointer<Float>?
    /// y or x, [T, groups, N, 16]
    let values: UnsafePointer<Float>
    /// H or D
    let columns: Int
    /// Made of the values beforehand: Strassen's sums of pairs of groups and of steps, [4][pairs of groups][T / 2][N, 16];
    /// in half precision pairs of rows, [T, groups, N / 2, 16].
    let prepared: UnsafeMutablePointer<Float>
    /// Pairs of groups that go through Strassen's algorithm, 0 for none.
    let pairs: Int
    let weight: UnsafeMutablePointer<Float>

    private var groups: Int { GroupedSequence.groups(of: columns) }
    private var valuesStep: Int { groups * batch * 16 }
    private var gatesStep: Int { layout.count * batch * 64 }
    /// Of the sums of [pair], then of one sum.
    private var sumsPair: Int { steps / 2 * batch * 16 }
    private var sumsPlane: Int { pairs * sumsPair }
    /// Where the columns of dgates begin that the weights have.
    private var offset: Int { before == nil ? 0 : layout.hiddenOffset }
    private var panelSums: Int { blocking.groups * 1024 }

    /// Floats: sums for two panels, and what Strassen's algorithm keeps.
    var scratchSize: Int {
        2 * panelSums
            + (precision == .single
                ? StrassenWeightGradient.scratchSize(
                    pairs: blocking.groups / 2, batch: batch, stepPairs: blocking.stepPairs)
                : stepsAtOnce * rowPairs * 64)
    }

    /// Pairs of rows, the last with zeros where there is an odd one.
    static func rowPairs(of batch: Int) -> Int { (batch + 1) / 2 }
    private var rowPairs: Int { Self.rowPairs(of: batch) }
    /// Whose gates, 32 KB of them, stay in the first-level cache while the values pass by.
    private var stepsAtOnce: Int { blocking.stepPairs * precision.numbersPerPlace }

    /// What is multiplied with the gates of a step.
    private func values(_ step: Int) -> UnsafePointer<Float> {
        guard let before else { return values + step * valuesStep }
        return step == 0 ? before : values + (step - 1) * valuesStep
    }

    /// Fills `prepared` for some pairs of groups.
    func makeSums(pairs: Range<Int>) {
        let group = batch * 16
        for place in 0..<steps / 2 {
            for pair in pairs {
                let even = values(2 * place) + 2 * pair * group, odd = values(2 * place + 1) + 2 * pair * group
                kernels.strassen_left(
                    even, odd, even + group, odd + group, group, prepared + pair * sumsPair + place * group, sumsPlane)
            }
        }
    }

    /// Fills `prepared` for some steps in half precision.
    func pairValues(steps: Range<Int>) {
        for step in steps {
            for group in 0..<groups {
                kernels.pair_rows(
                    values(step) + group * batch * 16, 16, batch, 16,
                    prepared + (step * groups + group) * rowPairs * 16,
                    16)
            }
        }
    }

    /// A part's sums as [input or hidden unit][64] for each panel, then transposed into place.
    /// - Parameter sums: what else is summed up, with the first part of each pair of panels.
    func compute(
        _ part: WeightGradientPlan.Part, sums: GateSums?, ids: UnsafePointer<Int32>?,
        scratch: UnsafeMutablePointer<Float>, gateScratch: UnsafeMutablePointer<Float>
    ) {
        let panels = part.panels, pairs = pairs(in: part)
        let gateSums = part.groups.lowerBound == 0 ? sums.map { (sums: $0, ids: ids, scratch: gateScratch) } : nil
        gateSums?.sums.clear(gateScratch)
        if pairs > 0 { addPairs(part, gateSums, scratch + 2 * panelSums) }
        for (place, panel) in panels.enumerated() {
            let sums = scratch + place * panelSums, paired = part.groups.prefix(2 * pairs)
            guard precision == .single else {
                addInHalfPrecision(
                    part.groups, panel, to: sums, gateSums, place: place, gatePairs: scratch + 2 * panelSums)
                continue
            }
            add(
                0..<steps, part.groups.dropFirst(2 * pairs), panel, to: sums + 2 * pairs * 1024,
                pairs > 0 ? nil : gateSums, place: place)
            if steps % 2 == 1 {
                add(steps - 1..<steps, paired, panel, to: sums, nil, place: place)
            } else {
                sums.update(repeating: 0, count: paired.count * 1024)
            }
        }
        if precision == .single {
            strassen(part).join(scratch + 2 * panelSums, even: scratch, odd: scratch + panelSums)
        }
        for (place, panel) in panels.enumerated() {
            write(part, panel, scratch + place * panelSums)
            gateSums?.sums.write(panel, place: place, gateScratch, kernels)
        }
    }

    private typealias GateSumming = (
        sums: GateSums, ids: UnsafePointer<Int32>?, scratch: UnsafeMutablePointer<Float>
    )

    private func strassen(_ part: WeightGradientPlan.Part) -> StrassenWeightGradient {
        StrassenWeightGradient(
            kernels: kernels, batch: batch, valuesStep: valuesStep, sumsPair: sumsPair, sumsPlane: sumsPlane,
            gatesStep: gatesStep, offset: offset, width: layout.width, pairs: pairs(in: part))
    }

    /// Pairs of groups of a part that go through Strassen's algorithm: an odd last panel has no partner.
    private func pairs(in part: WeightGradientPlan.Part) -> Int {
        pairs > 0 && part.panels.count == 2 ? part.groups.count / 2 : 0
    }

    /// Strassen's products for the pairs of groups and of steps.
    private func addPairs(
        _ part: WeightGradientPlan.Part, _ gateSums: GateSumming?, _ scratch: UnsafeMutablePointer<Float>
    ) {
        let strassen = strassen(part), first = part.groups.lowerBound
        var step = 0
        while step < steps {
            // h0 lies elsewhere than what is before the other steps: the block that it is in has no more than its pair.
            let last = min(step + (step == 0 ? 2 : 2 * blocking.stepPairs), steps), stepPairs = (last - step) / 2
            for place in 0..<2 { add(step..<last, part.panels.lowerBound + place, gateSums, place: place) }
            if stepPairs > 0 {
                strassen.add(
                    even: values(step) + first * batch * 16, odd: values(step + 1) + first * batch * 16,
                    sums: prepared + first / 2 * sumsPair + step / 2 * batch * 16,
                    gates: gates + (step * layout.count + part.panels.lowerBound) * batch * 64, stepPairs: stepPairs,
                    isFirst: step == 0, gatesFollow: last < steps, scratch: scratch)
            }
            step = last
        }
    }

    private func add(_ range: Range<Int>, _ panel: Int, _ gateSums: GateSumming?, place: Int) {
        guard let gateSums else { return }
        for step in range {
            gateSums.sums.add(
                gates + (step * layout.count + panel) * batch * 64, place: place,
                ids: gateSums.ids.map { $0 + step * batch }, gateSums.scratch, kernels)
        }
    }

    /// Some steps by ordinary products: the sums for one panel and some groups, [group, 16][64].
    private func add(
        _ range: Range<Int>, _ groups: Range<Int>, _ panel: Int, to sums: UnsafeMutablePointer<Float>,
        _ gateSums: GateSumming?, place: Int
    ) {
        if groups.isEmpty { return }
        var product = PanelProduct(
            kernels, left: .init(row: 1, k: 16, group: valuesStep), right: .init(k: 64, group: gatesStep),
            result: .init(row: 64))
        var first = range.lowerBound
        while first < range.upperBound {
            // Step 0 by itself, because of h0.
            let last = first == 0 ? 1 : min(first + blocking.stepPairs, range.upperBound)
            add(first..<last, panel, gateSums, place: place)
            let b = gates + (first * layout.count + panel) * batch * 64 + offset, steps = last - first
            for (number, group) in groups.enumerated() {
                let a = values(first) + group * batch * 16
                // The next columns, and meanwhile the next gates, a quarter with each of the first products.
                let nextGates =
                    last < range.upperBound && number < 4 ? b + steps * gatesStep + number * batch * 16 : nil
                product.multiply(
                    a, b, into: sums + number * 1024, from: first == range.lowerBound ? .zero : .result, groups: steps,
                    inner: batch, rows: 16, columns: layout.width,
                    ahead: .lines(
                        CKPrefetch(lines: a + batch * 16, group: valuesStep),
                        CKPrefetch(lines: nextGates, group: gatesStep)))
            }
            first = last
        }
    }

    /// All steps by products of pairs of rows: of the gates some steps at a time are paired, once for all groups.
    private func addInHalfPrecision(
        _ groups: Range<Int>, _ panel: Int, to sums: UnsafeMutablePointer<Float>, _ gateSums: GateSumming?, place: Int,
        gatePairs: UnsafeMutablePointer<Float>
    ) {
        let pairedStep = self.groups * rowPairs * 16
        var product = PanelProduct(
            kernels, in: precision, left: .init(row: 1, k: 16, group: pairedStep),
            right: .init(k: 64, group: rowPairs * 64), result: .init(row: 64))
        for first in stride(from: 0, to: steps, by: stepsAtOnce) {
            let some = first..<min(first + stepsAtOnce, steps)
            add(some, panel, gateSums, place: place)
            for step in some {
                kernels.pair_rows(
                    gates + (step * layout.count + panel) * batch * 64, 64, batch, 64,
                    gatePairs + (step - first) * rowPairs * 64, 64)
            }
            for (number, group) in groups.enumerated() {
                let a = UnsafePointer(prepared) + first * pairedStep + group * rowPairs * 16
                // The next columns, and meanwhile the next gates, an eighth with each of the first products.
                let nextGates =
                    some.upperBound < steps && number < 8
                    ? gates + (some.upperBound * layout.count + panel) * batch * 64 + number * rowPairs * 16 : nil
                product.multiply(
                    a, gatePairs + offset, into: sums + number * 1024, from: first == 0 ? .zero : .result,
                    groups: some.count, inner: rowPairs, rows: 16, columns: layout.width,
                    ahead: .lines(
                        CKPrefetch(lines: a + rowPairs * 16, group: pairedStep),
                        CKPrefetch(lines: nextGates, group: gatesStep)))
            }
        }
    }

    private func write(_ part: WeightGradientPlan.Part, _ panel: Int, _ sums: UnsafePointer<Float>) {
        let first = part.groups.lowerBound * 16, count = min(part.groups.count * 16, columns - first)
        for block in 0..<layout.blocks {
            let rows = before == nil ? layout.inputRows(panel, block) : layout.hiddenRows(panel, block)
            kernels.transpose(sums + block * 16, 64, count, rows.count, weight + rows.first * columns + first, columns)
        }
    }
}
