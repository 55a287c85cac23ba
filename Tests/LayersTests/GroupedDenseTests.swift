import Autodiff
import LayerEngines
import Layers
import TensorCore
import Testing

/// A dense layer after a recurrent one takes its columns in groups: the bits must be those of rows, whose products are
/// tested against independent ones.
@Suite struct GroupedDenseTests {
    @Test(arguments: [(37, 65), (64, 3), (16, 130), (33, 513)], [1, 3])
    func equalsRows(_ sizes: (inputs: Int, outputs: Int), threads: Int) {
        let context = ComputeContext(threads: threads), steps = 7, batch = 50
        let dense = Dense(
            "d", inputs: sizes.inputs, outputs: sizes.outputs, from: RandomStream(seed: 1), in: context)
        dense.bias?.value = RandomStream(seed: 2).normal([sizes.outputs], in: context)
        let values = RandomStream(seed: 3).normal([steps, batch, sizes.inputs], in: context)
        let weight = RandomStream(seed: 4).normal([steps, batch, sizes.outputs], in: context)
        func run(grouped: Bool) -> [Tensor] {
            let tape = Tape(in: context), x = tape.variable(values)
            let y = grouped ? dense(x.grouped()) : dense(x)
            let found = tape.backward(from: [(y, weight)])
            return [y.value, found[x]!] + dense.parameters.map { found[$0]! }
        }
        let grouped = run(grouped: true), rows = run(grouped: false)
        for (name, (a, b)) in zip(["y", "dx", "dW", "db"], zip(grouped, rows)) { #expect(a == b, "\(name)") }
    }
}
