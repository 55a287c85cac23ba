import Requirements
package import TensorCore

/// The pictures whose codes are nearest to that of another.
package struct NearPictures: Sendable, Equatable {
    package struct Neighbor: Sendable, Equatable {
        /// Among the codes searched.
        package var index: Int
        package var name: String
        package var label: String?
        package var distance: Float
    }

    /// Nearest first.
    package let neighbors: [Neighbor]

    /// - Parameters:
    ///   - query: a code [K].
    ///   - excluded: rows that are not to be found: the query itself.
    /// - Throws: ``AnalysisError`` for codes that are not finite.
    package init(
        to query: [Float], among codes: PictureCodes, count: Int,
        metric: NearestNeighbors.Metric = .euclidean, excluding excluded: Set<Int> = [], in context: ComputeContext
    ) throws {
        require(query.count == codes.length, "a query of \(query.count) numbers among codes of \(codes.length)")
        let found = try NearestNeighbors.find(
            Tensor(query, shape: [1, query.count]), in: codes.codes, count: count + excluded.count, metric: metric,
            context: context)
        neighbors = found.neighbors(of: 0).filter { !excluded.contains($0.index) }.prefix(count).map {
            Neighbor(
                index: $0.index, name: codes.names[$0.index], label: codes.labels[$0.index], distance: $0.distance)
        }
    }
}
