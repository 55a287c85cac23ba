import LayerEngines
import TensorCore

/// A model that reads one unit for each of its lanes at a time.
final class SteppedModel {
    enum Stack {
        case single(SteppedStack)
        case bytes(ByteStack)
    }
    private let stack: Stack

    init(_ stack: Stack) { self.stack = stack }

    /// - Returns: the logits for the units after these, [N, V].
    func advance(_ ids: [Int32]) -> Tensor {
        switch stack {
        case .single(let stack): stack.advance(ids)
        case .bytes(let stack): stack.advance(ids)
        }
    }

    func state(ofLayers count: Int) -> LanguageModelState {
        LanguageModelState(
            layers: (0..<count).map { index in
                let (h, c) =
                    switch stack {
                    case .single(let stack): stack.state(ofLayer: index)
                    case .bytes(let stack): stack.state(ofLayer: index)
                    }
                return LanguageModelState.Layer(h: h, c: c)
            })
    }

    func set(_ state: LanguageModelState) {
        for (index, layer) in state.layers.enumerated() {
            switch stack {
            case .single(let stack): stack.setState(ofLayer: index, h: layer.h, c: layer.c)
            case .bytes(let stack): stack.setState(ofLayer: index, h: layer.h, c: layer.c)
            }
        }
    }
}

/// A model's weights in bytes, made again only when a parameter has been written to.
final class ByteWeightsCache {
    private var versions: [Int] = []
    private var weights: ByteWeights?

    func weights(for versions: [Int], make: () -> ByteWeights) -> ByteWeights {
        if let weights, self.versions == versions { return weights }
        let made = make()
        (weights, self.versions) = (made, versions)
        return made
    }
}
