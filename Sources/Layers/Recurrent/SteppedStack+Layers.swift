import Autodiff
package import LayerEngines
package import TensorCore

extension SteppedStack {
    /// Recurrent layers with a dense layer on top, as their weights are now.
    package convenience init(
        _ stack: [RecurrentLayer], source: Source, head: Dense, batch: Int, in context: ComputeContext
    ) {
        self.init(
            stack.map {
                SteppedLayer(
                    kind: $0.kind, inputs: $0.inputs, hidden: $0.hidden, packs: $0.packs(in: context), batch: batch)
            },
            source: source,
            head: SteppedHead(weight: head.packedTranspose(in: context), bias: head.bias?.value, batch: batch),
            batch: batch, in: context)
    }
}
