/// What the weights of a language model are rounded to where it writes and scores.
///
/// Each gives the same bits on every machine; the two do not give the same.
package enum WritingPrecision: String, CaseIterable, Codable, Sendable {
    case single
    /// Weights and hidden states in bytes, each row of the weights with a scale of its own. Sums are exact; biases, cells and
    /// what is made of the logits stay in single precision.
    case int8

    /// What a line that says how something was made has of it: ", int8", and nothing of single precision.
    package var note: String { self == .single ? "" : ", \(rawValue)" }
}
