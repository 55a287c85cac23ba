import Requirements
import TensorCore

/// From which reconstruction error on a picture counts as an anomaly, so that few clean pictures do.
///
/// The threshold is an order statistic of the errors of clean pictures that the model was not trained on: the k-th
/// smallest of n, k = n + 1 - m with m the largest whole number up to (n + 1) x the wanted rate. If a further clean
/// picture is one of the same kind (exchangeable), its error is above it with a chance of at most m / (n + 1), whatever
/// the distribution of errors: split conformal prediction (Vovk, Gammerman & Shafer 2005; Vovk 2012). With fewer than
/// 1 / rate - 1 clean pictures no threshold can promise the rate; the largest clean error, and 1 / (n + 1), is then the
/// most that can be said.
package struct AnomalyThreshold: Sendable, Equatable, Codable {
    /// An error above it is an anomaly; one equal to it is not.
    package let value: Double
    package let wantedRate: Double
    /// n, the number of clean pictures whose errors were given.
    package let cleanPictures: Int
    /// k: the value is the k-th smallest clean error.
    package let rank: Int
    /// Clean errors above the value: n - k, or less when errors are equal.
    package let cleanPicturesAbove: Int

    /// - Parameters:
    ///   - cleanErrors: of pictures without anomalies, held out from training.
    ///   - falsePositiveRate: the share of clean pictures that may be flagged, in 0 ..< 1.
    /// - Throws: ``AnalysisError`` for no errors, or errors that are not finite.
    package init(cleanErrors: [Double], falsePositiveRate: Double = 0.01) throws(AnalysisError) {
        require((0..<1).contains(falsePositiveRate), "a false-positive rate of \(falsePositiveRate)")
        let count = cleanErrors.count
        guard count > 0 else { throw .tooFew(what: "clean pictures", found: 0, needed: 1) }
        if let row = cleanErrors.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: row, what: "the error of clean picture")
        }
        let sorted = cleanErrors.sorted()
        // 100 x 0.01 is meant to be 1 however it is rounded.
        let allowed = Int((Double(count + 1) * falsePositiveRate * (1 + 1e-12)).rounded(.down))
        let rank = count + 1 - max(1, min(count, allowed)), value = sorted[rank - 1]
        (self.value, self.rank, wantedRate, cleanPictures) = (value, rank, falsePositiveRate, count)
        cleanPicturesAbove = sorted.count { $0 > value }
    }

    package func isAnomaly(_ error: Double) -> Bool { error > value }

    /// The chance that a further clean picture is flagged is at most this, over the draw of clean pictures and it.
    package var promisedRate: Double { Double(cleanPictures + 1 - rank) / Double(cleanPictures + 1) }

    /// Whether there were enough clean pictures to promise the wanted rate.
    package var isPromiseKept: Bool { promisedRate <= wantedRate * (1 + 1e-12) }

    /// How many clean pictures have to be given before the wanted rate can be promised; the largest number there is where
    /// no number is enough.
    package var neededCleanPictures: Int { Int(exactly: (1 / wantedRate - 1 - 1e-9).rounded(.up)) ?? .max }

    /// The share of all clean pictures that this very threshold flags: it follows Beta(n + 1 - k, k) over the draws of
    /// clean pictures (and lies lower where errors are equal), and between these bounds with the given confidence.
    package func rateBounds(confidence: Double = 0.95) -> ClosedRange<Double> {
        require(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
        // A Beta of whole numbers is a binomial tail: the rate is at most p as surely as at least n + 1 - k of n uniform
        // numbers are.
        let above = cleanPictures + 1 - rank, tail = (1 - confidence) / 2
        func quantile(_ share: Double) -> Double {
            var low = 0.0, high = 1.0
            for _ in 0..<60 {
                let middle = (low + high) / 2
                let chance = Binomial.chance(ofAtLeast: above, of: cleanPictures, probability: middle)
                if chance < share { low = middle } else { high = middle }
            }
            return (low + high) / 2
        }
        return quantile(tail)...quantile(1 - tail)
    }
}

extension AnomalyThreshold: CustomStringConvertible {
    package var description: String {
        func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }
        let bounds = rateBounds()
        let promise = """
            an error above \(value) is an anomaly (number \(rank) of \(cleanPictures) clean errors in increasing order): \
            at most \(percent(promisedRate)) of further clean pictures are expected above it, and for this threshold \
            between \(percent(bounds.lowerBound)) and \(percent(bounds.upperBound)) with 95 % confidence
            """
        guard !isPromiseKept else { return promise }
        let needed = wantedRate > 0 ? "; \(percent(wantedRate)) takes \(neededCleanPictures) clean pictures" : ""
        return promise + ". Fewer cannot be promised from \(cleanPictures)" + needed
    }
}

/// Tails of the binomial distribution, in double precision.
package enum Binomial {
    /// P(X >= least) for X successes of `count` trials. The tail that starts at `least` is summed term by term, or the
    /// other one where it is the smaller. Cost: one term for each standard deviation and a few more.
    package static func chance(ofAtLeast least: Int, of count: Int, probability p: Double) -> Double {
        require(count >= 0 && (0...1).contains(p), "\(count) trials of probability \(p)")
        guard least > 0 else { return 1 }
        guard least <= count, p > 0 else { return 0 }
        guard p < 1 else { return 1 }
        let odds = p / (1 - p)
        if Double(least) > Double(count) * p {
            var term = mass(least, count, p), sum = term, k = least
            while k < count, term > sum * 1e-18 {
                term *= Double(count - k) / Double(k + 1) * odds
                k += 1
                sum += term
            }
            return min(1, sum)
        }
        var k = least - 1, term = mass(k, count, p), sum = term
        while k > 0, term > sum * 1e-18 {
            term *= Double(k) / Double(count - k + 1) / odds
            k -= 1
            sum += term
        }
        return max(0, 1 - sum)
    }

    /// P(X = k), 0 < p < 1.
    private static func mass(_ k: Int, _ count: Int, _ p: Double) -> Double {
        let choices = logFactorial(count) - logFactorial(k) - logFactorial(count - k)
        return DeterministicMath.exp(
            choices + Double(k) * DeterministicMath.log(p) + Double(count - k) * DeterministicMath.log(1 - p))
    }

    /// log n!: the product up to 20!, Stirling's series beyond (next term below 1e-12).
    package static func logFactorial(_ n: Int) -> Double {
        if n <= 20 { return DeterministicMath.log((1...max(1, n)).reduce(1.0) { $0 * Double($1) }) }
        let x = Double(n), inverse = 1 / x, square = inverse * inverse
        let series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260)))
        return (x + 0.5) * DeterministicMath.log(x) - x + 0.9189385332046728 + series
    }
}
