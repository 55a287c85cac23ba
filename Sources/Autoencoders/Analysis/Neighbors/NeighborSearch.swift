import Kernels
import TensorCore

/// The search behind ``NearestNeighbors``: a product for all pairs of a block, then the few candidates exactly.
struct NeighborSearch {
    private let points: Tensor, queries: Tensor
    private let count: Int
    private let metric: NearestNeighbors.Metric
    private let excludingSelf: Bool
    /// The operands as they enter the product: Euclidean less the mean and divided by the largest number, cosine at
    /// length 1. Squared distances of these order the neighbors for either metric.
    private let reducedPoints: Tensor, reducedQueries: Tensor
    private let pointSquares: [Float], querySquares: [Float]

    init(
        _ points: Tensor, _ queries: Tensor, metric: NearestNeighbors.Metric, count: Int, excludingSelf: Bool
    ) {
        (self.points, self.queries, self.metric, self.count) = (points, queries, metric, count)
        self.excludingSelf = excludingSelf
        switch metric {
        case .euclidean:
            let center = points.columnMeans
            let largest = max(points.largestDifference(from: center), queries.largestDifference(from: center))
            let scale = largest > 0 ? 1 / largest : 1
            reducedPoints = points.less(center, times: scale)
            reducedQueries = queries.less(center, times: scale)
            pointSquares = reducedPoints.rowSquares
            querySquares = reducedQueries.rowSquares
        case .cosine:
            reducedPoints = points.withRowsOfLengthOne
            reducedQueries = queries.withRowsOfLengthOne
            // Also for a row of zeros: its product is 0, its distance then that of a right angle.
            pointSquares = [Float](repeating: 1, count: points.shape.rows)
            querySquares = [Float](repeating: 1, count: queries.shape.rows)
        }
    }

    func run(
        _ indices: UnsafeMutablePointer<Int32>, _ distances: UnsafeMutablePointer<Float>, in context: ComputeContext
    ) {
        let total = points.shape.rows, asked = queries.shape.rows, columns = points.shape.columns, count = count
        let packed = PackedMatrix(reducedPoints, transposed: true, in: context), workers = context.workers
        let blockRows = min(asked, max(8, (1 << 22) / total))
        // A workplace for each thread, in one allocation: bounds, then the best so far.
        let bounds = UnsafeMutablePointer<Float>.allocate(capacity: workers.count * count)
        let best = UnsafeMutablePointer<(distance: Double, index: Int32)>.allocate(capacity: workers.count * count)
        defer {
            bounds.deallocate()
            best.deallocate()
        }
        let exact = ExactDistance(metric: metric, columns: columns)
        let excludingSelf = excludingSelf
        // The product's error is at most K u |q| |x|, each rounding around it u times what it rounds.
        let slack = Float(columns + 16) * 0x1p-24
        for first in stride(from: 0, to: asked, by: blockRows) {
            let rows = min(blockRows, asked - first)
            let products = MatrixProduct.multiply(reducedQueries.rows(first..<first + rows), packed, in: context)
            withExtendedLifetime((products, points, queries)) {
                let products = products.pointer, points = points.pointer, queries = queries.pointer
                pointSquares.withUnsafeBufferPointer { pointSquares in
                    querySquares.withUnsafeBufferPointer { querySquares in
                        workers.run { thread in
                            for row in workers.share(of: rows, thread: thread) {
                                let query = first + row
                                var candidates = NeighborCandidates(
                                    products: products + row * total, squares: pointSquares, count: total,
                                    skipped: excludingSelf ? query : -1, querySquare: querySquares[query], slack: slack)
                                let limit = candidates.upperBound(bounds + thread * count, count)
                                let chosen = best + thread * count
                                var filled = 0
                                while let index = candidates.next(notBeyond: limit) {
                                    let distance = exact(queries + query * columns, points + index * columns)
                                    insert(distance, Int32(index), into: chosen, &filled, count)
                                }
                                for place in 0..<count {
                                    indices[query * count + place] = chosen[place].index
                                    distances[query * count + place] = exact.reported(chosen[place].distance)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Keeps the `count` smallest, in order; among equals the one that came first, which has the smaller index.
@inline(__always)
private func insert(
    _ distance: Double, _ index: Int32, into best: UnsafeMutablePointer<(distance: Double, index: Int32)>,
    _ filled: inout Int, _ count: Int
) {
    if filled == count, !(distance < best[count - 1].distance) { return }
    var place = filled < count ? filled : count - 1
    while place > 0, distance < best[place - 1].distance {
        best[place] = best[place - 1]
        place -= 1
    }
    best[place] = (distance, index)
    filled = min(count, filled + 1)
}

/// The distance of two codes in double precision, in an order-preserving form.
private struct ExactDistance {
    let metric: NearestNeighbors.Metric
    let columns: Int

    @inline(__always)
    func callAsFunction(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Double {
        switch metric {
        case .euclidean:
            var sum = 0.0
            for k in 0..<columns {
                let difference = Double(a[k]) - Double(b[k])
                sum += difference * difference
            }
            return sum
        case .cosine:
            var (product, aSquare, bSquare) = (0.0, 0.0, 0.0)
            for k in 0..<columns {
                let x = Double(a[k]), y = Double(b[k])
                product += x * y
                aSquare += x * x
                bSquare += y * y
            }
            guard aSquare > 0, bSquare > 0 else { return 1 }
            return min(2, max(0, 1 - product / (aSquare.squareRoot() * bSquare.squareRoot())))
        }
    }

    /// The largest number there is stands for all distances beyond it.
    func reported(_ value: Double) -> Float {
        Float(min(metric == .euclidean ? value.squareRoot() : value, Double(Float.greatestFiniteMagnitude)))
    }
}

/// The squared distances of one query, less the query's own square, between bounds.
struct NeighborCandidates {
    let products: UnsafePointer<Float>
    let squares: UnsafeBufferPointer<Float>
    let count: Int
    let skipped: Int
    let querySquare: Float
    let slack: Float
    private var position = 0

    init(
        products: UnsafePointer<Float>, squares: UnsafeBufferPointer<Float>, count: Int, skipped: Int,
        querySquare: Float, slack: Float
    ) {
        (self.products, self.squares, self.count, self.skipped) = (products, squares, count, skipped)
        (self.querySquare, self.slack) = (querySquare, slack)
    }

    /// The `wanted` smallest upper bounds in a heap, largest on top: no nearer one can lie beyond the top.
    @inline(__always)
    func upperBound(_ heap: UnsafeMutablePointer<Float>, _ wanted: Int) -> Float {
        var filled = 0
        for index in 0..<count where index != skipped {
            let square = squares[index], bound = square - 2 * products[index] + slack * (square + querySquare)
            if filled < wanted {
                var place = filled
                filled += 1
                while place > 0, heap[(place - 1) / 2] < bound {
                    heap[place] = heap[(place - 1) / 2]
                    place = (place - 1) / 2
                }
                heap[place] = bound
            } else if bound < heap[0] {
                var place = 0
                while true {
                    var child = 2 * place + 1
                    guard child < wanted else { break }
                    if child + 1 < wanted, heap[child + 1] > heap[child] { child += 1 }
                    guard heap[child] > bound else { break }
                    heap[place] = heap[child]
                    place = child
                }
                heap[place] = bound
            }
        }
        return heap[0]
    }

    /// The next point whose lower bound does not exceed the limit.
    @inline(__always)
    mutating func next(notBeyond limit: Float) -> Int? {
        while position < count {
            let index = position, square = squares[index]
            position += 1
            if square - 2 * products[index] - slack * (square + querySquare) <= limit, index != skipped { return index }
        }
        return nil
    }
}
