import Jacquard
import Testing

@Suite struct CodeAnalysisTests {
    private let context = ComputeContext(threads: 2)

    /// Codes in three groups far apart, 30 of each.
    private var groups: Tensor {
        var chance = Chance(2)
        return Tensor((0..<90).map { index in (0..<4).map { Float(index % 3 == $0 ? 20 : 0) + Float(chance.next()) } })
    }

    @Test func aMapKeepsNeighborsTogether() throws {
        let places = try tSNE(of: groups, perplexity: 8, in: context)
        #expect(places.shape == [90, 2])
        let nearest = try nearestNeighbors(of: places, among: places, count: 2, in: context)
        // The nearest is the place itself.
        #expect(nearest.enumerated().allSatisfy { $1[1].index % 3 == $0 % 3 })
        #expect(try tSNE(of: groups, perplexity: 8, in: ComputeContext(threads: 1)) == places)
    }

    @Test func aMixtureDrawsWhereTheCodesLie() throws {
        let mixture = try GaussianMixture(fittedTo: groups, components: 3, in: context)
        let drawn = mixture.draw(60, seed: 4, in: context)
        #expect(drawn.shape == [60, 4] && mixture.draw(9, seed: 4, in: context) == drawn.rows(0..<9))
        var counts = [0, 0, 0]
        for row in 0..<60 {
            let code = drawn.row(row)
            let group = code.argMax[0]
            #expect(group < 3 && abs(code[group] - 20) < 4 && code.values.filter { abs($0) < 4 }.count == 3)
            counts[min(2, group)] += 1
        }
        #expect(counts.allSatisfy { $0 > 5 })
    }

    @Test func neighborsAreWhatDistancesSay() throws {
        let found = try nearestNeighbors(
            of: Tensor([[0, 0], [5, 1]]), among: Tensor([[4, 1], [0, 3], [9, 9]]), count: 2, in: context)
        #expect(found[0].map(\.index) == [1, 0] && found[1].map(\.index) == [0, 1])
        #expect(found[0][0].distance == 3 && found[1][0].distance == 1)
    }

    @Test func whatIsNotFiniteIsRefused() {
        let codes = Tensor([[1, 2], [.nan, 0], [3, 4], [5, 6], [7, 8]])
        #expect(throws: ModelError.self) { try tSNE(of: codes, in: context) }
        #expect(throws: ModelError.self) { try GaussianMixture(fittedTo: codes, components: 1, in: context) }
        #expect(throws: ModelError.self) { try nearestNeighbors(of: codes, among: codes, in: context) }
    }

    @Test func numbersOutOfTheirRangesAreErrors() {
        let codes = Tensor([[0, 1], [2, 3], [4, 5], [6, 8]]), context = ComputeContext(threads: 1)
        func kind(_ body: () throws -> Void) -> ModelError.Kind? {
            #expect(throws: ModelError.self, performing: body)?.kind
        }
        for perplexity in [0, -3, Double.nan] {
            #expect(kind { _ = try tSNE(of: codes, perplexity: perplexity, in: context) } == .option("perplexity"))
        }
        #expect(
            kind { _ = try GaussianMixture(fittedTo: codes, components: 0, in: context) } == .option("components"))
        #expect(
            kind { _ = try nearestNeighbors(of: codes, among: codes, count: -1, in: context) } == .option("count"))
    }
}
