package import TensorCore

/// How near codes are to each other as probabilities of pairs, the p_ij of t-SNE, in rows of the pairs that count.
package struct Affinities {
    package let count: Int
    /// Row i is at starts[i] ..< starts[i + 1], by increasing column.
    package let starts: [Int]
    package let columns: [Int32]
    /// Symmetric; all of them add up to 1.
    package let values: [Float]

    /// - Parameter perplexity: e to the entropy of each code's neighbor probabilities.
    package init(_ codes: Tensor, perplexity: Double, in context: ComputeContext) throws(AnalysisError) {
        let total = codes.shape.rows, wanted = max(1, min(total - 1, Int((3 * perplexity).rounded(.down))))
        let neighbors = try NearestNeighbors.find(
            codes, in: codes, count: wanted, excludingSelf: true, context: context)
        var conditional = [Double](repeating: 0, count: total * neighbors.count)
        let width = neighbors.count
        conditional.withUnsafeMutableBufferPointer { p in
            neighbors.distances.withUnsafeBufferPointer { distances in
                guard let p = p.baseAddress, let distances = distances.baseAddress else { return }
                context.parallel(over: total, work: total * width * 100) { rows in
                    for row in rows { Self.distribute(distances + row * width, p + row * width, width, perplexity) }
                }
            }
        }
        count = total
        (starts, columns, values) = Self.symmetrized(neighbors, conditional)
    }

    /// p_j|i, proportional to exp(-beta d^2), with beta such that the entropy is log(perplexity): by bisection.
    private static func distribute(
        _ distances: UnsafePointer<Float>, _ p: UnsafeMutablePointer<Double>, _ count: Int, _ perplexity: Double
    ) {
        // The nearest counts as distance 0: a common factor, and one of the terms is then 1.
        let nearest = Double(distances[0]) * Double(distances[0])
        var mean = 0.0
        for j in 0..<count { mean += Double(distances[j]) * Double(distances[j]) - nearest }
        mean /= Double(count)
        guard mean > 0 else {
            for j in 0..<count { p[j] = 1 / Double(count) }
            return
        }
        let wanted = DeterministicMath.log(min(perplexity, Double(count)))
        var beta = 1 / mean, low = 0.0, high = Double.infinity
        for _ in 0..<100 {
            var sum = 0.0, moment = 0.0
            for j in 0..<count {
                let distance = Double(distances[j]) * Double(distances[j]) - nearest
                p[j] = DeterministicMath.exp(-beta * distance)
                sum += p[j]
                moment += p[j] * distance
            }
            let entropy = DeterministicMath.log(sum) + beta * moment / sum
            for j in 0..<count { p[j] /= sum }
            if abs(entropy - wanted) < 1e-6 { return }
            if entropy > wanted { low = beta } else { high = beta }
            beta = high == .infinity ? beta * 2 : (low + high) / 2
        }
    }

    /// p_ij = (p_j|i + p_i|j) / 2N over the pairs in which either is a neighbor of the other.
    private static func symmetrized(
        _ neighbors: NearestNeighbors, _ conditional: [Double]
    ) -> (starts: [Int], columns: [Int32], values: [Float]) {
        let width = neighbors.count, total = conditional.count / width
        // Each row: its own neighbors, then those of which it is a neighbor, in order of their numbers.
        var lengths = [Int](repeating: width, count: total)
        for j in neighbors.indices { lengths[Int(j)] += 1 }
        var starts = [0]
        for length in lengths { starts.append(starts[starts.count - 1] + length) }
        var entries = [(column: Int32, value: Double)](repeating: (0, 0), count: starts[total])
        var ends = Array(starts.dropLast())
        for row in 0..<total {
            for place in row * width..<(row + 1) * width {
                let column = Int(neighbors.indices[place]), share = conditional[place] / (2 * Double(total))
                entries[ends[row]] = (Int32(column), share)
                ends[row] += 1
                entries[ends[column]] = (Int32(row), share)
                ends[column] += 1
            }
        }
        var merged = [0], columns: [Int32] = [], values: [Float] = []
        columns.reserveCapacity(entries.count)
        values.reserveCapacity(entries.count)
        for row in 0..<total {
            let sorted = entries[starts[row]..<starts[row + 1]].sorted { $0.column < $1.column }
            var index = 0
            while index < sorted.count {
                // A pair of mutual neighbors stands here twice; the sum is the same in both of its rows.
                let isTwice = index + 1 < sorted.count && sorted[index + 1].column == sorted[index].column
                columns.append(sorted[index].column)
                values.append(Float(isTwice ? sorted[index].value + sorted[index + 1].value : sorted[index].value))
                index += isTwice ? 2 : 1
            }
            merged.append(columns.count)
        }
        return (merged, columns, values)
    }

    func withUnsafePointers<Result>(
        _ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Float>) -> Result
    ) -> Result {
        starts.withUnsafeBufferPointer { starts in
            columns.withUnsafeBufferPointer { columns in
                values.withUnsafeBufferPointer { values in body(starts, columns, values) }
            }
        }
    }
}
