import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// Windows wide enough for Strassen's algorithm, against the readable cells, whose products are ordinary ones. Odd numbers
/// of panels, groups, steps and columns leave something over in every direction.
@Suite struct StrassenTests {
    struct Case: CustomTestStringConvertible {
        let kind: CellKind
        let hidden, inputs, batch, steps: Int
        var oneHot = false
        var testDescription: String {
            "\(kind) \(inputs) to \(hidden), \(batch) rows, \(steps) steps\(oneHot ? ", one-hot" : "")"
        }
    }
    static let cases = [
        Case(kind: .lstm, hidden: 256, inputs: 384, batch: 32, steps: 4),
        Case(kind: .lstm, hidden: 276, inputs: 72, batch: 34, steps: 5),
        Case(kind: .lstm, hidden: 272, inputs: 19, batch: 36, steps: 3, oneHot: true),
        Case(kind: .gru, hidden: 352, inputs: 144, batch: 34, steps: 3),
        Case(kind: .rnn, hidden: 1045, inputs: 130, batch: 32, steps: 4),
        // The last of the 64 columns are not all there, though their groups of 16 are.
        Case(kind: .lstm, hidden: 380, inputs: 120, batch: 32, steps: 3),
        // An odd number of rows: only the weight gradients.
        Case(kind: .lstm, hidden: 256, inputs: 33, batch: 33, steps: 4),
    ]

    struct Run {
        var values: [Tensor] = []
        var gradients: [(name: String, tensor: Tensor)] = []
    }

    static func ids(_ test: Case, in context: ComputeContext) -> [Int32] {
        RandomStream(seed: 5).uniform(count: test.steps * test.batch, in: context).map {
            Int32($0 * Float(test.inputs))
        }
    }

    static func random(_ shape: Shape, _ step: UInt64, in context: ComputeContext) -> Tensor {
        RandomStream(seed: 4, step: step).normal(shape, deviation: 0.5, in: context)
    }

    static func layer(_ test: Case, in context: ComputeContext) -> RecurrentLayer {
        let layer = RecurrentLayer(
            "r", kind: test.kind, inputs: test.inputs, hidden: test.hidden, stream: RandomStream(seed: 3), in: context)
        for (index, bias) in layer.parameters.dropFirst(2).enumerated() {
            bias.value = random(bias.value.shape, 10 + UInt64(index), in: context)
        }
        return layer
    }

    static func fused(_ test: Case, recording: Bool = true, in context: ComputeContext) -> Run {
        let layer = layer(test, in: context), tape = Tape(in: context, recording: recording)
        let state: Shape = [test.batch, test.hidden]
        let h = tape.variable(random(state, 1, in: context)), c = tape.variable(random(state, 2, in: context))
        let x = tape.variable(random([test.steps, test.batch, test.inputs], 3, in: context))
        let (y, end) = layer(
            test.oneHot ? .oneHot(ids(test, in: context), batch: test.batch) : .sequence(x),
            state: RecurrentLayer.State(h: h, c: test.kind.hasCellState ? c : nil))
        var run = Run(values: [y.value, end.h.value])
        guard recording else { return run }
        let found = tape.backward(from: [
            (y, random(y.shape, 5, in: context)), (end.h, random(end.h.shape, 6, in: context)),
        ])
        run.gradients = layer.parameters.map { ($0.name, found[$0]!) } + [("h0", found[h]!)]
        if test.kind.hasCellState { run.gradients.append(("c0", found[c]!)) }
        if !test.oneHot { run.gradients.append(("x", found[x]!)) }
        return run
    }

    static func unrolled(_ test: Case, in context: ComputeContext) -> Run {
        let parameters = layer(test, in: context).parameters
        let weights = CellParameters(
            weightIH: parameters[0], weightHH: parameters[1], biasIH: parameters[2],
            biasHH: parameters.count > 3 ? parameters[3] : nil)
        switch test.kind {
        case .rnn: return unrolled(test, TanhCell(weights), { h, _ in h }, { $0 }, in: context)
        case .gru: return unrolled(test, GRUCell(weights), { h, _ in h }, { $0 }, in: context)
        case .lstm: return unrolled(test, LSTMCell(weights), { LSTMCell.State(h: $0, c: $1) }, \.h, in: context)
        }
    }

    static func unrolled<Cell: RecurrentCell>(
        _ test: Case, _ cell: Cell, _ state: (Variable, Variable) -> Cell.State, _ hidden: (Cell.State) -> Variable,
        in context: ComputeContext
    ) -> Run {
        let tape = Tape(in: context), shape: Shape = [test.batch, test.hidden]
        let h = tape.variable(random(shape, 1, in: context)), c = tape.variable(random(shape, 2, in: context))
        let x = tape.variable(
            test.oneHot
                ? Tensor.oneHot(ids(test, in: context), shape: [test.steps, test.batch], classes: test.inputs)
                : random([test.steps, test.batch, test.inputs], 3, in: context))
        let (y, last) = Unroller(cell)(x, from: state(h, c)), end = hidden(last)
        let found = tape.backward(from: [
            (y, random(y.shape, 5, in: context)), (end, random(end.shape, 6, in: context)),
        ])
        var run = Run(values: [y.value, end.value])
        run.gradients = cell.parameters.map { ($0.name, found[$0]!) } + [("h0", found[h]!)]
        if test.kind.hasCellState { run.gradients.append(("c0", found[c]!)) }
        if !test.oneHot { run.gradients.append(("x", found[x]!)) }
        return run
    }

    @Test(arguments: cases)
    func equalsTheReadableCells(_ test: Case) {
        let context = ComputeContext(threads: 2)
        let found = Self.fused(test, in: context), expected = Self.unrolled(test, in: context)
        for (index, (value, oracle)) in zip(found.values, expected.values).enumerated() {
            expectValuesMatch(
                engine: value.values, oracle: oracle.values.map(Double.init), "output \(index)", tolerance: 3e-6)
        }
        for (gradient, oracle) in zip(found.gradients, expected.gradients) {
            #expect(gradient.name == oracle.name)
            expectGradientsMatch(
                engine: gradient.tensor.values, oracle: oracle.tensor.values.map(Double.init), gradient.name,
                tolerance: 1e-5)
        }
    }

    @Test(arguments: cases)
    func sameBitsOnAnyThreadsAndInstructionSet(_ test: Case) {
        let reference = Self.fused(test, in: ComputeContext(threads: 1))
        for set in InstructionSet.available where set != .portable {
            for threads in 1...3 {
                let run = Self.fused(test, in: ComputeContext(threads: threads, instructionSet: set))
                #expect(run.values == reference.values, "\(set), \(threads) threads")
                for (gradient, expected) in zip(run.gradients, reference.gradients) {
                    #expect(gradient.tensor == expected.tensor, "\(gradient.name), \(set), \(threads) threads")
                }
            }
        }
    }

    /// Ordinary products at inference: rows that read the same write the same, whatever stands beside them. That the
    /// bits of training are others shows that these windows are computed another way at all.
    @Test(arguments: cases.filter { $0.batch % 2 == 0 })
    func onlyInTraining(_ test: Case) {
        let context = ComputeContext(threads: 2)
        let training = Self.fused(test, in: context), inference = Self.fused(test, recording: false, in: context)
        #expect(training.values[0] != inference.values[0])
        expectValuesMatch(
            engine: training.values[0].values, oracle: inference.values[0].values.map(Double.init), "output",
            tolerance: 3e-6)
    }
}
