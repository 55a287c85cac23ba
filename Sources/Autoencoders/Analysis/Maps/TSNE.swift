import Requirements
package import TensorCore

/// A map of codes in two dimensions in which near codes stay near: t-distributed stochastic neighbor embedding
/// (van der Maaten & Hinton 2008).
///
/// Affinities reach each code's 3 x perplexity nearest neighbors (van der Maaten 2014), all of them when there are no
/// more. Repulsion is summed over all pairs up to `exactLimit` codes and by Barnes and Hut's tree beyond. The start is
/// the first two principal components (Kobak & Berens 2019), the learning rate grows with N (Belkina et al. 2019).
///
/// Distances between groups and their sizes mean little in such a map; who is beside whom does. The same codes,
/// options and seed give the same bits on any number of threads.
package struct TSNE: Sendable, Equatable {
    package struct Options: Sendable, Equatable {
        /// The number of neighbors a code effectively has; nil: 30. Never more than a third of the other codes.
        package var perplexity: Double?
        package var iterations = 1000
        /// Affinities are multiplied by this during the first iterations.
        package var earlyExaggeration = 12.0
        package var exaggeratedIterations = 250
        /// nil: N / (4 early exaggeration), at least 50.
        package var learningRate: Double?
        /// More codes than this repel each other through a tree.
        package var exactLimit = 2000
        /// How wide a square of codes may look from a distance, in radians, to act as one: 0 (exact) to 0.7.
        package var angle = 0.5
        /// Seed of the random scatter that parts equal codes at the start.
        package var seed: UInt64 = 1

        package init() {}
    }

    /// [N, 2], around the origin.
    package let positions: Tensor
    /// The Kullback-Leibler divergence, in nats, of the map's affinities from the codes': what was minimized.
    package let divergence: Double
    /// Fewer than asked for when it was stopped.
    package let iterations: Int
    /// The perplexity that was used; 0 where there are too few codes for any.
    package let perplexity: Double

    /// - Parameters:
    ///   - codes: [N, K]. Up to 3 codes are placed by their principal components.
    ///   - progress: called after each iteration with the number done and the number of all.
    ///   - shouldStop: asked before each iteration; the map so far is returned.
    /// - Throws: ``AnalysisError/notFinite(row:what:)``.
    ///
    /// Cost: on one core 1,000 codes take less than a second for all iterations, 2,000 take 2.5, 10,000 take 6. Memory:
    /// about 100 N x perplexity bytes, and what the search for neighbors takes.
    package static func embed(
        _ codes: Tensor, options: Options = Options(), in context: ComputeContext,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }, shouldStop: () -> Bool = { false }
    ) throws -> TSNE {
        require(options.iterations >= 0 && options.earlyExaggeration >= 1, "\(options)")
        // A square's own points lie at most sqrt(2) sides from its center: below 0.7 it never acts on them as one.
        require((0...0.7).contains(options.angle), "an angle of \(options.angle) is not in 0...0.7")
        require(options.perplexity.map { $0 > 0 } ?? true, "a perplexity of \(options.perplexity ?? 0)")
        let count = codes.shape.rows
        if let row = codes.firstRowNotFinite(in: context) { throw AnalysisError.notFinite(row: row, what: "code") }
        // A map has no unit: codes of any size have the same.
        let codes = codes.withoutHugeNumbers.tensor
        guard count > 3 else {
            let positions = try start(codes, spread: 1, scatter: 0, seed: options.seed, in: context)
            return TSNE(positions: positions, divergence: 0, iterations: 0, perplexity: 0)
        }
        let perplexity = min(options.perplexity ?? 30, max(2, Double(count - 1) / 3))
        let affinities = try Affinities(codes, perplexity: perplexity, in: context)
        var descent = TSNEDescent(
            start: try start(codes, spread: 1e-4, scatter: 1e-6, seed: options.seed, in: context), affinities, options)
        var done = 0
        while done < options.iterations, !shouldStop() {
            descent.step(done, in: context)
            done += 1
            progress(done, options.iterations)
        }
        return TSNE(
            positions: descent.positions, divergence: descent.divergence(in: context),
            iterations: done, perplexity: perplexity)
    }

    /// The first two principal components, the first with this standard deviation, and a scatter that parts equals.
    private static func start(
        _ codes: Tensor, spread: Double, scatter: Float, seed: UInt64, in context: ComputeContext
    ) throws -> Tensor {
        let plane = try PrincipalComponents.map(codes, in: context), values = plane.values
        let squares = stride(from: 0, to: values.count, by: 2).map { Double(values[$0]) * Double(values[$0]) }
        let deviation = (squares.reduce(0, +) / Double(max(1, squares.count))).squareRoot()
        let scale = deviation > 0 ? Float(spread / deviation) : 0
        let noise = RandomStream(seed: seed, stream: 0x74_53_4e_45).normal(plane.shape, in: context).values
        return Tensor(zip(values, noise).map { $0 * scale + $1 * scatter }, shape: plane.shape)
    }
}
