import CKernels

/// Puts a convolution's weights as the tiles of ``GatherPlan`` read them, [term][output in the tile]. Pointers and integers
/// only.
struct GatherPacking {
    /// Inputs that are packed at a time: their weights stay in the first-level cache while a tile's outputs are read one by
    /// one.
    static let inputsAtOnce = 32
    /// Outputs of a tile, at most.
    private static let mostRows = 8

    /// Of the convolution's input.
    let channels: Int
    /// Taps of the kernel.
    let area: Int
    /// Floats in the weight from one output to the next, and from one channel to the next.
    let row: Int
    let channel: Int
    let weight: UnsafePointer<Float>
    /// For each input and tap which term it is.
    let places: UnsafePointer<Int32>
    let kernels: CKKernels

    /// Floats that ``pairs(_:_:into:_:)`` needs.
    static func scratchSize(area: Int) -> Int { 3 * pairsSize(area: area) }
    private static func pairsSize(area: Int) -> Int { (inputsAtOnce * area * mostRows + 15) / 16 * 16 }

    /// The weights of some inputs and the outputs of one tile in single precision.
    func numbers(_ tile: CKOutputs, _ inputs: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        let rows = Int(tile.rows)
        for input in inputs {
            for tap in 0..<area {
                let from = weight + (Int(tile.first) &* row &+ input &* channel &+ tap)
                let term = target + Int(places[input &* area &+ tap]) &* rows
                switch rows {  // the usual cases are unrolled
                case 8: for output in 0..<8 { term[output] = from[output &* row] }
                case 6: for output in 0..<6 { term[output] = from[output &* row] }
                default: for output in 0..<rows { term[output] = from[output &* row] }
                }
            }
        }
    }

    /// The same in pairs of channels, the last with zeros where there is an odd one.
    func pairs(
        _ tile: CKOutputs, _ inputs: Range<Int>, into target: UnsafeMutablePointer<Float>,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let rows = Int(tile.rows), size = Self.pairsSize(area: area)
        let even = scratch, odd = even + size, pairs = odd + size
        for input in inputs {
            let source = weight + (Int(tile.first) &* row &+ 2 &* input &* channel)
            let place = (input - inputs.lowerBound) * area * rows, hasSecond = 2 * input + 1 < channels
            for tap in 0..<area {
                let from = source + tap, term = place &+ tap &* rows
                for output in 0..<rows { (even + term)[output] = from[output &* row] }
                for output in 0..<rows { (odd + term)[output] = hasSecond ? from[output &* row &+ channel] : 0 }
            }
        }
        kernels.pair_rows(even, size, 2, (inputs.count * area * rows + 15) / 16 * 16, pairs, size)
        for term in 0..<inputs.count * area {
            (target + Int(places[inputs.lowerBound &* area &+ term]) &* rows).update(
                from: pairs + term &* rows, count: rows)
        }
    }
}
