import Autoencoders
import TensorCore
import TestSupport
import Testing

/// Known spectra, and the definition A v = lambda v.
@Suite struct AnalysisSymmetricEigenTests {
    /// numpy.linalg.eigvalsh.
    @Test func aSmallMatrix() {
        let eigen = SymmetricEigen([4, 1, -2, 2, 1, 2, 0, 1, -2, 0, 3, -2, 2, 1, -2, -1], size: 4)
        expectMatch(
            eigen.values, [6.844621107235, 2.268531406431, 1.084364463773, -2.197516977439], "values", tolerance: 1e-12)
    }

    /// The second difference: 2 - 2 cos(k pi / (n + 1)).
    @Test(arguments: [1, 2, 3, 7, 64])
    func secondDifference(_ n: Int) {
        var matrix = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            matrix[i * n + i] = 2
            if i + 1 < n { (matrix[i * n + i + 1], matrix[(i + 1) * n + i]) = (-1, -1) }
        }
        let eigen = SymmetricEigen(matrix, size: n)
        let exact = (1...n).map { 2 - 2 * DeterministicMath.cos(Double($0) * .pi / Double(n + 1)) }
        expectMatch(eigen.values, exact.reversed(), "values", tolerance: 1e-13)
    }

    @Test(arguments: [(2, 1), (5, 2), (33, 3), (100, 4)])
    func definition(_ n: Int, _ seed: UInt64) {
        let noise = analysisNoise(n * n, seed: seed).map(Double.init)
        let matrix = (0..<n * n).map { noise[$0] + noise[$0 % n * n + $0 / n] }
        expectEigenvectors(of: matrix, n)
    }

    /// Repeated eigenvalues, rank one, blocks that nothing connects, tiny and huge entries.
    @Test func degenerate() {
        let identity = (0..<16).map { $0 % 5 == 0 ? 1.0 : 0 }
        #expect(SymmetricEigen(identity, size: 4).values == [1, 1, 1, 1])
        expectEigenvectors(of: identity, 4)
        #expect(SymmetricEigen([Double](repeating: 0, count: 9), size: 3).values == [0, 0, 0])
        expectEigenvectors(of: [Double](repeating: 0.5, count: 36), 6)
        expectEigenvectors(of: [3, 0, 0, 1, 0, 2, 0, 0, 0, 0, 2, 0, 1, 0, 0, 3], 4)
        expectEigenvectors(of: [1e200, 2e199, 2e199, -1e200], 2)
        expectEigenvectors(of: [1e-200, 2e-201, 2e-201, 3e-200], 2)
        #expect(SymmetricEigen([], size: 0).values.isEmpty)
        #expect(SymmetricEigen([-7], size: 1).values == [-7])
        #expect(SymmetricEigen([-7], size: 1).vectors == [1])
    }

    private func expectEigenvectors(
        of matrix: [Double], _ n: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let eigen = SymmetricEigen(matrix, size: n), scale = matrix.reduce(0) { max($0, abs($1)) }
        #expect(eigen.values == eigen.values.sorted(by: >), sourceLocation: sourceLocation)
        for i in 0..<n {
            let v = Array(eigen.vectors[i * n..<(i + 1) * n])
            for row in 0..<n {
                let image = (0..<n).reduce(0.0) { $0 + matrix[row * n + $1] * v[$1] }
                let difference = abs(image - eigen.values[i] * v[row])
                #expect(difference <= 1e-13 * Double(n) * max(scale, 1e-300), sourceLocation: sourceLocation)
            }
            for j in 0...i {
                let product = (0..<n).reduce(0.0) { $0 + v[$1] * eigen.vectors[j * n + $1] }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-13 * Double(n), sourceLocation: sourceLocation)
            }
            let largest = v.max { abs($0) < abs($1) } ?? 0
            #expect(largest > 0, sourceLocation: sourceLocation)
        }
    }
}
