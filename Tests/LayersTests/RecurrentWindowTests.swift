import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// What a recurrent layer promises beyond PyTorch's numbers: carried state, the gathered inputs, the same bits however
/// it is computed.
@Suite struct RecurrentWindowTests {
    static let hidden = [5, 16, 37, 64, 70, 128]

    /// Loss and gradients by parameter, as raw values.
    static func pass(
        _ kind: CellKind, hidden: Int, steps: Int, batch: Int, inputs: Int, oneHot: Bool = false,
        in context: ComputeContext
    ) -> [Tensor] {
        let layer = RecurrentLayer(
            "r", kind: kind, inputs: inputs, hidden: hidden, stream: RandomStream(seed: 3), in: context)
        let tape = Tape(in: context), stream = RandomStream(seed: 4)
        func random(_ shape: Shape, _ step: UInt64) -> Tensor {
            RandomStream(seed: 4, step: step).normal(shape, deviation: 0.5, in: context)
        }
        let start = RecurrentLayer.State(
            h: tape.variable(random([batch, hidden], 1)),
            c: kind.hasCellState ? tape.variable(random([batch, hidden], 2)) : nil)
        let x = tape.variable(random([steps, batch, inputs], 3))
        let ids = stream.uniform(count: steps * batch, in: context).map { Int32($0 * Float(inputs)) }
        let (y, end) = layer(oneHot ? .oneHot(ids, batch: batch) : .sequence(x), state: start)
        let gradients = tape.backward(from: [(y, random(y.shape, 5)), (end.h, random(end.h.shape, 6))])
        var all = [y.value, end.h.value] + layer.parameters.compactMap { gradients[$0] } + [gradients[start.h]!]
        if let dx = gradients[x] { all.append(dx) }
        return all
    }

    @Test(arguments: CellKind.allCases, [false, true])
    func sameBitsOnAnyThreadsAndInstructionSet(_ kind: CellKind, oneHot: Bool) {
        for (hidden, batch, steps) in [(37, 5, 4), (70, 50, 3), (130, 3, 5)] {
            let reference = Self.pass(
                kind, hidden: hidden, steps: steps, batch: batch, inputs: 19, oneHot: oneHot,
                in: ComputeContext(threads: 1))
            for set in InstructionSet.available where set != .portable || hidden == 37 {
                for threads in 1...3 {
                    let found = Self.pass(
                        kind, hidden: hidden, steps: steps, batch: batch, inputs: 19, oneHot: oneHot,
                        in: ComputeContext(threads: threads, instructionSet: set))
                    #expect(found == reference, "\(kind) \(hidden), \(set), \(threads) threads")
                }
            }
        }
    }

    @Test(arguments: CellKind.allCases)
    func twoWindowsWithCarriedStateEqualOne(_ kind: CellKind) {
        let context = ComputeContext(threads: 2), batch = 3, inputs = 7
        for hidden in Self.hidden {
            let layer = RecurrentLayer(
                "r", kind: kind, inputs: inputs, hidden: hidden, stream: RandomStream(seed: 5), in: context)
            let tape = Tape(in: context, recording: false)
            let x = RandomStream(seed: 6).normal([6, batch, inputs], in: context)
            func part(_ range: Range<Int>) -> Variable {
                let size = batch * inputs
                return tape.constant(
                    Tensor(
                        x.values[range.lowerBound * size..<range.upperBound * size],
                        shape: [range.count, batch, inputs]))
            }
            let whole = layer(.sequence(part(0..<6)), state: layer.zeroState(batch: batch, on: tape))
            let first = layer(.sequence(part(0..<2)), state: layer.zeroState(batch: batch, on: tape))
            let second = layer(.sequence(part(2..<6)), state: first.state)
            #expect(first.output.value.values + second.output.value.values == whole.output.value.values)
            #expect(second.state.h.value == whole.state.h.value && second.state.c?.value == whole.state.c?.value)
        }
    }

    /// Without a recording tape nothing is kept, and cells are written over in two slots: the values must not change.
    @Test(arguments: CellKind.allCases)
    func inferenceEqualsTraining(_ kind: CellKind) {
        let context = ComputeContext(threads: 2)
        let layer = RecurrentLayer("r", kind: kind, inputs: 9, hidden: 21, stream: RandomStream(seed: 7), in: context)
        let x = RandomStream(seed: 8).normal([5, 4, 9], in: context)
        let results = [true, false].map { recording in
            let tape = Tape(in: context, recording: recording)
            return layer(.sequence(tape.constant(x)), state: layer.zeroState(batch: 4, on: tape))
        }
        #expect(results[0].output.value == results[1].output.value)
        #expect(results[0].state.c?.value == results[1].state.c?.value)
    }

    /// A one-hot input gathers rows; the same sequence made dense multiplies: equal up to the order of one addition.
    @Test(arguments: CellKind.allCases)
    func oneHotEqualsDense(_ kind: CellKind) {
        let context = ComputeContext(threads: 2), steps = 4, batch = 3, classes = 11, hidden = 18
        let layer = RecurrentLayer(
            "r", kind: kind, inputs: classes, hidden: hidden, stream: RandomStream(seed: 9), in: context)
        let ids = RandomStream(seed: 10).uniform(count: steps * batch, in: context).map { Int32($0 * Float(classes)) }
        var dense = [Float](repeating: 0, count: ids.count * classes)
        for (row, id) in ids.enumerated() { dense[row * classes + Int(id)] = 1 }
        let weight = RandomStream(seed: 11).normal([steps, batch, hidden], in: context)
        func gradients(_ dense: Tensor?) -> [Tensor] {
            let tape = Tape(in: context)
            let input: RecurrentLayer.Input = dense.map { .sequence(tape.constant($0)) } ?? .oneHot(ids, batch: batch)
            let (y, _) = layer(input, state: layer.zeroState(batch: batch, on: tape))
            let found = tape.backward(from: [(y, weight)])
            return [y.value] + layer.parameters.compactMap { found[$0] }
        }
        let gathered = gradients(nil), multiplied = gradients(Tensor(dense, shape: [steps, batch, classes]))
        for (a, b) in zip(gathered, multiplied) {
            expectGradientsMatch(engine: a.values, oracle: b.values.map(Double.init), "one-hot", tolerance: 1e-6)
        }
    }

    /// They once gave what memory held before the window, or divided by zero.
    @Test func windowsOfNothingStopTheProgram() async {
        let noIds = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Self.run(.oneHot([], batch: 2), batch: 2)
        }
        expectMessage("0 ids for 2 rows: a window has at least one step", from: noIds)
        let noLanes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Self.run(.oneHot([], batch: 0), batch: 0)
        }
        expectMessage("0 ids for 0 rows", from: noLanes)
        let partOfAStep = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Self.run(.oneHot([1, 2, 0], batch: 2), batch: 2)
        }
        expectMessage("3 ids for 2 rows", from: partOfAStep)
        let noRows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1))
            Self.run(.rows([], of: tape.constant(Tensor(zeros: [4, 3])), batch: 2), batch: 2, on: tape)
        }
        expectMessage("0 ids for 2 rows", from: noRows)
        let noSteps = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1))
            Self.run(.sequence(tape.constant(Tensor(zeros: [0, 2, 3]))), batch: 2, on: tape)
        }
        expectMessage("a window of 0 steps for 2 rows", from: noSteps)
        let noSequences = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1))
            Self.run(.sequence(tape.constant(Tensor(zeros: [4, 0, 3]))), batch: 0, on: tape)
        }
        expectMessage("a window of 4 steps for 0 rows", from: noSequences)
    }

    private static func run(_ input: RecurrentLayer.Input, batch: Int, on tape: Tape? = nil) {
        let tape = tape ?? Tape(in: ComputeContext(threads: 1))
        for kind in CellKind.allCases {
            let layer = RecurrentLayer(
                "r", kind: kind, inputs: 3, hidden: 4, stream: RandomStream(seed: 1), in: tape.context)
            _ = layer(input, state: layer.zeroState(batch: batch, on: tape))
        }
    }
}
