import Autodiff
package import Checkpoints
import FileTrees
import Foundation
package import Images
import ModelFiles
package import TensorCore
import Training
import TrainingRuns

/// An autoencoder from a file of weights, to be kept as a run: it encodes, decodes and reconstructs.
package struct ImportedAutoencoder {
    package let configuration: AutoencoderConfiguration
    package let weights: NamedTensors
    /// Running statistics of batch normalization.
    package let buffers: NamedTensors
    private let path: String

    /// - Parameters:
    ///   - path: of a file in the safetensors format.
    ///   - size: of the pictures; not needed for a file that this project has written.
    /// - Throws: `ModelFileError`, ``AutoencoderError/notAnAutoencoder(path:reason:)``,
    ///   ``AutoencoderError/pictureSizeNeeded(path:)``
    package init(path: String, size: PictureSize?, in context: ComputeContext) throws {
        self.path = path
        // PyTorch counts the batches that a normalization has seen, as integers; nobody needs them.
        let file = try Safetensors(path: path, skipping: { $0.hasSuffix("num_batches_tracked") })
        func refuse(_ reason: String) -> AutoencoderError { .notAnAutoencoder(path: path, reason: reason) }
        let tensors: NamedTensors
        if let text = file.metadata[ExchangeKey.model] {
            do {
                configuration = try JSONDecoder().decode(AutoencoderConfiguration.self, from: Data(text.utf8))
            } catch {
                throw refuse("its metadata hold no configuration of one")
            }
            if let size, size != configuration.format.size {
                throw refuse("its pictures have \(configuration.format.size) pixels, not \(size)")
            }
            tensors = file.tensors
        } else {
            guard let size else { throw AutoencoderError.pictureSizeNeeded(path: path) }
            let foreign = try ForeignAutoencoder(file.tensors, size: size, path: path)
            (configuration, tensors) = (foreign.configuration, foreign.tensors)
        }
        do {
            try Self.plan(configuration).checkModel(with: Self.record(configuration.format))
        } catch {
            throw refuse("\(error)")
        }
        // What the file does not have is not made either.
        var rest = tensors, weights = NamedTensors(), buffers = NamedTensors()
        func take(_ name: String, _ shape: Shape) throws -> Tensor {
            guard let tensor = rest[name] else { throw refuse("it has no tensor \(name)") }
            guard tensor.shape == shape else { throw refuse("\(name) has the shape \(tensor.shape), not \(shape)") }
            rest[name] = nil
            return tensor
        }
        for (name, shape) in configuration.parameterShapes { weights[name] = try take(name, shape) }
        for buffer in Autoencoder(configuration, seed: 0, in: context).buffers {
            buffers[buffer.name] = try take(buffer.name, buffer.value.shape)
        }
        guard rest.count == 0 else { throw refuse("it has no use for \(rest.names.prefix(3).joined(separator: ", "))") }
        if let spoiled = tensors.first(where: { !$0.tensor.isFinite }) {
            throw refuse("\(spoiled.name) holds numbers that are not finite")
        }
        (self.weights, self.buffers) = (weights, buffers)
    }

    /// Stores the model as a finished run.
    /// - Throws: `StoreError`
    package func store(in store: CheckpointStore, as name: String?) throws -> Run {
        var record = Self.record(configuration.format)
        let file = URL(fileURLWithPath: path), base = file.deletingPathExtension().lastPathComponent
        // Without its folder, which says nothing elsewhere.
        record.importedFrom = file.lastPathComponent
        let run = try store.createRun(
            RunDescription(
                name: name, baseName: base.isEmpty ? "imported" : base, kind: AutoencoderTask.runKind,
                configuration: Self.plan(configuration), corpus: record))
        let checkpoint = Checkpoint(step: 0, epoch: 0, sections: [.parameter: weights, .buffer: buffers])
        let event = EventRecord(kind: "imported", message: "from \(file.lastPathComponent)")
        try store.save(checkpoint, in: run.id, isBest: true, with: History(events: [event]))
        try store.setStatus(.finished, of: run.id)
        return run
    }

    /// Of a run that was never trained here; a plan has one step at least.
    private static func plan(_ configuration: AutoencoderConfiguration) -> AutoencoderPlan {
        let settings = RunSettings(
            steps: 1, stepsPerEpoch: 1, optimizer: .adamw(), learningRate: 0.001, schedule: .constant, warmUp: 0,
            clipNorm: nil, patience: nil, evaluateEvery: 1, seed: 1)
        return AutoencoderPlan(
            model: configuration, batch: 1, divergenceWarmUp: nil, augmentation: Augmentation(), startedFrom: nil,
            settings: settings)
    }

    private static func record(_ format: PictureFormat) -> PictureRecord {
        PictureRecord(
            paths: [], heldOutPaths: [], fingerprint: "", count: 0, trainingCount: 0, validationCount: 0, unreadable: 0,
            rule: .none, splitSeed: 0, suggestedFormat: format, baselineError: nil, baselineComponents: nil)
    }
}
