import Autoencoders
import TensorCore
import TestSupport
import Testing

@Suite struct AnalysisAnomalyTests {
    /// Errors 1 ... n in another order: the threshold is its own rank.
    private static func errors(_ count: Int) -> [Double] { (0..<count).map { Double($0 * 41 % count + 1) } }

    /// k = n + 1 - floor((n + 1) rate).
    @Test(arguments: [
        (99, 0.01, 99), (199, 0.01, 198), (198, 0.01, 198), (999, 0.01, 990), (1000, 0.01, 991), (19, 0.1, 18),
    ])
    func rank(_ count: Int, _ rate: Double, _ rank: Int) throws {
        let threshold = try AnomalyThreshold(cleanErrors: Self.errors(count), falsePositiveRate: rate)
        #expect(threshold.rank == rank)
        #expect(threshold.value == Double(rank))
        #expect(threshold.cleanPicturesAbove == count - rank)
        #expect(threshold.promisedRate == Double(count + 1 - rank) / Double(count + 1))
        #expect(threshold.isPromiseKept)
        #expect(!threshold.isAnomaly(Double(rank)))
        #expect(threshold.isAnomaly(Double(rank) + 0.5))
    }

    @Test func tooFewForTheRate() throws {
        let threshold = try AnomalyThreshold(cleanErrors: Self.errors(50))
        #expect(threshold.value == 50)
        #expect(threshold.promisedRate == 1.0 / 51)
        #expect(!threshold.isPromiseKept)
        #expect(threshold.neededCleanPictures == 99)
        #expect(threshold.description.contains("1.96 %"))
        #expect(threshold.description.contains("1.0 % takes 99 clean pictures"))
        let one = try AnomalyThreshold(cleanErrors: [7], falsePositiveRate: 0)
        #expect(one.value == 7 && !one.isPromiseKept && one.promisedRate == 0.5)
        for rate in [1e-19, 1e-300, .leastNonzeroMagnitude] {
            let threshold = try AnomalyThreshold(cleanErrors: [7], falsePositiveRate: rate)
            #expect(
                threshold.neededCleanPictures == .max && threshold.description.contains("takes 9223372036854775807"))
        }
        #expect(throws: AnalysisError.tooFew(what: "clean pictures", found: 0, needed: 1)) {
            try AnomalyThreshold(cleanErrors: [])
        }
        #expect(throws: AnalysisError.notFinite(row: 1, what: "the error of clean picture")) {
            try AnomalyThreshold(cleanErrors: [1, .nan])
        }
    }

    /// scipy.stats.beta.ppf([0.025, 0.975], n + 1 - k, k).
    @Test(arguments: [
        (99, 0.01, 0.000255702737, 0.036575744983), (50, 0.01, 0.000506227983, 0.071121736464),
        (1000, 0.01, 0.004805510691, 0.01701578307), (199, 0.01, 0.001219457916, 0.027678712916),
        (100_000, 0.01, 0.009392556089, 0.010625806644),
    ])
    func rateBounds(_ count: Int, _ rate: Double, _ low: Double, _ high: Double) throws {
        let bounds = try AnomalyThreshold(cleanErrors: Self.errors(count), falsePositiveRate: rate).rateBounds()
        #expect(abs(bounds.lowerBound / low - 1) < 1e-8)
        #expect(abs(bounds.upperBound / high - 1) < 1e-8)
    }

    /// The promise itself: over many draws of 19 clean errors and one more, a tenth of the last ones are above.
    @Test func promiseHolds() throws {
        let context = ComputeContext(threads: 1), trials = 20_000
        let draws = RandomStream(seed: 1).normal([trials, 20], in: context).values.map(Double.init)
        var flagged = 0
        for trial in 0..<trials {
            let threshold = try AnomalyThreshold(
                cleanErrors: Array(draws[trial * 20..<trial * 20 + 19]), falsePositiveRate: 0.1)
            if threshold.isAnomaly(draws[trial * 20 + 19]) { flagged += 1 }
        }
        // Three standard deviations of a share of 0.1.
        #expect(abs(Double(flagged) / Double(trials) - 0.1) < 0.0064)
    }

    @Test func equalErrors() throws {
        let threshold = try AnomalyThreshold(cleanErrors: [1, 2, 2, 2, 2, 2, 2, 2, 2], falsePositiveRate: 0.4)
        #expect(threshold.value == 2)
        #expect(threshold.cleanPicturesAbove == 0)
    }

    /// scipy.stats.binom.sf(k - 1, n, p).
    @Test func binomialTails() {
        for (k, n, p, expected) in [
            (3, 10, 0.2, 0.32220047360000015), (1, 50, 0.01, 0.39499393286246337),
            (600, 1000, 0.57, 0.02947643362745707),
            (990, 100_000, 0.01, 0.6289567494129868), (5, 5, 0.3, 0.00243), (0, 4, 0.5, 1), (5, 4, 0.5, 0),
            (1, 4, 0, 0), (4, 4, 1, 1),
        ] {
            let chance = Binomial.chance(ofAtLeast: k, of: n, probability: p)
            #expect(abs(chance - expected) <= 1e-9 * expected, "\(k) of \(n)")
        }
        #expect(abs(Binomial.logFactorial(25) - 58.00360522298052) < 1e-11)  // math.lgamma(26)
    }

    /// sklearn.metrics.roc_auc_score on errors in steps of a quarter, every third an anomaly; and all pairs.
    @Test func areaUnderCurve() throws {
        let errors = analysisNoise(20, seed: 7).map { Double(($0 * 4).rounded(.toNearestOrEven) / 4) }
        let quality = try #require(DetectionQuality(errors: errors, isAnomaly: (0..<20).map { $0 % 3 == 0 }))
        #expect(abs(quality.areaUnderCurve - 0.5659340659340659) < 1e-12)
        #expect(quality.anomalies == 7 && quality.cleanPictures == 13)
        var pairs = 0.0
        for i in 0..<20 where i % 3 == 0 {
            for j in 0..<20 where j % 3 != 0 { pairs += errors[i] > errors[j] ? 1 : errors[i] == errors[j] ? 0.5 : 0 }
        }
        #expect(abs(quality.areaUnderCurve - pairs / 91) < 1e-12)
    }

    @Test func ratesAboveAThreshold() throws {
        let quality = try #require(
            DetectionQuality(errors: [1, 5, 3, 4, 2], isAnomaly: [false, true, true, false, false]))
        #expect(quality.areaUnderCurve == 5.0 / 6)
        #expect(quality.rates(above: 3) == (truePositives: 0.5, falsePositives: 1.0 / 3))
        #expect(quality.rates(above: 0) == (truePositives: 1, falsePositives: 1))
        #expect(DetectionQuality(errors: [1, 2], isAnomaly: [true, true]) == nil)
        #expect(DetectionQuality(errors: [], isAnomaly: []) == nil)
    }
}
