import Autoencoders
import TensorCore
import TestSupport
import Testing

/// The pieces of t-SNE against their definitions in double precision.
@Suite struct AnalysisTSNEGradientTests {
    private let context = ComputeContext(threads: 2)
    private static let codes = Tensor(analysisNoise(30, seed: 3), shape: [10, 3])
    private static let positions = Tensor(analysisNoise(20, seed: 4), shape: [10, 2])

    private static func dense(_ affinities: Affinities) -> [[Double]] {
        var p = [[Double]](repeating: [Double](repeating: 0, count: affinities.count), count: affinities.count)
        for i in 0..<affinities.count {
            for k in affinities.starts[i]..<affinities.starts[i + 1] {
                p[i][Int(affinities.columns[k])] = Double(affinities.values[k])
            }
        }
        return p
    }

    /// sklearn.manifold._t_sne._joint_probabilities(squared distances, 3, 0): nine neighbors are all there are.
    @Test func affinitiesLikeTheReference() throws {
        let p = Self.dense(try Affinities(Self.codes, perplexity: 3, in: context))
        let first = [
            0.0, 0.0138072576, 0.042609252, 6.21778e-05, 0.0017765162, 0.000970355, 0.028621211, 0.007418911,
            0.0002538846, 0.0006764093,
        ]
        let seventh = [
            0.007418911, 7.28805e-05, 0.0200920335, 0.0003843604, 4.849e-06, 0.0005099747, 0.0397203515, 0.0,
            0.0006408711, 0.0026414029,
        ]
        // Its search for the width ends at 1e-5 nats.
        expectMatch(p[0], first, "row 0", tolerance: 2e-5)
        expectMatch(p[7], seventh, "row 7", tolerance: 2e-5)
        #expect(abs(p.joined().reduce(0, +) - 1) < 1e-6)
    }

    /// With fewer neighbors than codes: symmetric, without a diagonal, a probability; only pairs of neighbors.
    @Test func sparseAffinities() throws {
        let codes = Tensor(analysisNoise(80 * 4, seed: 5), shape: [80, 4])
        let affinities = try Affinities(codes, perplexity: 4, in: context), p = Self.dense(affinities)
        let near = try NearestNeighbors.find(codes, in: codes, count: 12, excludingSelf: true, context: context)
        #expect(abs(p.joined().reduce(0, +) - 1) < 1e-6)
        for i in 0..<80 {
            let columns = affinities.columns[affinities.starts[i]..<affinities.starts[i + 1]]
            #expect(Array(columns) == columns.sorted())
            for j in 0..<80 {
                #expect(p[i][j] == p[j][i])
                let arePaired =
                    near.neighbors(of: i).contains { $0.index == j } || near.neighbors(of: j).contains { $0.index == i }
                #expect(arePaired || p[i][j] == 0)
            }
        }
    }

    /// NumPy on the reference's affinities: sum of p log(p / q) = 1.26973.
    @Test func divergence() throws {
        let affinities = try Affinities(Self.codes, perplexity: 3, in: context)
        var descent = TSNEDescent(start: Self.positions, affinities, TSNE.Options())
        #expect(abs(descent.divergence(in: context) - 1.2697338608897928) < 2e-5)
    }

    /// Central differences of the divergence written out in double precision, by all pairs and by a tree that is
    /// always opened.
    @Test(arguments: [2000, 0])
    func gradient(_ exactLimit: Int) throws {
        let affinities = try Affinities(Self.codes, perplexity: 3, in: context), p = Self.dense(affinities)
        func divergence(_ y: [[Double]]) -> Double {
            var total = 0.0
            for i in 0..<10 { for j in 0..<10 where i != j { total += 1 / (1 + squaredDistance(y[i], y[j])) } }
            var sum = 0.0
            for i in 0..<10 {
                for j in 0..<10 where p[i][j] > 0 {
                    let q = 1 / (1 + squaredDistance(y[i], y[j])) / total
                    sum += p[i][j] * DeterministicMath.log(p[i][j] / q)
                }
            }
            return sum
        }
        var expected: [Double] = []
        for i in 0..<10 {
            for axis in 0..<2 {
                var up = rows(of: Self.positions), down = up
                up[i][axis] += 1e-5
                down[i][axis] -= 1e-5
                expected.append((divergence(up) - divergence(down)) / 2e-5)
            }
        }
        var options = TSNE.Options()
        options.exactLimit = exactLimit
        options.angle = exactLimit == 0 ? 1e-4 : 0.5
        var descent = TSNEDescent(start: Self.positions, affinities, options)
        let gradient = descent.gradient(in: context).values
        expectGradientsMatch(engine: gradient.flatMap { [$0.x, $0.y] }, oracle: expected, "positions", tolerance: 1e-5)
    }

    /// The tree's forces come near the exact ones, nearer for a smaller angle; points in a clump, and far outliers.
    @Test func treeApproximates() throws {
        let count = 700
        let affinities = try Affinities(
            Tensor(analysisNoise(count * 3, seed: 6), shape: [count, 3]), perplexity: 10, in: context)
        var values = analysisNoise(count * 2, seed: 7, low: -30, high: 30)
        for index in 0..<200 { values[index] *= 0.01 }
        for index in 200..<240 { values[index] = 5 }
        values[600] = 900
        func forces(_ angle: Double) -> (values: [SIMD2<Float>], total: Double) {
            var options = TSNE.Options()
            options.exactLimit = angle == 0 ? count : 0
            options.angle = angle
            var descent = TSNEDescent(start: Tensor(values, shape: [count, 2]), affinities, options)
            return descent.gradient(exaggeration: 1e-20, in: context)
        }
        let exact = forces(0), size = exact.values.reduce(0.0) { $0 + Double(($1 * $1).sum()) }.squareRoot()
        var errors: [Double] = []
        for angle in [0.1, 0.3, 0.5, 0.7] {
            let tree = forces(angle)
            let square = zip(exact.values, tree.values).reduce(0.0) {
                $0 + Double((($1.0 - $1.1) * ($1.0 - $1.1)).sum())
            }
            errors.append(square.squareRoot() / size)
            #expect(abs(tree.total / exact.total - 1) < 0.02)
        }
        #expect(errors == errors.sorted())
        #expect(errors[0] < 1e-3)
        #expect(errors[2] < 0.01)
    }
}
