import CKernels
import Requirements
package import TensorCore

/// Groups of codes around centers (Lloyd 1982), started by k-means++ (Arthur & Vassilvitskii 2007).
package struct KMeans: Sendable, Equatable {
    /// [C, K]. C is the number asked for, or that of different codes if there are fewer.
    package let centers: Tensor
    /// The center nearest to each code, the first of equals.
    package let assignments: [Int]
    /// The sum of squared distances of the codes from their centers.
    package let inertia: Double
    /// Codes of each center; none is 0.
    package let sizes: [Int]

    /// The best of several starts. Cost: 2 N C K operations an iteration.
    ///
    /// - Parameters:
    ///   - codes: [N, K]
    ///   - clusters: at least 1.
    ///   - seed: of the starts; start s draws from its step s.
    /// - Throws: ``AnalysisError`` for no codes, or numbers that are not finite.
    package static func fit(
        _ codes: Tensor, clusters: Int, starts: Int = 3, maximumIterations: Int = 100, seed: UInt64 = 1,
        in context: ComputeContext
    ) throws(AnalysisError) -> KMeans {
        require(clusters >= 1 && starts >= 1, "\(clusters) clusters from \(starts) starts")
        let count = codes.shape.rows
        guard count > 0 else { throw .tooFew(what: "codes", found: 0, needed: 1) }
        if let row = codes.firstRowNotFinite(in: context) { throw .notFinite(row: row, what: "code") }
        // About their mean, so that little cancels in a single-precision product.
        let mean = codes.columnMeans.map(Float.init)
        let problem = KMeansProblem(codes.reshaped(to: [count, codes.shape.columns]).less(mean, in: context))
        var best: KMeans?
        for start in 0..<starts {
            let stream = RandomStream(seed: seed, stream: 0x4b_4d_65, step: UInt64(start))
            let found = problem.solve(
                from: problem.seeds(clusters, stream, in: context), maximumIterations: maximumIterations, in: context)
            if best.map({ found.inertia < $0.inertia }) ?? true { best = found }
        }
        guard let best else { throw .tooFew(what: "codes", found: 0, needed: 1) }
        return KMeans(
            centers: best.centers.less(mean.map { -$0 }, in: context), assignments: best.assignments,
            inertia: best.inertia, sizes: best.sizes)
    }
}

/// The pieces of k-means on codes around the origin.
struct KMeansProblem {
    private let points: Tensor
    private let count: Int, columns: Int

    init(_ points: Tensor) {
        self.points = points
        count = points.shape.rows
        columns = points.shape.columns
    }

    /// k-means++: each next center is a code drawn with a chance in proportion to its squared distance from the nearest
    /// center so far. Fewer than wanted when no other code is left. Cost: 2 N C K operations.
    func seeds(_ wanted: Int, _ stream: RandomStream, in context: ComputeContext) -> Tensor {
        // Two draws of 24 bits for each center: fine enough for millions of codes.
        let coins = stream.uniform(count: 2 * wanted, in: context)
        func coin(_ index: Int) -> Double { Double(coins[2 * index]) + Double(coins[2 * index + 1]) * 0x1p-24 }
        var chosen = [min(count - 1, Int(coin(0) * Double(count)))]
        var nearest = [Double](repeating: .infinity, count: count)
        while true {
            nearest.withUnsafeMutableBufferPointer { nearest in
                let center = chosen[chosen.count - 1]
                for row in 0..<count { nearest[row] = min(nearest[row], squaredDistance(row, points, center)) }
            }
            let total = nearest.reduce(0, +)
            guard chosen.count < wanted, total > 0 else { break }
            var remaining = coin(chosen.count) * total, next = 0
            for row in 0..<count where nearest[row] > 0 {
                next = row
                if remaining < nearest[row] { break }
                remaining -= nearest[row]
            }
            chosen.append(next)
        }
        return points.rows(numbered: chosen)
    }

    /// Lloyd's iterations until no code changes its center.
    func solve(from seeds: Tensor, maximumIterations: Int, in context: ComputeContext) -> KMeans {
        var centers = seeds, assignments = assign(to: centers, in: context)
        for _ in 0..<maximumIterations {
            centers = means(&assignments, centers)
            let next = assign(to: centers, in: context)
            if next == assignments { break }
            assignments = next
        }
        centers = means(&assignments, centers)
        var sizes = [Int](repeating: 0, count: centers.shape.rows)
        for center in assignments { sizes[center] += 1 }
        let inertia = (0..<count).reduce(0.0) { $0 + squaredDistance($1, centers, assignments[$1]) }
        return KMeans(centers: centers, assignments: assignments, inertia: inertia, sizes: sizes)
    }

    /// The nearest center of each point: the least |c|^2 - 2 x c.
    private func assign(to centers: Tensor, in context: ComputeContext) -> [Int] {
        let size = centers.shape.rows
        let squares = (0..<size).map { center in
            centers.withUnsafePointer { context.kernels.sum_of_squares($0 + center * columns, columns) }
        }
        let products = MatrixProduct.multiply(points, centers, transposeB: true, in: context)
        return products.withUnsafePointer { p in
            (0..<count).map { row in
                var best = 0, least = Float.infinity
                for center in 0..<size {
                    let distance = squares[center] - 2 * p[row * size + center]
                    if distance < least { (best, least) = (center, distance) }
                }
                return best
            }
        }
    }

    /// The means of the groups, in double precision. An empty group takes the point farthest from its own center.
    private func means(_ assignments: inout [Int], _ centers: Tensor) -> Tensor {
        let size = centers.shape.rows
        var sizes = [Int](repeating: 0, count: size)
        for center in assignments { sizes[center] += 1 }
        for empty in 0..<size where sizes[empty] == 0 {
            var farthest = -1, most = -1.0
            for row in 0..<count where sizes[assignments[row]] > 1 {
                let distance = squaredDistance(row, centers, assignments[row])
                if distance > most { (farthest, most) = (row, distance) }
            }
            sizes[assignments[farthest]] -= 1
            assignments[farthest] = empty
            sizes[empty] = 1
        }
        var sums = [Double](repeating: 0, count: size * columns)
        points.withUnsafePointer { p in
            sums.withUnsafeMutableBufferPointer { sums in
                for row in 0..<count {
                    let start = assignments[row] * columns
                    for column in 0..<columns { sums[start + column] += Double(p[row * columns + column]) }
                }
            }
        }
        return Tensor(rounding: sums.indices.map { sums[$0] / Double(sizes[$0 / columns]) }, shape: centers.shape)
    }

    private func squaredDistance(_ row: Int, _ others: Tensor, _ other: Int) -> Double {
        points.withUnsafePointer { p in
            others.withUnsafePointer { q in
                var sum = 0.0
                for column in 0..<columns {
                    let difference = Double(p[row * columns + column]) - Double(q[other * columns + column])
                    sum += difference * difference
                }
                return sum
            }
        }
    }
}
