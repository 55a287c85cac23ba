import Requirements
package import TensorCore

/// The nearest of many codes to each of some queries.
package struct NearestNeighbors: Sendable, Equatable {
    package enum Metric: String, CaseIterable, Codable, Sendable {
        /// The length of the difference.
        case euclidean
        /// 1 - cosine of the angle, 0 to 2; from or to a code of zeros it is 1.
        case cosine
    }

    /// Neighbors of each query: the number asked for, or all there are.
    package let count: Int
    /// [queries * count]: row numbers of the nearest codes, nearest first, the smaller number first among equals.
    package let indices: [Int32]
    /// [queries * count]: their distances.
    package let distances: [Float]

    /// The neighbors of one query, nearest first.
    package func neighbors(of query: Int) -> [(index: Int, distance: Float)] {
        (query * count..<(query + 1) * count).map { (Int(indices[$0]), distances[$0]) }
    }

    /// The exact answer: candidates come from single-precision matrix products with a bound on their rounding, the
    /// choice among them from differences in double precision.
    ///
    /// Cost: 2 M N K operations and two looks at M N numbers; memory: a block of 16 MB.
    ///
    /// - Parameters:
    ///   - queries: [M, K]
    ///   - points: [N, K]
    ///   - count: how many neighbors of each query, at least 0.
    ///   - excludingSelf: query i is point i and not a neighbor of itself (its duplicates are).
    /// - Throws: ``AnalysisError/notFinite(row:what:)``.
    package static func find(
        _ queries: Tensor, in points: Tensor, count: Int, metric: Metric = .euclidean, excludingSelf: Bool = false,
        context: ComputeContext
    ) throws(AnalysisError) -> NearestNeighbors {
        let columns = points.shape.columns, total = points.shape.rows, asked = queries.shape.rows
        require(queries.shape.columns == columns, "queries \(queries.shape) among codes \(points.shape)")
        require(!excludingSelf || asked == total, "queries \(queries.shape) are not the codes \(points.shape)")
        require(count >= 0 && total <= Int(Int32.max), "\(count) neighbors among \(total) codes")
        if let row = queries.firstRowNotFinite(in: context) { throw .notFinite(row: row, what: "query") }
        if let row = points.firstRowNotFinite(in: context) { throw .notFinite(row: row, what: "code") }

        let found = max(0, min(count, excludingSelf ? total - 1 : total))
        guard found > 0, asked > 0 else {
            return NearestNeighbors(count: found, indices: [], distances: [])
        }
        let search = NeighborSearch(points, queries, metric: metric, count: found, excludingSelf: excludingSelf)
        var indices = [Int32](repeating: 0, count: asked * found),
            distances = [Float](repeating: 0, count: asked * found)
        indices.withUnsafeMutableBufferPointer { indices in
            distances.withUnsafeMutableBufferPointer { distances in
                guard let indices = indices.baseAddress, let distances = distances.baseAddress else { return }
                search.run(indices, distances, in: context)
            }
        }
        return NearestNeighbors(count: found, indices: indices, distances: distances)
    }
}
