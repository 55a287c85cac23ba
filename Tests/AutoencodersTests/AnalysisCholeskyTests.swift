import Autoencoders
import TestSupport
import Testing

@Suite struct AnalysisCholeskyTests {
    /// The textbook's whole-number example.
    @Test func byHand() throws {
        let factor = try #require(Cholesky([4, 12, -16, 12, 37, -43, -16, -43, 98], size: 3)).factor
        #expect(factor == [2, 0, 0, 6, 1, 0, -8, 5, 3])
        expectMatch(
            Cholesky.inverse(of: factor, size: 3), [0.5, 0, 0, -3, 1, 0, 19.0 / 3, -5.0 / 3, 1.0 / 3], "inverse",
            tolerance: 1e-15)
    }

    @Test func notPositiveDefinite() {
        #expect(Cholesky([1, 2, 2, 1], size: 2) == nil)
        #expect(Cholesky([0], size: 1) == nil)
        #expect(Cholesky([.nan], size: 1) == nil)
    }
}
