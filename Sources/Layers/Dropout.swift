package import Autodiff
import Requirements
import TensorCore

/// Drops each element with probability `rate` while training (Srivastava et al., 2014). Has no parameters.
package struct Dropout: PlainLayer {
    /// How the expected activation is kept equal in training and inference.
    package enum Form: String, Hashable, Codable, Sendable {
        /// Training divides what is kept by the probability of keeping it; inference does nothing.
        case inverted
        /// Training only drops; inference multiplies by the probability of keeping.
        case scaledAtInference
    }

    package let rate: Float
    package let form: Form
    /// This layer's number among those that draw random numbers; each needs its own.
    package let stream: UInt64

    package init(rate: Float, form: Form = .inverted, stream: UInt64) {
        require(rate >= 0 && rate < 1, "a dropout rate is in 0 ..< 1, not \(rate)")
        self.rate = rate
        self.form = form
        self.stream = stream
    }

    package var parameters: [Parameter] { [] }

    package func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
        guard rate > 0 else { return x }
        switch (mode, form) {
        case (.inference, .inverted): return x
        case (.inference, .scaledAtInference): return x * (1 - rate)
        case (.training(var random), _):
            random.stream &+= stream
            return x.tape(DropoutMask(rate: rate, kept: form == .inverted ? 1 / (1 - rate) : 1, stream: random), x)
        }
    }
}
