import Autodiff
import Foundation
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct SoftplusTests {
    let context = ComputeContext(threads: 2)

    static func softplus(_ x: Double) -> Double { max(x, 0) + Foundation.log1p(Foundation.exp(-abs(x))) }

    @Test func operation() {
        let values = (-40...40).map { Double($0) / 4 + 0.0625 }, tape = Tape(in: context)
        let x = tape.variable(Tensor(values.map(Float.init), shape: [values.count])), y = x.softplus()
        expectValuesMatch(engine: y.value.values, oracle: values.map(Self.softplus), "softplus")
        let expected = centralDifferences(at: values) { $0.map(Self.softplus).reduce(0, +) }
        expectGradientsMatch(engine: tape.backward(from: y.sum())[x]!.values, oracle: expected, "x")
    }

    @Test func loopsOfOnesOwn() {
        let stream = RandomStream(seed: 1), tape = Tape(in: context),
            x = tape.variable(stream.normal([100, 300], in: context))
        let y = tape(Cube(), x)
        #expect(y.value.values == x.value.values.map { $0 * $0 * $0 })
        #expect(tape.backward(from: y.sum())[x]?.values == x.value.values.map { 3 * $0 * $0 })
    }

    @Test func layer() {
        let layer = ScaledSoftplus("s", inputs: 4, outputs: 3, from: RandomStream(seed: 3), in: context)
        #expect(layer.parameters.map(\.name) == ["s.weight", "s.bias", "s.scale"])
        layer.scale.value = Tensor([0.5, -1, 2], shape: [3])
        let input = RandomStream(seed: 4).normal([5, 4], in: context), tape = Tape(in: context),
            x = tape.variable(input)
        var arrays = ["x": ArrayND(shape: [5, 4], floats: input.values)]
        for p in layer.parameters { arrays[p.name] = ArrayND(shape: p.value.shape.dimensions, floats: p.value.values) }
        let oracle = centralDifferences(at: arrays) { a in
            let y = Oracle.dense(a["x"]!, weight: a["s.weight"]!, bias: a["s.bias"]!).map(Self.softplus)
            return y.values.enumerated().reduce(0) { $0 + $1.element * a["s.scale"]!.values[$1.offset % 3] }
        }
        let gradients = tape.backward(from: Sequential(layer)(x, mode: .inference).sum())
        expectGradientsMatch(engine: gradients[x]!.values, oracle: oracle["x"]!.values, "x")
        for p in layer.parameters {
            expectGradientsMatch(engine: gradients[p]!.values, oracle: oracle[p.name]!.values, p.name)
        }
    }

    /// Every piece of Swift in the guide is in the file that is compiled and tested here.
    @Test func theGuideShowsThisCode() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let code = try String(contentsOf: folder.appendingPathComponent("Softplus.swift"), encoding: .utf8)
        let guide = try String(
            contentsOf: folder.appendingPathComponent("../../Documentation/AddingALayer.md"), encoding: .utf8)
        let blocks = guide.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(blocks.count >= 3)
        for block in blocks { #expect(code.contains(block), "not in Softplus.swift:\n\(block)") }
    }
}
