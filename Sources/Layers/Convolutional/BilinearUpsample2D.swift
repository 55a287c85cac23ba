package import Autodiff
package import LayerEngines
package import TensorCore

/// Linear interpolation along both axes. The center of output row o of O lies at s = (o + 1/2) H / O - 1/2 in rows of the
/// input, drawn into the image at its edges; columns likewise. PyTorch's `interpolate(mode: "bilinear",
/// align_corners: false)`. Smaller sizes are sampled, not averaged. Has no parameters.
package struct BilinearUpsample2D: ImageLayer {
    package let target: ResampledSize

    package init(factor: Int) { target = .factor(factor) }
    package init(height: Int, width: Int) { target = .size(height: height, width: width) }

    package var parameters: [Parameter] { [] }

    /// [B, C, H, W, 16] to [B, C, H', W', 16].
    package func callAsFunction(_ x: ImageBlocks) -> ImageBlocks {
        let (height, width) = target(x.height, x.width)
        let operation = Resampling(
            rows: Self.taps(from: x.height, to: height), columns: Self.taps(from: x.width, to: width), method: .linear)
        return x.map { $0.tape(operation, $0) }
    }

    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks { self(x) }

    private static func taps(from size: Int, to target: Int) -> [ResamplingTap] {
        (0..<target).map { o in
            let position = max(0, (Double(o) + 0.5) * Double(size) / Double(target) - 0.5)
            let first = min(Int(position), size - 1), second = min(first + 1, size - 1)
            return ResamplingTap(
                first: first, second: second, weight: second == first ? 0 : Float(position - Double(first)))
        }
    }
}
