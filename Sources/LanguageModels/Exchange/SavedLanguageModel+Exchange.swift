import Checkpoints
import Foundation
package import ModelFiles
import TensorCore

extension SavedLanguageModel {
    /// What other programs need to compute with the model: its weights as a PyTorch module of the same structure holds them,
    /// and its sizes and units as texts.
    ///
    /// `embedding.weight`, `layers.0.cell.weight_ih_l0` … `bias_hh_l0`, `layers.0.projection.weight`, `head.weight`. The
    /// second bias, which LSTM and RNN of PyTorch add to the first, is zero.
    package func exchanged() throws -> Safetensors {
        var tensors = NamedTensors()
        let weights = model.weights
        for (name, tensor) in weights {
            tensors[name] = tensor
            guard name.hasSuffix(Self.firstBias) else { continue }
            let second = String(name.dropLast(Self.firstBias.count)) + Self.secondBias
            if weights[second] == nil { tensors[second] = Tensor(zeros: tensor.shape) }
        }
        func json(_ value: some Encodable) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        return Safetensors(
            tensors,
            metadata: [
                "format": "pt", ExchangeKey.kind: LanguageModel.runKind, ExchangeKey.model: try json(plan.model),
                ExchangeKey.vocabulary: try json(vocabulary), ExchangeKey.run: run.name, ExchangeKey.step: "\(step)",
            ])
    }

    static let firstBias = "bias_ih_l0"
    static let secondBias = "bias_hh_l0"
}

/// Names in the metadata of a file of weights.
package enum ExchangeKey {
    package static let kind = "jacquard.kind"
    package static let model = "jacquard.model"
    package static let vocabulary = "jacquard.vocabulary"
    package static let run = "jacquard.run"
    package static let step = "jacquard.step"
}
