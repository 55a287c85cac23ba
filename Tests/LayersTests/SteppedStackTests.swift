import Autodiff
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// Steps one at a time against windows on a tape, which the oracles check: the same bits.
struct SteppedStackTests {
    private static let kinds: [CellKind] = [.lstm, .gru, .rnn]

    @Test(arguments: kinds, [1, 3])
    func aStepHasTheBitsOfAWindow(kind: CellKind, threads: Int) {
        for (batch, sizes, outputs, embedding) in [
            (1, [38, 70], 67, 0), (3, [21], 5, 0), (2, [64, 33], 16, 9), (5, [200, 130], 300, 24),
        ] {
            let context = ComputeContext(threads: threads), classes = 11, steps = 7
            let table = embedding == 0 ? nil : RandomStream(seed: 5).normal([classes, embedding], in: context)
            var inputs = embedding == 0 ? classes : embedding
            let stack = sizes.enumerated().map { index, hidden in
                defer { inputs = hidden }
                return RecurrentLayer(
                    "l\(index)", kind: kind, inputs: inputs, hidden: hidden, stream: RandomStream(seed: UInt64(index)),
                    in: context)
            }
            let bias = Parameter("head.bias", RandomStream(seed: 8).normal([outputs], in: context))
            let head = Dense(
                weight: Parameter("head.weight", RandomStream(seed: 9).normal([outputs, inputs], in: context)),
                bias: bias)
            let ids = (0..<steps * batch).map { Int32($0 * 7 % classes) }
            let starts = sizes.enumerated().map { index, hidden in
                RandomStream(seed: 20 + UInt64(index)).normal([batch, hidden], in: context)
            }

            let tape = Tape(in: context, recording: false)
            var input: RecurrentLayer.Input = .oneHot(ids, batch: batch)
            if let table { input = .sequence(tape.constant(table).gatherRows(ids, shape: [steps, batch])) }
            var ends: [RecurrentLayer.State] = []
            for (layer, start) in zip(stack, starts) {
                let h = tape.constant(start), state = RecurrentLayer.State(h: h, c: kind.hasCellState ? h : nil)
                let (y, end) = layer.grouped(input, state: state)
                ends.append(end)
                input = .grouped(y)
            }
            let expected = head(input.rows!).value

            let stepped = SteppedStack(
                stack, source: table.map { .rows(of: $0) } ?? .oneHot, head: head, batch: batch, in: context)
            for (index, start) in starts.enumerated() {
                stepped.setState(ofLayer: index, h: start, c: kind.hasCellState ? start : nil)
            }
            for step in 0..<steps {
                let logits = stepped.advance(Array(ids[step * batch..<(step + 1) * batch]))
                #expect(logits.shape == [batch, outputs])
                let size = batch * outputs
                #expect(logits.values == Array(expected.values[step * size..<(step + 1) * size]))
            }
            for (index, end) in ends.enumerated() {
                let (h, c) = stepped.state(ofLayer: index)
                #expect(h == end.h.value)
                #expect(c == end.c?.value)
            }
        }
    }

    @Test func aStateCanBeTakenUpAnywhere() {
        let context = ComputeContext(threads: 2)
        let layer = RecurrentLayer("l", kind: .lstm, inputs: 6, hidden: 19, stream: RandomStream(seed: 1), in: context)
        let head = Dense("head", inputs: 19, outputs: 6, from: RandomStream(seed: 2), in: context)
        func made() -> SteppedStack { SteppedStack([layer], source: .oneHot, head: head, batch: 2, in: context) }
        let whole = made(), first = made(), second = made()
        _ = whole.advance([1, 2])
        let expected = whole.advance([3, 4])
        _ = first.advance([1, 2])
        let (h, c) = first.state(ofLayer: 0)
        second.setState(ofLayer: 0, h: h, c: c)
        #expect(second.advance([3, 4]) == expected)
    }

    @Test func layersThatDoNotFitStopTheProgram() async {
        let layers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Self.stack(hidden: 8, secondInputs: 40, headInputs: 8)
        }
        expectMessage("a layer of 40 inputs on one of 8 units", from: layers)
        let head = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Self.stack(hidden: 8, secondInputs: 8, headInputs: 64)
        }
        expectMessage("a dense layer of shape [5, 64] on a layer of 8 units", from: head)
    }

    private static func stack(hidden: Int, secondInputs: Int, headInputs: Int) {
        let context = ComputeContext(threads: 1), stream = RandomStream(seed: 1)
        let layers = [3, secondInputs].map {
            RecurrentLayer("l", kind: .gru, inputs: $0, hidden: hidden, stream: stream, in: context)
        }
        let head = Dense("head", inputs: headInputs, outputs: 5, from: stream, in: context)
        _ = SteppedStack(layers, source: .oneHot, head: head, batch: 1, in: context)
    }
}
