package import Autodiff
import Requirements
import TensorCore

/// A pull toward zero, and which parameters feel it.
///
/// By default only parameters of rank 2 and more decay, as is common practice: shrinking a bias or a gain limits what
/// the model can say without making it any simpler. PyTorch's optimizers decay everything they are given:
/// `WeightDecay(0.01, scope: .all)`.
package struct WeightDecay: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    package enum Scope: String, CaseIterable, Codable, Sendable {
        /// Parameters of rank 2 and more.
        case matrices
        case all
    }

    package var coefficient: Float
    package var scope: Scope

    /// - Precondition: the coefficient is finite and not negative.
    package init(_ coefficient: Float, scope: Scope = .matrices) {
        require(
            coefficient.isFinite && coefficient >= 0, "a weight decay is a number from 0 up, not \(coefficient)")
        self.coefficient = coefficient
        self.scope = scope
    }

    package init(floatLiteral value: Float) { self.init(value) }
    package init(integerLiteral value: Int) { self.init(Float(value)) }

    /// The coefficient for one parameter: zero if it is out of scope.
    package func coefficient(for parameter: Parameter) -> Float {
        scope == .all || parameter.value.shape.rank >= 2 ? coefficient : 0
    }
}
