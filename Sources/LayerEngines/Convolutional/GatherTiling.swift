import CKernels
import TensorCore

/// Cuts the outputs of a convolution into tiles of the shapes that the kernels have, and its rows into bands and its inputs
/// into pieces, so that the piece of input that a band sees stays in the second-level cache: all as cheaply as possible.
/// Bits do not depend on the cut.
struct GatherTiling {
    /// How much there is of one class of pixels.
    struct ClassSize {
        let terms: Int
        /// Pixels in a row of the class, and how many such rows are above each row of the output and above the end.
        let columns: Int
        let rowsAbove: [Int]
    }

    let tiles: [CKOutputs]
    let bandRows: Int
    /// Pieces of the inputs.
    let pieces: Int

    /// - Parameters:
    ///   - rows: of the output.
    ///   - bandBytes: how much input so many rows of the output see.
    init(
        inputs: Int, outputs: Int, rows: Int, _ classes: [ClassSize], bandBytes: (_ rows: Int) -> Int,
        in context: ComputeContext
    ) {
        let shapes = UnsafeBufferPointer(
            start: context.kernels.gather_shapes, count: context.kernels.gather_shape_count)
        var menu: [Int: [Int]] = [:]
        for shape in shapes { menu[Int(shape.rows), default: []].append(Int(shape.columns)) }
        for height in menu.keys { menu[height]?.sort(by: >) }
        let heights = menu.keys.sorted(by: >)

        func choice(band: Int, pieces: Int) -> (cost: Double, heights: [Int]) {
            let costs = heights.map { height in
                stride(from: 0, to: rows, by: band).reduce(0) { total, top in
                    classes.reduce(total) {
                        let pixels = ($1.rowsAbove[min(top + band, rows)] - $1.rowsAbove[top]) * $1.columns
                        return $0
                            + Double($1.terms + 10 * pieces)
                            * Self.cost(rows: height, widths: menu[height] ?? [1], pixels)
                    }
                }
            }
            return Self.best(outputs, heights, costs)
        }
        var (band, pieces) = (rows, 1), best = (cost: Double.infinity, heights: [Int]())
        for count in [1, 2, 4, 8] where count == 1 || inputs >= 8 * count {
            let most = (1...rows).last { bandBytes($0) <= count * Self.bandLimit } ?? 1
            for candidate in (most == rows ? rows : 1)...most {
                let choice = choice(band: candidate, pieces: count)
                if choice.cost < best.cost { (band, pieces, best) = (candidate, count, choice) }
            }
            if most == rows { break }
        }
        bandRows = band
        self.pieces = pieces
        var first = 0
        tiles = best.heights.map { height in
            defer { first += height }
            return CKOutputs(first: Int32(first), rows: Int32(height))
        }
    }

    /// Bytes of input of a band of several rows: more than half of a second-level cache.
    private static let bandLimit = 5 << 17

    /// The best of all cuts of the outputs into tiles of given heights, which cost so much each.
    private static func best(_ outputs: Int, _ heights: [Int], _ costs: [Double]) -> (cost: Double, heights: [Int]) {
        var best: [(cost: Double, height: Int)] = [(0, 0)]
        for count in 1...outputs {
            var choice = (cost: Double.infinity, height: 1)
            for (height, cost) in zip(heights, costs) where height <= count {
                let total = best[count - height].cost + cost
                if total < choice.cost { choice = (total, height) }
            }
            best.append(choice)
        }
        var cut: [Int] = [], left = outputs
        while left > 0 {
            cut.append(best[left].height)
            left -= best[left].height
        }
        return (best[outputs].cost, cut.reversed())
    }

    /// Estimated cycles a term of some pixels, cut as the kernel cuts them: the widest tile that still fits, but rather two
    /// of middling width than one of one pixel.
    private static func cost(rows: Int, widths: [Int], _ pixels: Int) -> Double {
        var left = pixels, total = 0.0
        for width in widths {
            var count = left / width
            if count > 0, left % width == 1, width > 2, widths.contains(width - 1) { count -= 1 }
            total += Double(count) * cost(rows: rows, columns: width)
            left -= count * width
        }
        return total
    }

    /// Measured on a Zen 5 core: two multiply-adds a cycle, a latency of four, loads, and pixels that come from the
    /// second-level cache.
    private static func cost(rows: Int, columns: Int) -> Double {
        let work = Double(rows * columns) / 2, pixels = 0.05 * Double(columns * columns)
        return max(4, work + 0.3, 0.75 * work + 2.3, Double(rows + columns) / 2 + 1.75) + pixels
    }
}
