package import TensorCore

/// Recurrent layers with a dense layer on top, advanced one time step at a time for a number of rows.
package protocol RecurrentStepper: AnyObject {
    /// N
    var batch: Int { get }

    /// h [N, H] and, for LSTM, c [N, H] of a layer.
    func state(ofLayer index: Int) -> (h: Tensor, c: Tensor?)

    /// - Precondition: of the shapes that ``state(ofLayer:)`` has.
    func setState(ofLayer index: Int, h: Tensor, c: Tensor?)

    /// One step of all rows.
    /// - Parameter ids: one for each row.
    /// - Returns: what the dense layer makes of the top layer's hidden states, [N, outputs].
    func advance(_ ids: [Int32]) -> Tensor
}
