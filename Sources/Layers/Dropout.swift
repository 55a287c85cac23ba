public import Autodiff
import Requirements
import TensorCore

/// Drops each element with probability `rate` while training, and multiplies the others by 1 / (1 - rate), so that the
/// expected value stays (Srivastava et al., 2014). Does nothing at inference. Has no parameters.
///
/// The mask is a function of the training's seed, the step and the layer's place in the model.
public struct Dropout: Layer {
    /// How the expected activation is kept equal in training and inference.
    package enum Form: String, Hashable, Codable, Sendable {
        /// Training divides what is kept by the probability of keeping it; inference does nothing.
        case inverted
        /// Training only drops; inference multiplies by the probability of keeping.
        case scaledAtInference
    }

    /// The probability with which an element is dropped.
    public let rate: Float
    package let form: Form
    private let place: RandomPlace

    /// - Parameter rate: in 0 ..< 1.
    public init(_ rate: Float) { self.init(rate: rate, form: .inverted, place: RandomPlace()) }

    /// - Parameter stream: this layer's number among those that draw random numbers; each needs its own.
    package init(rate: Float, form: Form = .inverted, stream: UInt64) {
        self.init(rate: rate, form: form, place: RandomPlace(number: stream))
    }

    private init(rate: Float, form: Form, place: RandomPlace) {
        require(rate >= 0 && rate < 1, "a dropout rate is in 0 ..< 1, not \(rate)")
        self.rate = rate
        self.form = form
        self.place = place
    }

    /// Any shape, which stays.
    /// - Precondition: in training the layer is in a model.
    public func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
        guard rate > 0 else { return x }
        switch (mode, form) {
        case (.inference, .inverted): return x
        case (.inference, .scaledAtInference): return x * (1 - rate)
        case (.training(let step), _):
            let kept = form == .inverted ? 1 / (1 - rate) : 1
            return x.tape(DropoutMask(rate: rate, kept: kept, stream: place.stream(of: step)), x)
        }
    }
}
