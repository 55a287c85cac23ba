import Checkpoints
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
        return try Safetensors(
            tensors, ofKind: LanguageModel.runKind, run: run.name, step: step,
            descriptions: [ExchangeKey.model: plan.model, ExchangeKey.vocabulary: vocabulary])
    }

    static let firstBias = "bias_ih_l0"
    static let secondBias = "bias_hh_l0"
}
