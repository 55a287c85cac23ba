import Autoencoders
import TensorCore
import Testing

@Suite struct AnalysisActiveUnitsTests {
    @Test func varianceOfEachUnit() {
        // Variances by hand: {1, 3} -> 1, {2, 2} -> 0, {0, 0.2} -> 0.01 (not above the threshold in Float: 0.2 is less).
        let units = ActiveUnits(posteriorMeans: Tensor([1, 2, 0, 3, 2, 0.25], shape: [2, 3]))
        #expect(units.variances == [1, 0, 0.015625])
        #expect(units.isActive == [true, false, true])
        #expect(units.count == 2)
        #expect(units.collapsed == [1])
        #expect(units.description == "2 of 3 units active; collapsed: 1")
    }
}
