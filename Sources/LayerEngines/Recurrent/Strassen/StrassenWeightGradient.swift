import CKernels
import Kernels

/// The gradient of the weights between pairs of groups of 16 columns of x or h and one pair of panels, by Strassen's
/// algorithm: sums over all (t, n) of x or h, transposed, times dgates.
///
/// The blocks: groups 2u and 2u + 1 of the columns, steps 2t and 2t + 1, panels 2p and 2p + 1. The seven products are
/// sums over time of their own; they are joined once, at the end.
struct StrassenWeightGradient {
    let kernels: CKKernels
    let batch: Int
    /// Floats of x or h from one step to the next.
    let valuesStep: Int
    /// Floats of their sums [4][pairs of groups][pairs of steps][N, 16] from one pair of groups, and one sum, to the next.
    let sumsPair, sumsPlane: Int
    /// Floats of dgates from one step to the next.
    let gatesStep: Int
    /// Where the columns of dgates begin that these weights have, and how many there are.
    let offset, width: Int
    /// Pairs of groups.
    let pairs: Int

    /// Floats of scratch for blocks of so many pairs of steps.
    static func scratchSize(pairs: Int, batch: Int, stepPairs: Int) -> Int {
        StrassenOperand.products * pairs * 1024 + 4 * stepPairs * batch * 64
    }

    /// Adds some pairs of steps.
    /// - Parameters:
    ///   - even, odd: the first pair of groups [2, N, 16] at the first two steps.
    ///   - sums: their sums.
    ///   - gates: the pair of panels [2, N, 64] at the first step.
    ///   - gatesFollow: whether as many steps again come after these.
    func add(
        even: UnsafePointer<Float>, odd: UnsafePointer<Float>, sums: UnsafePointer<Float>, gates: UnsafePointer<Float>,
        stepPairs: Int, isFirst: Bool, gatesFollow: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
        let products = scratch, gateSums = products + StrassenOperand.products * pairs * 1024
        let panel = batch * 64, group = batch * 16, gatePlane = stepPairs * panel
        for pair in 0..<stepPairs {
            let g = gates + 2 * pair * gatesStep
            kernels.strassen_right(
                g, g + panel, g + gatesStep, g + gatesStep + panel, panel, gateSums + pair * panel, gatePlane)
        }
        let left = StrassenOperand(
            block11: even, block12: odd, block21: even + group, block22: odd + group, blockGroup: 2 * valuesStep,
            sums: sums, plane: sumsPlane, sumGroup: group)
        let right = StrassenOperand(
            block11: gates + offset, block12: gates + panel + offset, block21: gates + gatesStep + offset,
            block22: gates + gatesStep + panel + offset, blockGroup: 2 * gatesStep, sums: gateSums + offset,
            plane: gatePlane, sumGroup: panel)

        // The next gates, an eighth of a step's with each product.
        let nextGates = gates + 2 * stepPairs * gatesStep
        var piece = 0
        for number in 0..<StrassenOperand.products {
            let a = left.left(number), b = right.right(number)
            let pairSize = a.isSum ? sumsPair : 2 * group
            var product = PanelProduct(
                kernels, left: .init(row: 1, k: 16, group: a.group), right: .init(k: 64, group: b.group),
                result: .init(row: 64))
            let following = number + 1 < StrassenOperand.products ? left.left(number + 1) : left.left(0)
            for pair in 0..<pairs {
                let values = a.pointer + pair * pairSize, sums = products + (number * pairs + pair) * 1024
                let nextValues =
                    pair + 1 < pairs
                    ? CKPrefetch(lines: values + pairSize, group: a.group)
                    : CKPrefetch(
                        lines: following.pointer
                            + (number + 1 < StrassenOperand.products ? 0 : stepPairs * following.group),
                        group: following.group)
                let gatesAhead = CKPrefetch(
                    lines: gatesFollow && piece < 16 ? nextGates + piece / 8 * gatesStep + piece % 8 * group : nil,
                    group: 2 * gatesStep)
                product.multiply(
                    values, b.pointer, into: sums, from: isFirst ? .zero : .result, groups: stepPairs, inner: batch,
                    rows: 16, columns: width,
                    ahead: .lines(nextValues, gatesAhead, CKPrefetch(lines: sums + 1024, group: batch * 16)))
                piece += 1
            }
        }
    }

    /// The seven products joined: for each panel [2 pairs, 16][64].
    func join(_ scratch: UnsafePointer<Float>, even: UnsafeMutablePointer<Float>, odd: UnsafeMutablePointer<Float>) {
        for pair in 0..<pairs {
            let row = 2 * pair * 1024
            kernels.strassen_join(
                scratch + pair * 1024, pairs * 1024, 1024, even + row, odd + row, even + row + 1024, odd + row + 1024)
        }
    }
}
