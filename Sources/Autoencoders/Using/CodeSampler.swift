import Foundation
import Requirements
package import TensorCore

/// Draws codes that a model has never seen, to be decoded: the test of what a decoder knows.
package struct CodeSampler: Sendable {
    /// What codes are drawn from.
    package enum Distribution: Sendable, Equatable {
        /// The unit Gaussian that a variational model's codes are pressed toward.
        case prior
        /// A mixture of Gaussians that was fitted to codes of pictures.
        case mixture(GaussianMixture)
        /// Each number evenly between two bounds, independently of the others: the test in *Deep Learning from Scratch*.
        case uniform(lower: [Float], upper: [Float])
    }

    package let distribution: Distribution
    /// K, numbers in a code.
    package let length: Int
    /// Codes of a sparse model: what is drawn below 0 becomes 0.
    package let isNonnegative: Bool

    /// The stream of random numbers that sampling draws from; no other part of the program uses it.
    private static let stream: UInt64 = 0x73616d706c65  // "sample"

    package init(_ distribution: Distribution, length: Int, isNonnegative: Bool = false) {
        (self.distribution, self.length, self.isNonnegative) = (distribution, length, isNonnegative)
    }

    /// New codes [count, K]. Code i is a function of the seed and i.
    package func draw(_ count: Int, seed: UInt64, in context: ComputeContext) -> Tensor {
        let stream = RandomStream(seed: seed, stream: Self.stream)
        var codes: Tensor
        switch distribution {
        case .prior: codes = stream.normal([count, length], in: context)
        case .mixture(let mixture): codes = mixture.draw(count, from: stream, in: context)
        case .uniform(let lower, let upper):
            codes = stream.uniform([count, length], low: 0, high: 1, in: context)
            codes.withUnsafeMutablePointer { values in
                for index in 0..<count * length {
                    let column = index % length
                    values[index] = lower[column] + values[index] * (upper[column] - lower[column])
                }
            }
        }
        if isNonnegative {
            codes.withUnsafeMutablePointer { values in
                for index in 0..<count * length { values[index] = max(0, values[index]) }
            }
        }
        return codes
    }
}

extension CodeSampler: CustomStringConvertible {
    package var description: String {
        switch distribution {
        case .prior: return "the prior, a unit Gaussian"
        case .mixture(let mixture):
            let count = mixture.components.count
            let what = count == 1 ? "a Gaussian" : "a mixture of \(count) Gaussians"
            return "\(what) fitted to \(mixture.fittedCodes) code\(mixture.fittedCodes == 1 ? "" : "s")"
        case .uniform(let lower, let upper):
            guard let low = lower.min(), let high = upper.max() else { return "uniform" }
            func text(_ value: Float) -> String { String(format: "%.3g", value) }
            let isSame = lower.allSatisfy { $0 == low } && upper.allSatisfy { $0 == high }
            return isSame
                ? "uniform from \(text(low)) to \(text(high))"
                : "uniform, each number over its own range, within \(text(low)) to \(text(high))"
        }
    }
}

extension SavedAutoencoder {
    /// Which distribution new codes are drawn from.
    package enum Sampling: Sendable, Equatable {
        /// The prior of a variational model; for other kinds a mixture of Gaussians fitted to codes of pictures.
        case natural
        case uniform
    }

    /// A sampler of this model.
    ///
    /// Uniform codes lie within what the encoder can give: -1...1 behind the book's tanh; as wide as the prior (±√3, of
    /// deviation 1) for a variational model; for others between the smallest and the largest of each number among codes
    /// of pictures.
    ///
    /// - Parameter codes: of pictures; asked for only where they are needed. Nil ends it.
    /// - Returns: nil if there are no codes because somebody ended their making.
    /// - Throws: what `codes` throws, ``AnalysisError``.
    package func sampler(
        _ sampling: Sampling, in context: ComputeContext, codes: () throws -> PictureCodes?
    ) throws -> CodeSampler? {
        let kind = plan.model.kind
        func uniform(_ bound: Float) -> CodeSampler {
            CodeSampler(
                .uniform(
                    lower: Array(repeating: -bound, count: codeSize), upper: Array(repeating: bound, count: codeSize)),
                length: codeSize)
        }
        switch sampling {
        case .natural where kind.isVariational: return CodeSampler(.prior, length: codeSize)
        case .uniform where kind.isVariational: return uniform(Float(3).squareRoot())
        case .uniform where plan.model.architecture == .book && kind.name != "sparse": return uniform(1)
        case .natural:
            guard let codes = try codes() else { return nil }
            let mixture = try GaussianMixture.fit(codes.codes, in: context)
            return CodeSampler(.mixture(mixture), length: codeSize, isNonnegative: kind.name == "sparse")
        case .uniform:
            guard let codes = try codes() else { return nil }
            return CodeSampler(.range(of: codes), length: codeSize)
        }
    }
}

extension CodeSampler.Distribution {
    /// The uniform distribution between the smallest and the largest value of each number among some codes.
    ///
    /// - Precondition: at least one code.
    package static func range(of codes: PictureCodes) -> Self {
        require(codes.count > 0, "the range of no codes")
        var lower = codes.code(0), upper = lower
        for row in 0..<codes.count {
            for (column, value) in codes.code(row).enumerated() {
                lower[column] = min(lower[column], value)
                upper[column] = max(upper[column], value)
            }
        }
        return .uniform(lower: lower, upper: upper)
    }
}
