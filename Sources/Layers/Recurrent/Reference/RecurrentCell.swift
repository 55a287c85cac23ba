package import Autodiff
import Requirements
import TensorCore

/// One time step of a recurrent network. What runs it over a window is an ``Unroller``, the same for every cell.
///
/// The cells here are written with tape operations only: they are the definition that the fused layers are compared
/// with, and the place to try a cell of your own. Letters: T time, N batch, D input features, H hidden units.
package protocol RecurrentCell {
    /// In a fixed order, under PyTorch's state-dict names.
    var parameters: [Parameter] { get }
    /// What is carried from one step to the next.
    associatedtype State

    var hiddenSize: Int { get }
    func zeroState(batch: Int, on tape: Tape) -> State
    /// - Parameter x: [N, D].
    /// - Returns: the output [N, H] and the next state.
    func step(_ x: Variable, _ state: State) -> (output: Variable, state: State)
}

/// Runs a cell over a window, one step after the other.
package struct Unroller<Cell: RecurrentCell> {
    package let cell: Cell

    package init(_ cell: Cell) { self.cell = cell }

    package var parameters: [Parameter] { cell.parameters }

    /// - Parameters:
    ///   - window: [T, N, D], T at least 1.
    ///   - state: nil stands for zeros; pass the one returned by the window before to carry on.
    /// - Returns: outputs [T, N, H] and the state after the last step.
    package func callAsFunction(_ window: Variable, from state: Cell.State? = nil) -> (
        outputs: Variable, state: Cell.State
    ) {
        require(
            window.shape.rank == 3 && window.shape[0] > 0, "a window is [T, N, D] with T > 0, not \(window.shape)")
        var state = state ?? cell.zeroState(batch: window.shape[1], on: window.tape)
        var outputs: [Variable] = []
        for x in window.unstacked() {
            let (output, next) = cell.step(x, state)
            outputs.append(output)
            state = next
        }
        return (Variable.stack(outputs), state)
    }
}
