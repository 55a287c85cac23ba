public import TensorCore

/// A function on tensors together with its derivative.
///
/// `forward` computes the outputs and keeps what `backward` will need; `backward` is the vector-Jacobian product:
/// given the gradients of a scalar by each output it returns those by each input. Write your own operation by
/// conforming a small struct that holds the settings (a stride, a rate, a random stream), and call it with
/// ``Tape/apply(_:to:)``.
public protocol Operation {
    /// What `forward` keeps for `backward`.
    associatedtype Saved

    /// - Parameters:
    ///   - inputs: the values of the operands, in their order.
    ///   - context: computes; what it needs besides the inputs is there.
    /// - Returns: the outputs, and what `backward` will be given.
    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved)

    /// - Parameters:
    ///   - gradients: one for each output, nil where the output was not used. Handed over: an operation that is the last
    ///     to hold one may write into it.
    ///   - saved: what `forward` kept.
    ///   - wanted: for each input whether its gradient is needed; return nil where it is not.
    ///   - context: what computes.
    /// - Returns: one for each input, of the input's shape; nil stands for zero.
    func backward(
        _ gradients: consuming [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?]
}
