import Kernels
import TensorCore
import Testing

@Suite struct RandomStreamTests {
    static let count = 200_000

    func moments(_ x: [Float]) -> (mean: Double, variance: Double, kurtosis: Double) {
        let n = Double(x.count), mean = x.reduce(0.0) { $0 + Double($1) } / n
        let second = x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
        let fourth =
            x.reduce(0.0) { sum, x in
                let d = Double(x) - mean; return sum + d * d * d * d
            } / n
        return (mean, second, fourth / (second * second))
    }

    /// Five standard errors of each moment.
    @Test func uniformMoments() {
        let x = RandomStream(seed: 3, stream: 1).uniform([Self.count], low: -1, high: 3, in: ComputeContext(threads: 2))
            .values
        let (mean, variance, kurtosis) = moments(x)
        #expect(abs(mean - 1) < 5 * (4.0 / 3 / Double(Self.count)).squareRoot())
        #expect(abs(variance - 4.0 / 3) < 0.015 && abs(kurtosis - 1.8) < 0.02)
        #expect(x.allSatisfy { $0 >= -1 && $0 < 3 })
    }

    @Test func normalMoments() {
        let x = RandomStream(seed: 3).normal([Self.count], mean: 2, deviation: 0.5, in: ComputeContext(threads: 2))
            .values
        let (mean, variance, kurtosis) = moments(x)
        #expect(abs(mean - 2) < 5 * 0.5 / Double(Self.count).squareRoot())
        #expect(abs(variance - 0.25) < 5 * 0.25 * (2 / Double(Self.count)).squareRoot())
        #expect(abs(kurtosis - 3) < 0.06)
        let beyondTwo = Double(x.filter { abs($0 - 2) > 1 }.count) / Double(Self.count)
        #expect(abs(beyondTwo - 0.0455) < 0.0025)
    }

    /// Neighbors, and the same index in neighboring streams, steps and seeds, are uncorrelated.
    @Test func streamsAreIndependent() {
        let context = ComputeContext(threads: 1), n = 50_000, base = RandomStream(seed: 8, stream: 2, step: 5)
        func draw(_ s: RandomStream) -> [Float] { s.normal([n + 1], in: context).values }
        let x = draw(base)
        func correlation(_ y: ArraySlice<Float>) -> Double {
            zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / Double(n)
        }
        var others = [draw(base)[1...]]
        for change in [\RandomStream.seed, \.stream, \.step] as [WritableKeyPath<RandomStream, UInt64>] {
            for distance: UInt64 in [1, 1 << 32] {
                var other = base
                other[keyPath: change] += distance
                others.append(draw(other)[...])
            }
        }
        for other in others { #expect(abs(correlation(other)) < 5 / Double(n).squareRoot()) }
    }

    @Test func firstIndexAndThreadsDoNotMatter() {
        let stream = RandomStream(seed: 1, stream: 2, step: 3), one = ComputeContext(threads: 1)
        let whole = stream.uniform(count: 1000, in: one)
        for first in [0, 1, 77, 640, 999] {
            #expect(stream.uniform(first: first, count: 1000 - first, in: one).elementsEqual(whole[first...]))
        }
        let shape: Shape = [101, 333]
        let normal = stream.normal(shape, in: one), uniform = stream.uniform(shape, low: 0, high: 1, in: one)
        #expect(uniform.values.prefix(1000).elementsEqual(whole))
        for threads in [2, 3] {
            let context = ComputeContext(threads: threads)
            #expect(stream.normal(shape, in: context) == normal)
            #expect(stream.uniform(shape, low: 0, high: 1, in: context) == uniform)
        }
    }
}
