package import TensorCore
package import TrainingRuns

/// What a model carries from window to window: h, and for LSTM c, of each layer, [N, H].
package struct LanguageModelState: Sendable, Equatable {
    package struct Layer: Sendable, Equatable {
        package var h: Tensor
        package var c: Tensor?

        package init(h: Tensor, c: Tensor?) {
            self.h = h
            self.c = c
        }
    }
    package var layers: [Layer]

    /// The state as named tensors, for a checkpoint: `h0`, `c0`, `h1`, …
    package var named: NamedTensors {
        var tensors = NamedTensors()
        for (index, layer) in layers.enumerated() {
            tensors["h\(index)"] = layer.h
            if let c = layer.c { tensors["c\(index)"] = c }
        }
        return tensors
    }

    /// A state of zeros for N lanes.
    package init(zerosFor configuration: LanguageModelConfiguration, lanes: Int) {
        layers = configuration.stack.map { layer in
            let zeros = Tensor(zeros: [lanes, layer.hidden])
            return Layer(h: zeros, c: layer.cell == .lstm ? zeros : nil)
        }
    }

    /// - Throws: ``RunError/damagedCheckpoint(_:)`` if a tensor is missing or has another shape.
    package init(
        named tensors: NamedTensors, configuration: LanguageModelConfiguration, lanes: Int
    ) throws(RunError) {
        self.init(zerosFor: configuration, lanes: lanes)
        func stored(_ name: String, _ shape: Shape) throws(RunError) -> Tensor {
            guard let tensor = tensors[name], tensor.shape == shape else {
                throw .damagedCheckpoint(
                    "carried state \(name) has shape \(tensors[name]?.shape.description ?? "none"), expected \(shape)")
            }
            return tensor
        }
        for index in layers.indices {
            layers[index].h = try stored("h\(index)", layers[index].h.shape)
            if let c = layers[index].c { layers[index].c = try stored("c\(index)", c.shape) }
        }
    }

    init(layers: [Layer]) { self.layers = layers }

    /// N, the number of lanes.
    var lanes: Int { layers[0].h.shape[0] }
}
