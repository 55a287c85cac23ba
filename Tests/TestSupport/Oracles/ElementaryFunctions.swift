import Foundation

extension Oracle {
    public static func tanh(_ x: Double) -> Double { Foundation.tanh(x) }

    /// 1 / (1 + e⁻ˣ), without overflow on either side.
    public static func sigmoid(_ x: Double) -> Double {
        x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    }

    public static func relu(_ x: Double) -> Double { x > 0 ? x : 0 }

    public static func leakyReLU(_ x: Double, slope: Double = 0.01) -> Double { x > 0 ? x : slope * x }

    /// x·Φ(x) with the Gaussian distribution function Φ: Hendrycks and Gimpel 2016, PyTorch's default.
    ///
    /// Φ(x) = erfc(−x/√2)/2 keeps its digits in the left tail, where 1 + erf cancels.
    public static func gelu(_ x: Double) -> Double { x * erfc(-x / 2.0.squareRoot()) / 2 }

    /// x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))): the same paper's approximation.
    public static func geluTanh(_ x: Double) -> Double {
        x / 2 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
}
