import Jacquard

/// A regression with a known noise floor: Friedman #1 (Friedman, Multivariate Adaptive Regression Splines, 1991, eq. 61).
///
/// y = 10 sin(π x₁ x₂) + 20 (x₃ - ½)² + 10 x₄ + 5 x₅ + ε, with ten inputs uniform in 0…1, of which five have no influence,
/// and ε a standard normal number. So no model can have a root mean square error below 1. It stands here for the houses of
/// Boston, which the book foretells the prices of, and which are no longer distributed. There are more rows than Boston's
/// 506: with 354 to learn from, chance decides which of the book's three networks comes out best.
struct Friedman {
    var rows = 4000
    var heldOut = 1200
    var seed: UInt64 = 80_718

    func draw(in context: ComputeContext) -> Materials.Regression {
        let x = RandomStream(seed: seed, stream: 0).uniform([rows, 10], low: 0, high: 1, in: context)
        let noise = RandomStream(seed: seed, stream: 1).normal([rows], in: context).values
        let y = (0..<rows).map { row in
            let x = x.row(row).values.map(Double.init)
            return Float(Self.smooth(x)) + noise[row]
        }
        let all = Dataset(inputs: x, targets: Tensor(y, shape: [rows, 1]))
        let parts = all.split(heldOut: heldOut, seed: seed)
        return Materials.Regression(
            training: parts.training, test: parts.heldOut, columns: (1...10).map { "x\($0)" },
            source: "\(rows) rows of Friedman's first function with noise of deviation 1, \(heldOut) held out",
            noiseFloor: 1, truth: Self.smooth)
    }

    /// What there is to be found, without the noise.
    private static func smooth(_ x: [Double]) -> Double {
        10 * DeterministicMath.sin(.pi * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4]
    }
}
