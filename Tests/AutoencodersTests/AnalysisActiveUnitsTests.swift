import Autoencoders
import TensorCore
import Testing

@Suite struct AnalysisActiveUnitsTests {
    /// By hand: {1, 3} has variance 1, {2, 2} 0, {0, 0.25} 1/64, {0, 0.125} 1/256, below the threshold.
    @Test func varianceOfEachUnit() {
        let units = ActiveUnits(posteriorMeans: Tensor([1, 2, 0, 0, 3, 2, 0.25, 0.125], shape: [2, 4]))
        #expect(units.variances == [1, 0, 0.015625, 0.00390625])
        #expect(units.isActive == [true, false, true, false])
        #expect(units.count == 2)
        #expect(units.description == "2 of 4 units active; collapsed: 1, 3")
        #expect(ActiveUnits(posteriorMeans: Tensor([1, 2], shape: [2, 1])).description == "1 of 1 units active")
    }

    @Test func batches() {
        let values = analysisNoise(60, seed: 1), whole = ActiveUnits(posteriorMeans: Tensor(values, shape: [20, 3]))
        let parts = [Tensor(Array(values[..<21]), shape: [7, 3]), Tensor(Array(values[21...]), shape: [13, 3])]
        #expect(ActiveUnits(posteriorMeans: parts) == whole)
    }
}
