import Autodiff
import Checkpoints
package import ModelFiles
import TensorCore

extension SavedAutoencoder {
    /// What other programs need to compute with the model: weights and running statistics under PyTorch's names, and the
    /// network's configuration as JSON.
    package func exchanged() throws -> Safetensors {
        var tensors = model.weights
        for buffer in model.buffers { tensors[buffer.name] = buffer.value }
        return try Safetensors(
            tensors, ofKind: AutoencoderTask.runKind, run: run.name, step: step,
            descriptions: [ExchangeKey.model: plan.model])
    }
}
