import Autoencoders
public import TensorCore

/// A map of codes in two dimensions in which near codes stay near: t-distributed stochastic neighbor embedding (van der
/// Maaten & Hinton, 2008), by Barnes and Hut's tree beyond 2,000 codes.
///
/// Who is beside whom means something in such a map; distances between groups and their sizes mean little.
///
/// Cost: 2,000 codes take about 2.5 seconds on one core, 10,000 six.
/// - Parameters:
///   - codes: [N, K], finite numbers.
///   - perplexity: how many neighbors a code effectively has; 30 if nil, above 0, and never more than a third of the others.
///   - seed: parts equal codes at the start.
///   - context: what computes.
/// - Returns: places [N, 2].
/// - Throws: ``ModelError`` for a code that is not finite, or a perplexity that is not above 0.
public func tSNE(
    of codes: Tensor, perplexity: Double? = nil, seed: UInt64 = 1, in context: ComputeContext
) throws -> Tensor {
    try ModelError.check(perplexity.map { $0 > 0 } ?? true, "perplexity", "above 0, not \(perplexity ?? 0)")
    return try ModelError.translating {
        var options = TSNE.Options()
        (options.perplexity, options.seed) = (perplexity, seed)
        return try TSNE.embed(codes, options: options, in: context).positions
    }
}

/// Codes seen as draws from a few Gaussians, each with a full covariance, so that new ones can be drawn: fitted by
/// expectation-maximization (Dempster, Laird & Rubin, 1977) from a k-means start.
public struct GaussianMixture: Sendable {
    private let mixture: Autoencoders.GaussianMixture

    /// Cost: 2 N C K² operations an iteration, of which there are 100 at most.
    /// - Parameters:
    ///   - codes: [N, K], finite numbers.
    ///   - components: C, how many Gaussians, 1 or more; fewer come out where one would stand for K codes or fewer.
    ///   - seed: of the start.
    ///   - context: what computes.
    /// - Throws: ``ModelError`` for no codes, or one that is not finite, or fewer components than 1.
    public init(fittedTo codes: Tensor, components: Int, seed: UInt64 = 1, in context: ComputeContext) throws {
        try ModelError.check(components >= 1, "components", "1 or more, not \(components)")
        mixture = try ModelError.translating {
            var options = Autoencoders.GaussianMixture.Options()
            options.seed = seed
            return try .fit(codes, components: components, options: options, in: context)
        }
    }

    /// New codes [count, K]. Code i is a function of the seed and i.
    /// - Precondition: the count is 0 or more.
    public func draw(_ count: Int, seed: UInt64 = 1, in context: ComputeContext) -> Tensor {
        mixture.draw(count, from: RandomStream(seed: seed), in: context)
    }
}

/// The rows of a table that are nearest to each of some others, by the length of the difference.
///
/// The answer is exact. Cost: 2 M N K operations.
/// - Parameters:
///   - queries: [M, K], finite numbers.
///   - points: [N, K], finite numbers.
///   - count: how many to find for each query, 0 or more; N at most are found.
///   - context: what computes.
/// - Returns: for each query the positions in `points` and the distances, nearest first.
/// - Precondition: queries and points have as many columns.
/// - Throws: ``ModelError`` for a number that is not finite, or a count below 0.
public func nearestNeighbors(
    of queries: Tensor, among points: Tensor, count: Int = 1, in context: ComputeContext
) throws -> [[(index: Int, distance: Float)]] {
    try ModelError.check(count >= 0, "count", "0 or more, not \(count)")
    return try ModelError.translating {
        let found = try NearestNeighbors.find(queries, in: points, count: count, context: context)
        return (0..<queries.shape.rows).map(found.neighbors)
    }
}
