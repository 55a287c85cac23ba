import Requirements
import TensorCore

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
