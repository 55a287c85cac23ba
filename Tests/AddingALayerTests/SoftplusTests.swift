import Foundation
import Jacquard
import TestSupport
import Testing

@Suite struct SoftplusTests {
    let context = ComputeContext(threads: 2)

    static func softplus(_ x: Double) -> Double { max(x, 0) + Foundation.log1p(Foundation.exp(-abs(x))) }

    @Test func operation() {
        let values = (-40...40).map { Double($0) / 4 + 0.0625 }, tape = Tape(in: context)
        let x = tape.variable(Tensor(values.map(Float.init))), y = x.softplus()
        expectValuesMatch(engine: y.value.values, oracle: values.map(Self.softplus), "softplus")
        let expected = centralDifferences(at: values) { $0.map(Self.softplus).reduce(0, +) }
        expectGradientsMatch(engine: tape.backward(from: y.sum())[x]!.values, oracle: expected, "x")
    }

    /// As the comment of `checkGradients` shows it.
    @Test func derivative() {
        let x = Tensor([[-2.5, -0.3, 0.4], [1.5, 3, -1.1]])
        let check = checkGradients(at: [x], in: context) { $0[0].softplus() }
        #expect(check.error < 1e-3)
    }

    /// Rows of length 1, on any number of threads with the same bits, and their gradients.
    @Test func loopsOfOnesOwn() {
        let x = RandomStream(seed: 1).normal([100, 301], in: context), tape = Tape(in: context)
        let y = tape(RowDirections(), tape.constant(x)).value
        for row in 0..<100 {
            let length = x.row(row).values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            expectValuesMatch(
                engine: y.row(row).values, oracle: x.row(row).values.map { Double($0) / length }, "row \(row)")
        }
        let alone = Tape(in: ComputeContext(threads: 1))
        #expect(alone(RowDirections(), alone.constant(x)).value == y)
        let check = checkGradients(at: [x.rows(0..<3)], in: context) { $0[0].tape(RowDirections(), $0[0]) }
        #expect(check.error < 1e-3, "\(check)")
    }

    @Test func layer() {
        let model = Sequential(seed: 3, in: context) { ScaledSoftplus(4, 3) }
        #expect(model.parameters.map(\.name) == ["0.dense.weight", "0.dense.bias", "0.scale"])
        model.parameters[2].value = Tensor([0.5, -1, 2])
        let input = RandomStream(seed: 4).normal([5, 4], in: context), tape = Tape(in: context),
            x = tape.variable(input)
        var arrays = ["x": ArrayND(shape: [5, 4], floats: input.values)]
        for (name, tensor) in model.weights {
            arrays[name] = ArrayND(shape: tensor.shape.dimensions, floats: tensor.values)
        }
        let oracle = centralDifferences(at: arrays) { a in
            let y = Oracle.dense(a["x"]!, weight: a["0.dense.weight"]!, bias: a["0.dense.bias"]!).map(Self.softplus)
            return y.values.enumerated().reduce(0) { $0 + $1.element * a["0.scale"]!.values[$1.offset % 3] }
        }
        let gradients = tape.backward(from: model(x).sum())
        expectGradientsMatch(engine: gradients[x]!.values, oracle: oracle["x"]!.values, "x")
        for p in model.parameters {
            expectGradientsMatch(engine: gradients[p]!.values, oracle: oracle[p.name]!.values, p.name)
        }
        let check = checkGradients(of: model, at: input, in: context)
        #expect(check.error < 1e-3, "\(check)")
    }
}
