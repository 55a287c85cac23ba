extension Oracle {
    /// Two ways to keep the expected activation equal in training and inference.
    public enum DropoutForm: Sendable {
        /// Training divides what is kept by the probability of keeping; inference does nothing.
        case inverted
        /// Training only drops; inference multiplies by the probability of keeping (Srivastava et al. 2014).
        case scaledAtInference
    }

    /// The training pass: `mask` holds a one where an element is kept.
    public static func dropout(
        _ x: ArrayND, mask: ArrayND, keepProbability: Double, form: DropoutForm = .inverted
    ) -> ArrayND {
        precondition(mask.values.allSatisfy { $0 == 0 || $0 == 1 }, "a mask is made of zeros and ones")
        switch form {
        case .inverted: return x.zip(mask) { $0 * $1 / keepProbability }
        case .scaledAtInference: return x.zip(mask, *)
        }
    }

    public static func dropoutAtInference(
        _ x: ArrayND, keepProbability: Double, form: DropoutForm = .inverted
    ) -> ArrayND {
        switch form {
        case .inverted: return x
        case .scaledAtInference: return x.map { $0 * keepProbability }
        }
    }
}
