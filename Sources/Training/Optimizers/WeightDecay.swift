package import Autodiff
import Requirements
import TensorCore

/// A pull toward zero, and which parameters feel it.
///
/// By default only parameters of rank 2 and more decay, as is common practice: shrinking a bias or a gain limits what
/// the model can say without making it any simpler. PyTorch's optimizers decay everything they are given:
/// `WeightDecay(0.01, scope: .all)`.
public struct WeightDecay: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// Which parameters decay.
    public enum Scope: String, CaseIterable, Codable, Sendable {
        /// Parameters of rank 2 and more.
        case matrices
        /// All, as in PyTorch.
        case all
    }

    /// The strength of the pull, a number from 0 up.
    public var coefficient: Float
    /// Which parameters feel it.
    public var scope: Scope

    /// - Precondition: the coefficient is finite and not negative.
    public init(_ coefficient: Float, scope: Scope = .matrices) {
        require(
            coefficient.isFinite && coefficient >= 0, "a weight decay is a number from 0 up, not \(coefficient)")
        self.coefficient = coefficient
        self.scope = scope
    }

    /// Of matrices.
    public init(floatLiteral value: Float) { self.init(value) }
    /// Of matrices.
    public init(integerLiteral value: Int) { self.init(Float(value)) }

    /// The coefficient for one parameter: zero if it is out of scope.
    package func coefficient(for parameter: Parameter) -> Float {
        scope == .all || parameter.value.shape.rank >= 2 ? coefficient : 0
    }
}
