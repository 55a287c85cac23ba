import Autodiff
import LayerEngines
import Layers
import TensorCore

/// Forward and backward pass of two recurrent layers over a window, one-hot input; no head, no optimizer.
func benchmarkRecurrentLayers(_ context: ComputeContext) {
    for (kind, hidden, batch, steps) in [
        (CellKind.lstm, 512, 64, 64), (.lstm, 128, 50, 50), (.lstm, 256, 64, 64), (.gru, 512, 64, 64),
        (.gru, 128, 50, 50), (.rnn, 512, 64, 64), (.rnn, 128, 50, 50),
    ] {
        let classes = 65
        let first = RecurrentLayer(
            "a", kind: kind, inputs: classes, hidden: hidden, stream: RandomStream(seed: 1), in: context)
        let second = RecurrentLayer(
            "b", kind: kind, inputs: hidden, hidden: hidden, stream: RandomStream(seed: 2), in: context)
        let ids = RandomStream(seed: 3).uniform(count: batch * steps, in: context).map { Int32($0 * Float(classes)) }
        let weight = RandomStream(seed: 4).normal([steps, batch, hidden], in: context)
        let peak = peakGigaflops(context)
        let seconds = medianSeconds(repetitions: hidden > 300 ? 7 : 41) {
            // New versions, as after an optimizer's step: the packs are made again.
            for parameter in first.parameters + second.parameters { parameter.value = parameter.value }
            let tape = Tape(in: context)
            let (y, _) = first.grouped(.oneHot(ids, batch: batch), state: first.zeroState(batch: batch, on: tape))
            let (z, _) = second(.grouped(y), state: second.zeroState(batch: batch, on: tape))
            _ = tape.backward(from: [(z, weight)])
        }
        let operations = 6 * kind.gates * hidden * hidden * 3 * batch * steps
        report("\(kind.rawValue) 2x\(hidden) (\(batch), \(steps)) layers", operations, seconds, peak, context)
    }
}
