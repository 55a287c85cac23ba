import CKernels
import TensorCore

/// Cuts the outputs of a convolution into tiles of the shapes that the kernels have, as cheaply as possible. Bits do not
/// depend on the cut.
enum GatherTiling {
    /// How much there is of one class of pixels.
    struct ClassSize {
        let terms: Int
        let pixels: Int
    }

    static func tiles(outputs: Int, _ classes: [ClassSize], in context: ComputeContext) -> [CKOutputs] {
        let shapes = UnsafeBufferPointer(
            start: context.kernels.gather_shapes, count: context.kernels.gather_shape_count)
        var menu: [Int: [Int]] = [:]
        for shape in shapes { menu[Int(shape.rows), default: []].append(Int(shape.columns)) }
        let heights = menu.keys.sorted(by: >)
        let costs = heights.map { height in
            classes.reduce(0) { $0 + Double($1.terms + 4) * cost(rows: height, widths: menu[height] ?? [1], $1.pixels) }
        }
        // The best of all cuts of the first n outputs.
        var best: [(cost: Double, height: Int)] = [(0, 0)]
        for count in 1...outputs {
            var choice = (cost: Double.infinity, height: 1)
            for (height, cost) in zip(heights, costs) where height <= count {
                let total = best[count - height].cost + cost
                if total < choice.cost { choice = (total, height) }
            }
            best.append(choice)
        }
        var tiles: [CKOutputs] = [], left = outputs
        while left > 0 {
            let rows = best[left].height
            left -= rows
            tiles.append(CKOutputs(first: Int32(left), rows: Int32(rows)))
        }
        return tiles.reversed()
    }

    /// Estimated cycles a term of all pixels of a class, cut as the kernel cuts them: the widest tile that still fits.
    private static func cost(rows: Int, widths: [Int], _ pixels: Int) -> Double {
        var left = pixels, total = 0.0
        for width in widths.sorted(by: >) {
            total += Double(left / width) * cost(rows: rows, columns: width)
            left %= width
        }
        return total
    }

    /// Two multiply-adds and two loads a cycle, a latency of four, and pixels that come from the second-level cache.
    private static func cost(rows: Int, columns: Int) -> Double {
        let work = Double(rows * columns) / 2, loads = Double(rows + columns + 2) / 2
        return max(4, work, loads, 2.1 * Double(columns))
    }
}
