import Foundation
package import TensorCore

/// Names in the metadata of a file of weights.
package enum ExchangeKey {
    package static let kind = "jacquard.kind"
    package static let model = "jacquard.model"
    package static let vocabulary = "jacquard.vocabulary"
    package static let run = "jacquard.run"
    package static let step = "jacquard.step"

    /// What another program needs to know of a run's model.
    /// - Parameters:
    ///   - kind: of the run.
    ///   - run: its name.
    ///   - descriptions: what is written as JSON, by its name.
    package static func metadata(
        ofKind kind: String, run: String, step: Int, descriptions: [String: any Encodable]
    ) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var metadata = [self.kind: kind, self.run: run, self.step: "\(step)"]
        for (key, value) in descriptions {
            metadata[key] = String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        return metadata
    }
}

extension Safetensors {
    /// The weights of a run's model, with what another program needs to know of them.
    /// - Parameters:
    ///   - weights: under the names of a PyTorch module.
    ///   - kind, run, step, descriptions: for the metadata, see ``ExchangeKey/metadata(ofKind:run:step:descriptions:)``.
    package init(
        _ weights: NamedTensors, ofKind kind: String, run: String, step: Int,
        descriptions: [String: any Encodable]
    ) throws {
        var metadata = try ExchangeKey.metadata(ofKind: kind, run: run, step: step, descriptions: descriptions)
        metadata["format"] = "pt"
        self.init(weights, metadata: metadata)
    }
}
