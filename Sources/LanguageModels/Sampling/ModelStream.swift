import Autodiff
import Layers
import TensorCore

/// A model that reads units of N lanes one after the other and gives the logits of the next.
///
/// Through ``SteppedStack`` where the model allows it, otherwise on a tape; both with the same bits.
struct ModelStream {
    private let model: LanguageModel
    private let context: ComputeContext
    private let stepped: SteppedStack?
    private var current: ModelState

    /// Takes the model's weights as they are.
    init(_ model: LanguageModel, state: ModelState, in context: ComputeContext) {
        self.model = model
        self.context = context
        current = state
        stepped = model.stepped(lanes: state.lanes, in: context)
        if let stepped {
            for (index, layer) in state.layers.enumerated() {
                stepped.setState(ofLayer: index, h: layer.h, c: layer.c)
            }
        }
    }

    /// After what has been read.
    var state: ModelState {
        guard let stepped else { return current }
        return ModelState(
            layers: current.layers.indices.map { index in
                let (h, c) = stepped.state(ofLayer: index)
                return ModelState.Layer(h: h, c: c)
            })
    }

    /// - Parameter ids: one for each lane.
    /// - Returns: logits [N, V].
    mutating func advance(_ ids: [Int32]) -> Tensor {
        if let stepped { return stepped.advance(ids) }
        let (logits, after) = model(ids, state: current, mode: .inference, on: Tape(in: context, recording: false))
        current = after
        return logits.value.reshaped(to: [ids.count, logits.shape.columns])
    }
}
