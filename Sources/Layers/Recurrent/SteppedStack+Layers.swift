import Autodiff
package import LayerEngines
package import TensorCore

extension SteppedStack {
    /// Recurrent layers with a dense layer on top, as their weights are now.
    package convenience init(
        _ stack: [RecurrentLayer], source: Source, head: Dense, lanes: Int, in context: ComputeContext
    ) {
        self.init(
            stack.map {
                SteppedLayer(
                    kind: $0.kind, inputs: $0.inputs, hidden: $0.hidden, packs: $0.packs(in: context), lanes: lanes)
            },
            source: source,
            head: SteppedHead(weight: head.packedTranspose(in: context), bias: head.bias?.value, lanes: lanes),
            lanes: lanes, in: context)
    }
}
