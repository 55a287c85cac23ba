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
