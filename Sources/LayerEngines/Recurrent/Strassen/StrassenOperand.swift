/// A factor of a product of matrices that are cut into 2 by 2 blocks: the blocks, and beside them four sums of blocks.
///
/// Strassen's algorithm in Winograd's form makes such a product from seven products of blocks instead of eight:
///
///     s1 = a21 + a22    t1 = b12 - b11     p1 = a11 b11    p5 = s1 t1     c11 = p1 + p2
///     s2 = s1 - a11     t2 = b22 - t1      p2 = a12 b21    p6 = s2 t2     c12 = p1 + p6 + p5 + p3
///     s3 = a11 - a21    t3 = b22 - b12     p3 = s4 b22     p7 = s3 t3     c21 = p1 + p6 + p7 + p4
///     s4 = a12 - s2     t4 = b21 - t2      p4 = a22 t4                    c22 = p1 + p6 + p7 + p5
///
/// An eighth of the multiplications go; sums cost little beside them. Rounding errors stay proportional to the largest
/// elements of a block instead of each element's own terms, with one level a few units in the last place (Strassen 1969;
/// Winograd 1971; Higham, Accuracy and Stability of Numerical Algorithms, 23.2.2).
struct StrassenOperand {
    let block11, block12, block21, block22: UnsafePointer<Float>
    /// Floats from one group of k to the next within a block.
    let blockGroup: Int
    /// s1 … s4 or t1 … t4, `plane` floats apart.
    let sums: UnsafePointer<Float>
    let plane: Int
    /// Floats from one group of k to the next within a sum.
    let sumGroup: Int

    static let products = 7

    /// Which block or sum a product reads.
    typealias Factor = (pointer: UnsafePointer<Float>, group: Int, isSum: Bool)

    /// What p(number + 1) has on its left.
    @inline(__always)
    func left(_ number: Int) -> Factor {
        switch number {
        case 0: (block11, blockGroup, false)
        case 1: (block12, blockGroup, false)
        case 2: (sums + 3 * plane, sumGroup, true)
        case 3: (block22, blockGroup, false)
        default: (sums + (number - 4) * plane, sumGroup, true)
        }
    }

    /// What p(number + 1) has on its right.
    @inline(__always)
    func right(_ number: Int) -> Factor {
        switch number {
        case 0: (block11, blockGroup, false)
        case 1: (block21, blockGroup, false)
        case 2: (block22, blockGroup, false)
        case 3: (sums + 3 * plane, sumGroup, true)
        default: (sums + (number - 4) * plane, sumGroup, true)
        }
    }
}
