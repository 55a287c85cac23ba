package import Autodiff
package import LayerEngines
package import TensorCore

/// The mean of each window. Padding counts as zeros, as in PyTorch's `AvgPool2d` with its default
/// `count_include_pad=True`: every window is divided by its full size. Has no parameters.
package struct AveragePool2D: ImageLayer {
    package let windows: PoolWindows

    /// - Parameters:
    ///   - stride: from window to window; the window's own size by default.
    ///   - padding: at most half a window.
    package init(kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        windows = PoolWindows(kernel: kernel, stride: stride, padding: padding)
    }

    package var parameters: [Parameter] { [] }

    /// [B, C, H, W, 16] to [B, C, H', W', 16].
    package func callAsFunction(_ x: ImageBlocks) -> ImageBlocks {
        x.map { $0.tape(MeanOfWindow(windows: windows), $0) }
    }

    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks { self(x) }
}
