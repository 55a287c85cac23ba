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
