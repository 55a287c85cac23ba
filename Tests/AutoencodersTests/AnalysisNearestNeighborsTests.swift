import Autoencoders
import Kernels
import TensorCore
import Testing

/// Against brute force in double precision: the same neighbors in the same order.
@Suite struct AnalysisNearestNeighborsTests {
    private let context = ComputeContext(threads: 2)
    typealias Metric = NearestNeighbors.Metric

    static func bruteForce(
        _ queries: Tensor, _ points: Tensor, _ count: Int, _ metric: Metric, excludingSelf: Bool
    ) -> [Int32] {
        let points = rows(of: points)
        return rows(of: queries).enumerated().flatMap { query, q -> [Int32] in
            let distances = points.map { p -> Double in
                if metric == .euclidean { return squaredDistance(p, q) }
                let zero = [Double](repeating: 0, count: p.count)
                let (a, b) = (squaredDistance(p, zero), squaredDistance(q, zero))
                if a == 0 || b == 0 { return 1 }
                let product = zip(q, p).reduce(0.0) { $0 + $1.0 * $1.1 }
                return min(2, max(0, 1 - product / (b.squareRoot() * a.squareRoot())))
            }
            let order = points.indices.filter { !(excludingSelf && $0 == query) }
                .sorted { distances[$0] != distances[$1] ? distances[$0] < distances[$1] : $0 < $1 }
            return order.prefix(count).map(Int32.init)
        }
    }

    @Test func distancesBeyondAllNumbersAreTheLargest() throws {
        let large = Float.greatestFiniteMagnitude
        let found = try NearestNeighbors.find(
            Tensor([large, large], shape: [1, 2]), in: Tensor([-large, -large, 0, large], shape: [2, 2]), count: 2,
            context: context)
        #expect(found.indices == [1, 0] && found.distances == [large, large])
    }

    @Test(arguments: Metric.allCases, [0, 1000] as [Float])
    func equalsBruteForce(_ metric: Metric, _ offset: Float) throws {
        // Far from the origin only differences in the last bits tell neighbors apart.
        let points = Tensor(analysisNoise(203 * 7, seed: 1).map { $0 + offset }, shape: [203, 7])
        let queries = Tensor(analysisNoise(31 * 7, seed: 2).map { $0 + offset }, shape: [31, 7])
        let found = try NearestNeighbors.find(queries, in: points, count: 12, metric: metric, context: context)
        #expect(found.count == 12)
        #expect(found.indices == Self.bruteForce(queries, points, 12, metric, excludingSelf: false))
        let own = try NearestNeighbors.find(
            points, in: points, count: 5, metric: metric, excludingSelf: true, context: context)
        #expect(own.indices == Self.bruteForce(points, points, 5, metric, excludingSelf: true))
    }

    /// Beside one code far away, the distances of the others are below what single-precision products can tell apart.
    @Test func aFarOutlier() throws {
        var values = analysisNoise(90 * 3, seed: 4, low: -0.001, high: 0.001)
        values[0] = 500
        let points = Tensor(values, shape: [90, 3])
        let found = try NearestNeighbors.find(points, in: points, count: 4, excludingSelf: true, context: context)
        #expect(found.indices == Self.bruteForce(points, points, 4, .euclidean, excludingSelf: true))
    }

    @Test func distances() throws {
        let points = Tensor([0, 0, 3, 4, -6, 8], shape: [3, 2]), query = Tensor([0, 0], shape: [1, 2])
        let found = try NearestNeighbors.find(query, in: points, count: 9, context: context)
        #expect(found.indices == [0, 1, 2])
        #expect(found.distances == [0, 5, 10])
        let angle = try NearestNeighbors.find(
            Tensor([3, 4], shape: [1, 2]), in: points, count: 3, metric: .cosine, context: context)
        // Cosines 1, (-18 + 32) / 50 and, for zeros, none: a right angle by convention.
        #expect(angle.neighbors(of: 0).map(\.index) == [1, 2, 0])
        #expect(angle.distances == [0, 0.72, 1])
    }

    /// Equal codes in the order of their numbers; a code's duplicates are its neighbors, itself is not.
    @Test(arguments: Metric.allCases)
    func ties(_ metric: Metric) throws {
        let kinds: [[Float]] = [[1, 0.1], [0.3, 7], [-2, 0.7]]
        let points = Tensor((0..<30).flatMap { kinds[$0 % 3] }, shape: [30, 2])
        let found = try NearestNeighbors.find(
            points, in: points, count: 9, metric: metric, excludingSelf: true, context: context)
        #expect(found.neighbors(of: 4).map(\.index) == [1, 7, 10, 13, 16, 19, 22, 25, 28])
        // Rounding of the cosine's three sums is all that may remain.
        #expect(found.distances.allSatisfy { $0 < 1e-7 })
        #expect(found.indices == Self.bruteForce(points, points, 9, metric, excludingSelf: true))
    }

    /// A code of zeros is at a right angle to all: neither nearer nor farther than that.
    @Test func cosineWithZeros() throws {
        let points = Tensor([0, 0, 1, 0.1, -1, 0.2, 0, 0, 0.3, 0.95, 1, -3], shape: [6, 2])
        for count in 1...6 {
            let found = try NearestNeighbors.find(points, in: points, count: count, metric: .cosine, context: context)
            #expect(found.indices == Self.bruteForce(points, points, count, .cosine, excludingSelf: false))
        }
    }

    @Test func edges() throws {
        let one = Tensor([1, 2], shape: [1, 2]), none = Tensor(zeros: [0, 2])
        #expect(try NearestNeighbors.find(one, in: one, count: 3, excludingSelf: true, context: context).count == 0)
        #expect(try NearestNeighbors.find(one, in: none, count: 3, context: context).count == 0)
        #expect(try NearestNeighbors.find(none, in: one, count: 3, context: context).indices.isEmpty)
        #expect(try NearestNeighbors.find(one, in: one, count: 0, context: context).neighbors(of: 0).isEmpty)
        #expect(throws: AnalysisError.notFinite(row: 1, what: "code")) {
            try NearestNeighbors.find(
                one, in: Tensor([0, 0, .infinity, 0], shape: [2, 2]), count: 1, context: context)
        }
        #expect(throws: AnalysisError.notFinite(row: 0, what: "query")) {
            try NearestNeighbors.find(Tensor([0, .nan], shape: [1, 2]), in: one, count: 1, context: context)
        }
        // Numbers whose squares are beyond single precision.
        let huge = Tensor([3e38, 0, -3e38, 0, 2.9e38, 1e30], shape: [3, 2])
        let found = try NearestNeighbors.find(huge, in: huge, count: 1, excludingSelf: true, context: context)
        #expect(found.indices == [2, 2, 0])
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) throws {
        let points = Tensor(analysisNoise(150 * 5, seed: 3), shape: [150, 5])
        func found(_ context: ComputeContext) throws -> NearestNeighbors {
            try NearestNeighbors.find(points, in: points, count: 7, excludingSelf: true, context: context)
        }
        let expected = try found(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 {
            #expect(try found(ComputeContext(threads: threads, instructionSet: set)) == expected)
        }
    }
}
