import Autoencoders
import TensorCore
import TestSupport
import Testing

@Suite struct AnalysisInterpolationTests {
    @Test func linear() {
        let steps = Interpolation.linear.steps(from: [0, 4], to: [8, 0], count: 5)
        #expect(steps == Tensor([0, 4, 2, 3, 4, 2, 6, 1, 8, 0], shape: [5, 2]))
    }

    /// A quarter turn in thirds: 30 and 60 degrees.
    @Test func aQuarterTurn() {
        let steps = Interpolation.spherical.steps(from: [2, 0], to: [0, 2], count: 4), root = 3.0.squareRoot()
        expectValuesMatch(
            engine: steps.values, oracle: [2, 0, root, 1, 1, root, 0, 2], "quarter turn", tolerance: 1e-7)
    }

    /// NumPy: sin((1 - t) w) / sin w a + sin(t w) / sin w b, w = arccos of the cosine.
    @Test func differentLengths() {
        let a: [Float] = [1, 2, -1], b: [Float] = [3, -1, 0.5]
        expectValuesMatch(
            engine: Interpolation.spherical.point(0.25, from: a, to: b),
            oracle: [2.0123094186, 1.4440735129, -0.7220367564], "a quarter of the way", tolerance: 1e-7)
        expectValuesMatch(
            engine: Interpolation.spherical.point(0.5, from: a, to: b),
            oracle: [2.7423547924, 0.6855886981, -0.3427943491], "half the way", tolerance: 1e-7)
    }

    /// Near and far directions stay on the circle, at even angles.
    @Test(arguments: [1e-5, 0.01, 0.8, 1.6, 3.0, 3.1415])
    func anyAngle(_ angle: Double) {
        let end = [Float(DeterministicMath.cos(angle)), Float(DeterministicMath.sin(angle))]
        let middle = Interpolation.spherical.point(0.5, from: [1, 0], to: end).map(Double.init)
        #expect(abs(middle[0] - DeterministicMath.cos(angle / 2)) < 1e-3 * max(1, angle))
        #expect(abs(middle[1] - DeterministicMath.sin(angle / 2)) < 1e-3)
        if angle < 3.1 {
            #expect(abs(middle[1] - DeterministicMath.sin(angle / 2)) < 1e-6)
        }
    }

    @Test(arguments: Interpolation.allCases)
    func endsAreExact(_ kind: Interpolation) {
        let a = analysisNoise(7, seed: 1), b = analysisNoise(7, seed: 2)
        let steps = kind.steps(from: a, to: b, count: 3).values
        #expect(Array(steps[..<7]) == a)
        #expect(Array(steps[14...]) == b)
    }

    /// No arc: zeros, the same direction, the opposite one.
    @Test func straightWhereThereIsNoArc() {
        #expect(Interpolation.spherical.point(0.25, from: [0, 0], to: [4, 8]) == [1, 2])
        #expect(Interpolation.spherical.point(0.5, from: [1, 1], to: [3, 3]) == [2, 2])
        #expect(Interpolation.spherical.point(0.25, from: [1, 1], to: [1, 1]) == [1, 1])
        #expect(Interpolation.spherical.point(0.25, from: [1, 0], to: [-1, 0]) == [0.5, 0])
    }
}
