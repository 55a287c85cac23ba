import Foundation
package import TensorCore

/// Names in the metadata of a file of weights.
package enum ExchangeKey {
    package static let kind = "jacquard.kind"
    package static let model = "jacquard.model"
    package static let vocabulary = "jacquard.vocabulary"
    package static let run = "jacquard.run"
    package static let step = "jacquard.step"
}

extension Safetensors {
    /// The weights of a run's model, with what another program needs to know of them.
    /// - Parameters:
    ///   - weights: under the names of a PyTorch module.
    ///   - kind: of the run.
    ///   - run: its name.
    ///   - descriptions: what is written as JSON, by its name in the metadata.
    package init(
        _ weights: NamedTensors, ofKind kind: String, run: String, step: Int,
        descriptions: [String: any Encodable]
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var metadata = ["format": "pt", ExchangeKey.kind: kind, ExchangeKey.run: run, ExchangeKey.step: "\(step)"]
        for (key, value) in descriptions {
            metadata[key] = String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        self.init(weights, metadata: metadata)
    }
}
