import Autodiff
import Checkpoints
import Foundation
package import ModelFiles
import TensorCore

extension SavedAutoencoder {
    /// What other programs need to compute with the model: weights and running statistics under PyTorch's names, and the
    /// network's configuration as JSON.
    package func exchanged() throws -> Safetensors {
        var tensors = model.weights
        for buffer in model.buffers { tensors[buffer.name] = buffer.value }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Safetensors(
            tensors,
            metadata: [
                "format": "pt", "jacquard.kind": AutoencoderTask.runKind,
                "jacquard.model": String(decoding: try encoder.encode(plan.model), as: UTF8.self),
                "jacquard.run": run.name, "jacquard.step": "\(step)",
            ])
    }
}
