import LayerEngines

extension RecurrentStepper {
    /// - Parameter count: of the model's layers.
    func state(ofLayers count: Int) -> LanguageModelState {
        LanguageModelState(
            layers: (0..<count).map { index in
                let (h, c) = state(ofLayer: index)
                return LanguageModelState.Layer(h: h, c: c)
            })
    }

    func set(_ state: LanguageModelState) {
        for (index, layer) in state.layers.enumerated() { setState(ofLayer: index, h: layer.h, c: layer.c) }
    }
}
