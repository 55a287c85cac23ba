import Foundation
import Kernels
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct GradientClippingTests {
    /// Large enough for several blocks and threads, with a ragged end; and small ones.
    static func gradients(in context: ComputeContext) -> NamedTensors {
        let shapes: [(String, Shape)] = [("a", [301, 157]), ("b", [4096]), ("c", [3, 7]), ("d", []), ("e", [4097])]
        return NamedTensors(
            shapes.enumerated().map { index, named in
                let stream = RandomStream(seed: 9, stream: UInt64(index))
                return (name: named.0, tensor: stream.normal(named.1, mean: 0.1, deviation: 3, in: context))
            })
    }

    static func norm(_ gradients: NamedTensors) -> Double {
        Oracle.globalNorm(gradients.map { $0.tensor.values.map(Double.init) })
    }

    @Test func normEqualsDouble() {
        let context = ComputeContext(threads: 2), gradients = Self.gradients(in: context)
        let expected = Self.norm(gradients), found = GradientNorm.of(gradients, in: context)
        #expect(abs(found - expected) < 1e-7 * expected, "\(found), expected \(expected)")
        #expect(GradientNorm.of(NamedTensors(), in: context) == 0)
    }

    @Test func sameBitsEverywhere() {
        let gradients = Self.gradients(in: ComputeContext(threads: 1))
        var norms: Set<Double> = []
        for set in InstructionSet.available {
            for threads in 1...3 {
                norms.insert(GradientNorm.of(gradients, in: ComputeContext(threads: threads, instructionSet: set)))
            }
        }
        #expect(norms.count == 1)
    }

    @Test func equalsPyTorch() throws {
        let fixture = try Fixture.load("clipping"), context = ComputeContext(threads: 1)
        let cases: [(String, GradientClipping)] = [
            ("by_norm_1", GradientClipping(maximumNorm: 1)), ("by_norm_100", GradientClipping(maximumNorm: 100)),
            ("by_value", GradientClipping(maximumValue: 0.75)),
        ]
        for (name, clipping) in cases {
            var gradients = NamedTensors()
            for tensor in ["a", "b"] {
                let stored = try fixture[tensor]
                gradients[tensor] = Tensor(stored.floats, shape: Shape(stored.shape))
            }
            let result = clipping.apply(to: &gradients, in: context)
            expectMatch([result.norm], [try fixture["norm"].scalar], "norm", tolerance: 1e-7)
            for tensor in ["a", "b"] {
                let scaled = try #require(gradients[tensor]).values.map { $0 * result.scale }
                expectValuesMatch(engine: scaled, oracle: try fixture["\(name).\(tensor)"].values, "\(name) \(tensor)")
            }
            if name != "by_norm_1" { #expect(result.scale == 1) }
        }
    }

    /// With both limits the norm that is limited is the one after values are, and the one reported the one before.
    @Test func valueThenNorm() {
        let context = ComputeContext(threads: 3)
        var gradients = Self.gradients(in: context)
        let before = Self.norm(gradients)
        let result = GradientClipping(maximumNorm: 50, maximumValue: 0.5).apply(to: &gradients, in: context)
        #expect(gradients.allSatisfy { $0.tensor.values.allSatisfy { abs($0) <= 0.5 } })
        #expect(abs(result.norm - before) < 1e-6 * before)
        #expect(abs(Double(result.scale) * Self.norm(gradients) - 50) < 1e-4)
    }

    @Test func limitsInPlace() {
        let context = ComputeContext(threads: 2)
        var gradients = Self.gradients(in: context)
        func addresses() -> [UnsafePointer<Float>] { gradients.map { $0.tensor.withUnsafePointer { $0 } } }
        let before = addresses(), names = gradients.names
        _ = GradientClipping(maximumValue: 0.5).apply(to: &gradients, in: context)
        #expect(addresses() == before)
        #expect(gradients.names == names)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func reportsWhatIsNotFinite(_ bad: Float) {
        let context = ComputeContext(threads: 2)
        for clipping in [
            GradientClipping(), GradientClipping(maximumNorm: 1), GradientClipping(maximumNorm: 1, maximumValue: 1),
        ] {
            for (name, index) in [("a", 301 * 157 - 1), ("d", 0)] {
                var gradients = Self.gradients(in: context)
                gradients[name]?.withUnsafeMutablePointer { $0[index] = bad }
                let result = clipping.apply(to: &gradients, in: context)
                #expect(!result.isFinite)
                #expect(result.scale == 1)
                // What was found can still be looked at.
                #expect(gradients[name]?.values[index].isFinite == false)
            }
        }
    }

    @Test func readsBack() throws {
        for clipping in [GradientClipping(), GradientClipping(maximumNorm: 1.5), GradientClipping(maximumValue: 0.1)] {
            let json = try JSONEncoder().encode(clipping)
            #expect(try JSONDecoder().decode(GradientClipping.self, from: json) == clipping)
        }
        for json in [#"{"maximum_norm":0}"#, #"{"maximum_value":-1}"#] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(GradientClipping.self, from: Data(json.utf8))
            }
        }
    }
}
