import Autoencoders
import Kernels
import TensorCore
import TestSupport
import Testing

/// Against scikit-learn 1.9's GaussianMixture on the same codes, and against the mixture that codes were drawn from.
@Suite struct AnalysisGaussianMixtureTests {
    private let context = ComputeContext(threads: 2)

    /// 250 codes around (4, 0, 1), first and last coordinate correlated, and 150 around the origin.
    static let twoGaussians: Tensor = {
        var x = analysisNoise(1200, seed: 6, low: -1, high: 1)
        for row in 0..<250 {
            x[row * 3 + 2] = x[row * 3] * 0.5 + x[row * 3 + 2] * 0.3
            x[row * 3] += 4
            x[row * 3 + 2] += 1
        }
        for row in 250..<400 {
            x[row * 3] *= 0.5
            x[row * 3 + 1] *= 2
        }
        return Tensor(x, shape: [400, 3])
    }()

    /// GaussianMixture(2, tol=1e-10, max_iter=2000, reg_covar=1e-9, n_init=3).
    @Test func likeTheReference() throws {
        var options = GaussianMixture.Options()
        options.tolerance = 1e-9
        options.maximumIterations = 500
        let mixture = try GaussianMixture.fit(Self.twoGaussians, components: 2, options: options, in: context)
        let (first, second) = (mixture.components[0], mixture.components[1])
        expectMatch([first.weight, second.weight], [0.6250000001, 0.3749999999], "weights", tolerance: 1e-5)
        expectMatch(first.mean, [4.0908194518, 0.0447318926, 1.0392336194], "mean", tolerance: 1e-5)
        expectMatch(second.mean, [-0.0009827158, 0.0980134455, -0.0365593583], "mean", tolerance: 1e-4)
        expectMatch(
            first.covariance,
            [
                0.2976329391, -0.0068601267, 0.1484945329, -0.0068601267, 0.343672767, -0.0027788534, 0.1484945329,
                -0.0027788534, 0.1057624354,
            ], "covariance", tolerance: 1e-4)
        expectMatch(
            second.covariance,
            [
                0.0936543131, 0.0188892895, -0.0079821412, 0.0188892895, 1.2522295466, 0.0112668779, -0.0079821412,
                0.0112668779, 0.3969737159,
            ], "covariance", tolerance: 1e-4)
        #expect(abs(mixture.meanLogLikelihood + 2.550884612263501) < 1e-3)
        #expect(abs(mixture.bayesianInformationCriterion - 2154.545457684936) < 0.5)
        expectMatch(
            mixture.logDensities(of: Tensor(Array(Self.twoGaussians.values[..<9]), shape: [3, 3]), in: context),
            [-2.2476573862, -3.6516686113, -3.7991832618], "log densities", tolerance: 1e-3)
    }

    /// GaussianMixture(1, reg_covar=0): mean and covariance of the codes.
    @Test func oneComponent() throws {
        let single = try GaussianMixture.fit(Self.twoGaussians, components: 1, in: context)
        #expect(single.components.count == 1)
        #expect(single.components[0].weight == 1)
        expectMatch(single.components[0].mean, [2.5563936393, 0.0647124749, 0.6358112529], "mean", tolerance: 1e-6)
        expectMatch(
            single.components[0].covariance,
            [
                4.1452452449, -0.0483019644, 1.1215186015, -0.0483019644, 0.6850469311, -0.0109460605, 1.1215186015,
                -0.0109460605, 0.4862160077,
            ], "covariance", tolerance: 1e-5)
        #expect(abs(single.meanLogLikelihood + 3.9285060736573167) < 1e-4)
        #expect(abs(single.bayesianInformationCriterion - 3196.727982958093) < 0.1)
    }

    /// scikit-learn's criterion for 1 to 5 components: 3196.7, 2154.5, 2161.5, 2190.4, 2184.3.
    @Test func numberOfComponents() throws {
        #expect(try GaussianMixture.fit(Self.twoGaussians, in: context).components.count == 2)
        let three = threeClusters(each: 150, columns: 2, apart: 9, seed: 3)
        let mixture = try GaussianMixture.fit(three, in: context)
        #expect(mixture.components.count == 3)
        #expect(mixture.components.allSatisfy { abs($0.weight - 1.0 / 3) < 1e-6 })
        #expect(try GaussianMixture.fit(three, componentsUpTo: 2, in: context).components.count == 2)
        #expect(try GaussianMixture.fit(three, componentsUpTo: 1, in: context).components.count == 1)
    }

    /// Draws from a known mixture give it back, and so does a second round.
    @Test func recoversWhatItDrew() throws {
        let known = try GaussianMixture.fit(Self.twoGaussians, components: 2, in: context)
        let draws = known.draw(20_000, from: RandomStream(seed: 5), in: context)
        #expect(draws.shape == [20_000, 3])
        var options = GaussianMixture.Options()
        options.maximumCodes = 20_000
        let again = try GaussianMixture.fit(draws, components: 2, options: options, in: context)
        for (found, component) in zip(again.components, known.components) {
            #expect(abs(found.weight - component.weight) < 0.015)
            for k in 0..<3 {
                let deviation = component.covariance[k * 4].squareRoot()
                #expect(abs(found.mean[k] - component.mean[k]) < 0.05 * deviation)
                for j in 0..<3 {
                    let scale = deviation * component.covariance[j * 4].squareRoot()
                    #expect(abs(found.covariance[k * 3 + j] - component.covariance[k * 3 + j]) < 0.05 * scale)
                }
            }
        }
        #expect(known.draw(7, from: RandomStream(seed: 5), in: context).values == Array(draws.values[..<21]))
        #expect(known.draw(7, from: RandomStream(seed: 6), in: context).values != Array(draws.values[..<21]))
    }

    /// The density integrates to one: a sum over a grid.
    @Test func densityIntegratesToOne() throws {
        let all = Self.twoGaussians.values
        let codes = Tensor((0..<400).flatMap { [all[3 * $0], all[3 * $0 + 1]] }, shape: [400, 2])
        let mixture = try GaussianMixture.fit(codes, components: 2, in: context)
        let side = (0..<240).map { Float($0) * 0.05 - 5 }
        let grid = Tensor(side.flatMap { x in side.flatMap { y in [x + 1, y] } }, shape: [240 * 240, 2])
        let total = mixture.logDensities(of: grid, in: context).reduce(0.0) { $0 + DeterministicMath.exp($1) * 0.0025 }
        #expect(abs(total - 1) < 1e-3)
        let mean = mixture.logDensities(of: codes, in: context).reduce(0, +) / 400
        #expect(abs(mean - mixture.meanLogLikelihood) < 1e-4)
    }

    /// One code, fewer codes than dimensions, codes that are all equal, a dimension that never varies.
    @Test func degenerate() throws {
        let one = try GaussianMixture.fit(Tensor([3, -40, 0], shape: [1, 3]), in: context)
        let drawn = one.draw(5, from: RandomStream(seed: 1), in: context)
        for row in rows(of: drawn) { expectMatch(row, [3, -40, 0], "draw", tolerance: 1e-5) }

        let few = Tensor(analysisNoise(5 * 20, seed: 7), shape: [5, 20])
        for mixture in [
            try GaussianMixture.fit(few, in: context), try GaussianMixture.fit(few, components: 4, in: context),
        ] {
            #expect(mixture.components.count == 1)
            #expect(mixture.meanLogLikelihood.isFinite)
            let draws = mixture.draw(9, from: RandomStream(seed: 1), in: context)
            #expect(draws.values.allSatisfy { $0.isFinite && abs($0) < 10 })
        }

        let equal = try GaussianMixture.fit(Tensor(repeating: 0.5, shape: [50, 3]), in: context)
        #expect(equal.draw(3, from: RandomStream(seed: 2), in: context).values.allSatisfy { abs($0 - 0.5) < 1e-4 })
        let zeros = try GaussianMixture.fit(Tensor(zeros: [50, 3]), components: 3, in: context)
        #expect(zeros.draw(3, from: RandomStream(seed: 2), in: context).values.allSatisfy { abs($0) < 1e-4 })

        // A collapsed unit beside two that vary, and one that repeats another.
        let values = analysisNoise(300 * 2, seed: 8)
        var four: [Float] = []
        for row in 0..<300 { four += [values[2 * row], 0.25, values[2 * row + 1], values[2 * row]] }
        let codes = Tensor(four, shape: [300, 4])
        let mixture = try GaussianMixture.fit(codes, componentsUpTo: 3, in: context)
        for row in rows(of: mixture.draw(50, from: RandomStream(seed: 3), in: context)) {
            #expect(abs(row[1] - 0.25) < 1e-4)
            #expect(abs(row[0] - row[3]) < 0.02)
            #expect(abs(row[0]) < 8)
        }
    }

    @Test func badInput() {
        #expect(throws: AnalysisError.tooFew(what: "codes", found: 0, needed: 1)) {
            try GaussianMixture.fit(Tensor(zeros: [0, 3]), in: context)
        }
        #expect(throws: AnalysisError.notFinite(row: 1, what: "code")) {
            try GaussianMixture.fit(Tensor([1, .nan], shape: [2, 1]), components: 1, in: context)
        }
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) throws {
        // Enough codes for all threads to have some.
        let codes = threeClusters(each: 1300, columns: 5, apart: 1.5, seed: 10)
        func fitted(_ context: ComputeContext) throws -> (GaussianMixture, Tensor) {
            let mixture = try GaussianMixture.fit(codes, componentsUpTo: 4, in: context)
            return (mixture, mixture.draw(100, from: RandomStream(seed: 4), in: context))
        }
        let expected = try fitted(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 {
            #expect(try fitted(ComputeContext(threads: threads, instructionSet: set)) == expected)
        }
    }
}
