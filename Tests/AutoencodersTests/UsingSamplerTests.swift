import Autoencoders
import TensorCore
import Testing

@Suite struct UsingSamplerTests {
    private let context = ComputeContext(threads: 1)

    private func codes(_ count: Int = 400) -> PictureCodes {
        // Two groups: around (0, 2, 5) and around (10, 2, 5), the last without any spread.
        let noise = RandomStream(seed: 3).normal([count, 2], deviation: 0.1, in: context)
        let values = (0..<count).flatMap { [noise[$0, 0] + ($0 % 2 == 0 ? 0 : 10), noise[$0, 1] + 2, 5] }
        return PictureCodes(
            names: (0..<count).map { "\($0)" }, labels: Array(repeating: nil, count: count),
            codes: Tensor(values, shape: [count, 3]))
    }

    private func samplers() throws -> [CodeSampler] {
        [
            CodeSampler(.prior, length: 3),
            CodeSampler(.mixture(try GaussianMixture.fit(codes().codes, in: context)), length: 3),
            CodeSampler(.range(of: codes()), length: 3),
        ]
    }

    @Test func aCodeIsAFunctionOfSeedAndNumber() throws {
        for sampler in try samplers() {
            let few = sampler.draw(3, seed: 7, in: context), many = sampler.draw(9, seed: 7, in: context)
            #expect(few.values == Array(many.values.prefix(9)))
            #expect(sampler.draw(9, seed: 8, in: context) != many)
            #expect(Set((0..<9).map { [many[$0, 0], many[$0, 1]] }).count == 9)
        }
    }

    @Test func codesComeFromWhereTheyShould() throws {
        let all = try samplers().map { $0.draw(2000, seed: 1, in: context) }
        func mean(_ codes: Tensor, _ column: Int, _ power: Double = 1) -> Double {
            (0..<2000).reduce(0) {
                $0 + (power == 1 ? Double(codes[$1, column]) : Double(codes[$1, column] * codes[$1, column]))
            } / 2000
        }
        for column in 0..<3 {
            #expect(abs(mean(all[0], column)) < 0.1 && abs(mean(all[0], column, 2) - 1) < 0.15)
        }
        // Of the mixture: near one group or the other, never between them.
        #expect((0..<2000).allSatisfy { abs(all[1][$0, 0]) < 1 || abs(all[1][$0, 0] - 10) < 1 })
        #expect(abs(mean(all[1], 0) - 5) < 0.5 && (0..<2000).allSatisfy { abs(all[1][$0, 2] - 5) < 0.1 })
        // Uniform: between them too.
        let between = (0..<2000).count { (2...8).contains(all[2][$0, 0]) }
        #expect((1000...1300).contains(between) && (0..<2000).allSatisfy { all[2][$0, 2] == 5 })
    }

    @Test func codesOfASparseModelAreNotNegative() {
        let sampler = CodeSampler(.prior, length: 4, isNonnegative: true),
            codes = sampler.draw(50, seed: 1, in: context)
        #expect(codes.values.allSatisfy { $0 >= 0 } && codes.values.contains { $0 > 1 })
    }

    @Test func whichDistributionBelongsToWhichModel() throws {
        func none() throws -> PictureCodes? {
            Issue.record("codes are asked for where they are not needed")
            return nil
        }
        let variational = try TrainedModel(.variational(freeNats: 0)).saved
        #expect(try variational.sampler(.natural, in: context, codes: none)?.distribution == .prior)
        guard
            case .uniform(let lower, let upper)? = try variational.sampler(.uniform, in: context, codes: none)?
                .distribution
        else { return #expect(Bool(false), "not uniform") }
        #expect(lower == [Float](repeating: -Float(3).squareRoot(), count: 3) && upper == lower.map { -$0 })
        let book = try TrainedModel(architecture: .book).saved
        #expect(
            try book.sampler(.uniform, in: context, codes: none)?.distribution
                == .uniform(lower: [-1, -1, -1], upper: [1, 1, 1]))
        let plain = try TrainedModel().saved
        var asked = 0
        func some() -> PictureCodes? {
            asked += 1
            return codes()
        }
        let mixture = try #require(try plain.sampler(.natural, in: context, codes: some))
        #expect(mixture.description.hasPrefix("a mixture of 2 Gaussians fitted to 400 codes") && !mixture.isNonnegative)
        let one = try #require(try plain.sampler(.natural, in: context, codes: { codes(1) }))
        #expect(one.description == "a Gaussian fitted to 1 code")
        #expect(try plain.sampler(.uniform, in: context, codes: some)?.distribution == .range(of: codes()))
        let sparse = try TrainedModel(.sparse(weight: 0.1)).saved
        #expect(try sparse.sampler(.natural, in: context, codes: some)?.isNonnegative == true && asked == 3)
        #expect(try plain.sampler(.natural, in: context, codes: { nil }) == nil)
    }

    @Test func mapsOfCodes() throws {
        let codes = codes(60).codes
        for method in CodeMap.Method.allCases {
            let map = try #require(try CodeMap.positions(of: codes, by: method, in: context))
            #expect(map.shape == [60, 2])
            // The two groups come apart: each point's nearest is of its own group.
            let near = try NearestNeighbors.find(map, in: map, count: 1, excludingSelf: true, context: context)
            #expect(near.indices.enumerated().allSatisfy { $0.offset % 2 == Int($0.element) % 2 })
        }
        #expect(try CodeMap.positions(of: codes, by: .tsne, in: context, shouldStop: { true }) == nil)
    }
}
