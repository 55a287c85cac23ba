import CKernels
import Requirements
package import TensorCore

/// Limits on the gradients of one step. By value first, if asked for, then by global norm.
package struct GradientClipping: Hashable, Sendable {
    /// Gradients whose global norm is larger are scaled down to it. Pascanu et al. 2013, algorithm 1.
    package let maximumNorm: Double?
    /// Every element is limited to -maximumValue ... maximumValue.
    package let maximumValue: Float?

    /// - Precondition: limits are finite and above 0.
    package init(maximumNorm: Double? = nil, maximumValue: Float? = nil) {
        self.maximumNorm = maximumNorm
        self.maximumValue = maximumValue
        require(complaint == nil, complaint ?? "")
    }

    /// Limits that a program asks for. Those of stored runs may be smaller.
    /// - Precondition: limits are above 0, also in single precision: less would leave nothing of any gradient.
    package init(clipNorm: Double?, clipValue: Float?) {
        require(
            clipNorm.map { Float($0) >= .leastNormalMagnitude } ?? true,
            "a gradient norm is limited to a number above 0, also in single precision, not \(clipNorm ?? 0)")
        self.init(maximumNorm: clipNorm, maximumValue: clipValue)
    }

    /// What was found, and what is to be done about the norm.
    package struct Result: Hashable, Sendable {
        /// Of the gradients as they came. Infinite or NaN if one of them is: limiting values does not hide it.
        package let norm: Double
        /// For ``UpdateRule/update(_:along:rate:scale:in:)``; 1 if nothing is to be clipped, or the norm is not finite.
        package let scale: Float

        package var isFinite: Bool { norm.isFinite }
    }

    /// Limits values in place and returns the norm and the scale, which is applied by the optimizer in the pass it makes
    /// anyway. Values are written in place unless somebody else holds the tensors.
    package func apply(to gradients: inout NamedTensors, in context: ComputeContext) -> Result {
        let found = GradientNorm.of(gradients, in: context)
        var norm = found
        if let maximumValue, found.isFinite {
            Self.limit(&gradients, to: maximumValue, in: context)
            if maximumNorm != nil { norm = GradientNorm.of(gradients, in: context) }
        }
        // PyTorch's `clip_grad_norm_` has the same 1e-6.
        let scale = maximumNorm.map { norm.isFinite ? min(1, $0 / (norm + 1e-6)) : 1 } ?? 1
        return Result(norm: found, scale: Float(scale))
    }

    private static func limit(_ gradients: inout NamedTensors, to limit: Float, in context: ComputeContext) {
        let kernels = context.kernels
        for name in gradients.names {
            let total = gradients[name]?.count ?? 0
            gradients[name]?.withUnsafeMutablePointer { g in
                context.forElements(of: total) { start, count in
                    kernels.clamp(g + start, -limit, limit, g + start, count)
                }
            }
        }
    }

    private var complaint: String? {
        if let maximumNorm, !(maximumNorm > 0 && maximumNorm.isFinite) {
            return "a gradient norm is limited to a number above 0, not \(maximumNorm)"
        }
        if let maximumValue, !(maximumValue > 0 && maximumValue.isFinite) {
            return "gradient values are limited to a number above 0, not \(maximumValue)"
        }
        return nil
    }
}

extension GradientClipping: Codable {
    private enum CodingKeys: String, CodingKey {
        case maximumNorm = "maximum_norm"
        case maximumValue = "maximum_value"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        maximumNorm = try container.decodeIfPresent(Double.self, forKey: .maximumNorm)
        maximumValue = try container.decodeIfPresent(Float.self, forKey: .maximumValue)
        if let complaint {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: complaint))
        }
    }
}
