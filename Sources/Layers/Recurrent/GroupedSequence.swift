/// The order in which the weight gradient reads a sequence [T, N, C]: [t / 2][C / 16][t % 2][n][16].
///
/// 16 neighbors of one (t, n) are a cache line, and what one product over two time steps reads of them is one run of
/// memory, which the prefetchers follow.
struct GroupedSequence {
    let steps: Int
    let lanes: Int
    let columns: Int

    /// Time steps of one product of the weight gradient: 64 lanes of gate gradients for two of them, 32 KB, stay in the
    /// first-level cache while all columns pass by.
    static let stepBlock = 2

    /// Groups of 16 columns; those past C are zeros.
    var groups: Int { (columns + 15) / 16 }
    /// Floats from one group to the next.
    var groupStride: Int { Self.stepBlock * lanes * 16 }
    /// Floats of the whole.
    var count: Int { (steps + Self.stepBlock - 1) / Self.stepBlock * groups * groupStride }

    /// Where the first group of a lane of a step lies.
    func offset(step: Int, lane: Int = 0) -> Int {
        step / Self.stepBlock * groups * groupStride + (step % Self.stepBlock * lanes + lane) * 16
    }

    /// Puts the rows [N, C] of one step into place.
    func regroup(_ rows: UnsafePointer<Float>, step: Int, into sequence: UnsafeMutablePointer<Float>) {
        let whole = columns / 16
        for n in 0..<lanes {
            let row = rows + n * columns, target = sequence + offset(step: step, lane: n)
            for u in 0..<whole {
                UnsafeMutableRawPointer(target + u * groupStride).copyMemory(from: row + u * 16, byteCount: 64)
            }
            for j in 0..<(groups - whole) * 16 {
                target[whole * groupStride + j] = whole * 16 + j < columns ? row[whole * 16 + j] : 0
            }
        }
    }
}
