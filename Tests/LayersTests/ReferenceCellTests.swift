import Autodiff
import Layers
import TensorCore
import TestSupport
import Testing

/// The readable cells against PyTorch and against the fused layers.
@Suite struct ReferenceCellTests {
    static func parameters(_ fixture: Fixture) throws -> CellParameters {
        func parameter(_ name: String) throws -> Parameter {
            Parameter(name, Tensor(try fixture[name].floats, shape: Shape(try fixture[name].shape)))
        }
        return CellParameters(
            weightIH: try parameter("weight_ih_l0"), weightHH: try parameter("weight_hh_l0"),
            biasIH: try parameter("bias_ih_l0"),
            biasHH: fixture.contains("bias_hh_l0") ? try parameter("bias_hh_l0") : nil)
    }

    /// Values and gradients of a whole window.
    /// - Parameter state: makes the cell's state from leaves h0 and c0, and takes it apart again.
    func check<Cell: RecurrentCell>(
        _ name: String, _ make: (CellParameters) -> Cell, start: ([Variable]) -> Cell.State,
        end: (Cell.State) -> [Variable]
    ) throws {
        let fixture = try Fixture.load(name), cell = make(try Self.parameters(fixture)),
            tape = Tape(in: ComputeContext(threads: 2))
        func tensor(_ name: String) throws -> Tensor {
            Tensor(try fixture[name].floats, shape: Shape(try fixture[name].shape))
        }
        let names = fixture.contains("c0") ? ["h", "c"] : ["h"]
        let x = tape.variable(try tensor("input")), initial = try names.map { tape.variable(try tensor("\($0)0")) }
        let (y, last) = Unroller(cell)(x, from: start(initial.map { $0.row(0) }))
        expectValuesMatch(engine: y.value.values, oracle: try fixture["output"].values, "output", tolerance: 2e-6)
        var seeds = [(variable: y, weight: try tensor("weight_of_output"))]
        for (name, variable) in zip(names, end(last)) {
            expectValuesMatch(
                engine: variable.value.values, oracle: try fixture["\(name)n"].values, name, tolerance: 2e-6)
            seeds.append((variable, try tensor("weight_of_\(name)n").reshaped(to: variable.shape)))
        }
        let gradients = tape.backward(from: seeds)
        let leaves = [("input", gradients[x])] + zip(names, initial).map { ("\($0)0", gradients[$1]) }
        for (name, gradient) in leaves + cell.parameters.map({ ($0.name, gradients[$0]) }) {
            expectGradientsMatch(
                engine: try #require(gradient).values, oracle: try fixture.gradient(of: name).values, name)
        }
    }

    @Test(arguments: ["rnn", "rnn_wide"])
    func tanhCell(_ fixture: String) throws {
        try check(fixture, TanhCell.init, start: { $0[0] }, end: { [$0] })
    }

    @Test(arguments: ["gru", "gru_wide"])
    func gruResetAfter(_ fixture: String) throws {
        try check(fixture, { GRUCell($0) }, start: { $0[0] }, end: { [$0] })
    }

    @Test func gruResetBefore() throws {
        try check("gru_reset_before", { GRUCell($0, variant: .resetBefore) }, start: { $0[0] }, end: { [$0] })
    }

    @Test(arguments: ["lstm", "lstm_wide"])
    func lstm(_ fixture: String) throws {
        try check(fixture, LSTMCell.init, start: { LSTMCell.State(h: $0[0], c: $0[1]) }, end: { [$0.h, $0.c] })
    }

    /// Two windows with carried state give the outputs of one window twice as long, bit for bit.
    @Test func carriedState() {
        let context = ComputeContext(threads: 1), tape = Tape(in: context, recording: false)
        let cell = GRUCell(
            CellParameters(
                "g", gates: 3, inputs: 4, hidden: 6, twoBiases: true, from: RandomStream(seed: 1), in: context),
            variant: .resetBefore)
        let x = tape.constant(RandomStream(seed: 2).normal([6, 3, 4], in: context)), unroller = Unroller(cell)
        let whole = unroller(x), first = unroller(x.rows(0..<2)), second = unroller(x.rows(2..<6), from: first.state)
        #expect(Variable.concatenate([first.outputs, second.outputs]).value == whole.outputs.value)
        #expect(second.state.value == whole.state.value)
    }

    @Test func newParameters() {
        let context = ComputeContext(threads: 1)
        func make(_ stream: UInt64) -> CellParameters {
            CellParameters(
                "rnn", layer: 1, gates: 4, inputs: 5, hidden: 7, weights: .orthogonal,
                from: RandomStream(seed: 1, stream: stream), in: context)
        }
        let one = make(1)
        #expect(one.all.map(\.name) == ["rnn.weight_ih_l1", "rnn.weight_hh_l1", "rnn.bias_ih_l1"])
        #expect(one.all.map(\.value.shape) == [[28, 5], [28, 7], [28]])
        let hh = one.weightHH.value.values, gates = (0..<4).map { Array(hh[$0 * 49..<($0 + 1) * 49]) }
        #expect(Set(gates).count == 4)
        #expect(make(1).weightHH.value == one.weightHH.value && make(2).weightHH.value != one.weightHH.value)
    }
}
