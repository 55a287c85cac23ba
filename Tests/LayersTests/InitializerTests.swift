import Layers
import TensorCore
import Testing

@Suite struct InitializerTests {
    static let rows = 300, columns = 200

    func matrix(_ initializer: Initializer, _ rows: Int = rows, _ columns: Int = columns, threads: Int = 2) -> Tensor {
        initializer.matrix(rows, columns, from: RandomStream(seed: 6, stream: 1), in: ComputeContext(threads: threads))
    }

    /// Mean, variance and largest size: 60,000 numbers, five standard errors.
    @Test func moments() {
        let fans = Double(Self.rows + Self.columns), third = 1.0 / 3
        let cases: [(Initializer, variance: Double, bound: Double?)] = [
            (.glorotUniform, 2 / fans, (6 / fans).squareRoot()), (.glorotNormal, 2 / fans, nil),
            (.heNormal, 2 / Double(Self.columns), nil), (.normal(deviation: 0.3), 0.09, nil),
            (.uniform(bound: 0.2), 0.04 * third, 0.2),
        ]
        for (initializer, variance, bound) in cases {
            let x = matrix(initializer).values.map(Double.init), n = Double(x.count)
            let mean = x.reduce(0, +) / n, found = x.reduce(0) { $0 + $1 * $1 } / n
            #expect(abs(mean) < 5 * (variance / n).squareRoot(), "\(initializer)")
            #expect(abs(found / variance - 1) < 5 * (2 / n).squareRoot(), "\(initializer)")
            let largest = x.map(abs).max() ?? 0
            if let bound {
                #expect(largest <= bound * 1.000001 && largest > bound * 0.999)
            } else {
                #expect(largest > 3.5 * variance.squareRoot())
            }
        }
        #expect(matrix(.constant(0.7)).values.allSatisfy { $0 == 0.7 })
    }

    @Test(arguments: [(40, 40), (23, 61), (61, 23), (1, 5)])
    func orthogonal(_ rows: Int, _ columns: Int) {
        let q = matrix(.orthogonal, rows, columns).values.map(Double.init), count = min(rows, columns)
        func element(_ vector: Int, _ k: Int) -> Double {
            rows <= columns ? q[vector * columns + k] : q[k * columns + vector]
        }
        for i in 0..<count {
            for j in 0...i {
                let dot = (0..<max(rows, columns)).reduce(0.0) { $0 + element(i, $1) * element(j, $1) }
                #expect(abs(dot - (i == j ? 1 : 0)) < 1e-6)
            }
        }
    }

    @Test func threadsAndOtherLayersDoNotMatter() {
        for initializer: Initializer in [.glorotUniform, .glorotNormal, .orthogonal] {
            #expect(matrix(initializer, threads: 3) == matrix(initializer, threads: 1))
            let other = initializer.matrix(
                Self.rows, Self.columns, from: RandomStream(seed: 6, stream: 2), in: ComputeContext(threads: 1))
            #expect(other != matrix(initializer))
        }
    }
}
