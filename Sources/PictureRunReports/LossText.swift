package import Autoencoders
import CommandLineSupport
import Foundation

/// Errors and losses as text.
package enum LossText {
    /// A mean squared or absolute error, to three digits at least: `0.00590`, `0.0000412`.
    package static func error(_ error: Double) -> String {
        guard error.isFinite, error > 0 else { return NumberText.fixed(error, 5) }
        return NumberText.fixed(error, min(12, max(5, 2 - NumberText.magnitude(error))))
    }

    package static func nats(_ nats: Double) -> String { NumberText.fixed(nats, 2) }

    /// What training minimizes, with its unit.
    package static func loss(_ loss: Double, of model: AutoencoderConfiguration) -> String {
        if model.kind.isVariational { return "\(nats(loss)) nats an image" }
        return model.architecture == .book ? "\(error(loss)) on -1...1" : error(loss)
    }

    /// What principal components come to, as many as the code has numbers; nil where there are none.
    package static func baseline(_ error: Double?, components: Int?) -> String? {
        guard let error, let components, components > 0 else { return nil }
        return "PCA with \(NumberText.count(components, "component")) \(Self.error(error))"
    }
}
