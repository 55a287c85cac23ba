import Autoencoders
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct AnalysisKMeansTests {
    private let context = ComputeContext(threads: 2)

    @Test func handMadeGroups() throws {
        let codes = Tensor([0, 0, 0, 2, 10, 0, 10, 4, 0, 1], shape: [5, 2])
        let found = try KMeans.fit(codes, clusters: 2, in: context)
        #expect(found.sizes.sorted() == [2, 3])
        #expect(found.assignments[0] == found.assignments[1] && found.assignments[0] == found.assignments[4])
        #expect(found.assignments[2] == found.assignments[3] && found.assignments[0] != found.assignments[2])
        #expect(abs(found.inertia - 10) < 1e-5)  // 1 + 1 + 0, and 4 + 4
        let centers = rows(of: found.centers)
        expectMatch(centers[found.assignments[0]], [0, 1], "center", tolerance: 1e-6)
        expectMatch(centers[found.assignments[2]], [10, 2], "center", tolerance: 1e-6)
    }

    /// sklearn.cluster.KMeans(2, n_init=50, tol=0): inertia 448.19567, groups of 150 and 250.
    @Test func likeTheReference() throws {
        let found = try KMeans.fit(AnalysisGaussianMixtureTests.twoGaussians, clusters: 2, in: context)
        #expect(abs(found.inertia / 448.19566995385554 - 1) < 1e-6)
        #expect(found.sizes.sorted() == [150, 250])
    }

    /// A fixed point: each code with the nearest center, each center the mean of its codes; the inertia is theirs.
    @Test func definition() throws {
        let codes = Tensor(analysisNoise(300 * 4, seed: 1).map { $0 + 500 }, shape: [300, 4])
        let found = try KMeans.fit(codes, clusters: 7, in: context), points = rows(of: codes),
            centers = rows(of: found.centers)
        var inertia = 0.0
        for (row, center) in found.assignments.enumerated() {
            let distances = centers.map { squaredDistance($0, points[row]) }
            #expect(distances[center] <= (distances.min() ?? 0) + 1e-3)
            inertia += distances[center]
        }
        #expect(abs(inertia / found.inertia - 1) < 1e-4)
        for center in 0..<7 {
            let own = points.indices.filter { found.assignments[$0] == center }
            #expect(own.count == found.sizes[center])
            for k in 0..<4 {
                let mean = own.reduce(0.0) { $0 + points[$1][k] } / Double(own.count)
                #expect(abs(mean - centers[center][k]) < 1e-3)
            }
        }
    }

    @Test func fewerDifferentCodesThanClusters() throws {
        let codes = Tensor((0..<12).flatMap { [Float($0 % 3), 1] }, shape: [12, 2])
        let found = try KMeans.fit(codes, clusters: 5, in: context)
        #expect(found.sizes == [4, 4, 4])
        #expect(found.inertia < 1e-10)
        #expect(try KMeans.fit(Tensor([3, 4], shape: [1, 2]), clusters: 4, in: context).sizes == [1])
        #expect(throws: AnalysisError.tooFew(what: "codes", found: 0, needed: 1)) {
            try KMeans.fit(Tensor(zeros: [0, 2]), clusters: 2, in: context)
        }
        #expect(throws: AnalysisError.notFinite(row: 0, what: "code")) {
            try KMeans.fit(Tensor([.nan, 0], shape: [1, 2]), clusters: 1, in: context)
        }
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) throws {
        let codes = Tensor(analysisNoise(4000 * 3, seed: 2), shape: [4000, 3])
        let expected = try KMeans.fit(
            codes, clusters: 6, in: ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 {
            let context = ComputeContext(threads: threads, instructionSet: set)
            #expect(try KMeans.fit(codes, clusters: 6, in: context) == expected)
        }
    }
}
