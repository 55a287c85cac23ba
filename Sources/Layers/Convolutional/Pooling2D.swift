public import Autodiff
package import LayerEngines
public import TensorCore

/// The largest pixel of each window; padding never wins (it is -infinity). The gradient goes to that pixel, to the first
/// in rows from the top where several are equal. PyTorch's `MaxPool2d`. Has no parameters.
///
/// [N, C, H, W] to [N, C, H', W'] with H' = ⌊(H + 2 padding - kernel) / stride⌋ + 1.
public struct MaxPool2D: Layer, PoolingLayer {
    package static let method = Pooling.Method.largest
    package let windows: PoolWindows

    /// - Parameters:
    ///   - kernel: height and width of the window; a number stands for both.
    ///   - stride: from window to window; the window's own size by default.
    ///   - padding: at most half a window.
    public init(_ kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        windows = PoolWindows(kernel: kernel, stride: stride, padding: padding)
    }

    /// [N, C, H, W] to [N, C, H', W'].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }
}

/// The mean of each window. Padding counts as zeros, as in PyTorch's `AvgPool2d` with its default
/// `count_include_pad=True`: every window is divided by its full size. Has no parameters.
///
/// [N, C, H, W] to [N, C, H', W'] with H' = ⌊(H + 2 padding - kernel) / stride⌋ + 1.
public struct AveragePool2D: Layer, PoolingLayer {
    package static let method = Pooling.Method.mean
    package let windows: PoolWindows

    /// - Parameters:
    ///   - kernel: height and width of the window; a number stands for both.
    ///   - stride: from window to window; the window's own size by default.
    ///   - padding: at most half a window.
    public init(_ kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        windows = PoolWindows(kernel: kernel, stride: stride, padding: padding)
    }

    /// [N, C, H, W] to [N, C, H', W'].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }
}

/// What the two have in common.
package protocol PoolingLayer: ImageLayer, TableLayer {
    static var method: Pooling.Method { get }
    var windows: PoolWindows { get }
}

extension PoolingLayer {
    package func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks {
        x.map { $0.tape(Pooling(windows, Self.method), $0) }
    }

    package var title: String {
        let kernel = windows.geometry.kernel
        return "\(Self.self)(\(kernel.height == kernel.width ? "\(kernel.height)" : "\(kernel)"))"
    }

    package func sizes(after x: [Int?]?) -> [Int?]? {
        guard let x, x.count == 4, let height = x[2], let width = x[3] else { return x }
        let size = windows.geometry.outputSize(of: Size2D(height: height, width: width))
        return [x[0], x[1], size.height, size.width]
    }
}
