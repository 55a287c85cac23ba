import Autodiff
import Layers
import TensorCore

/// An encoder and a decoder that fit together, without a loss.
protocol AutoencoderNetwork {
    var parameters: [Parameter] { get }
    /// First values of the running statistics.
    var buffers: NamedTensors { get }

    /// Pictures [N, C, H, W] in 0...1 to what the encoder gives for each, [N, K] or [N, 2 K].
    func encode(_ pictures: Variable, buffers: inout NamedTensors, mode: Mode) -> Variable
    /// Codes [N, K] to the logits of pictures [N, C, H, W].
    func decode(_ codes: Variable, buffers: inout NamedTensors, mode: Mode) -> Variable
}
