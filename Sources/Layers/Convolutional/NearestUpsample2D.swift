package import Autodiff
package import LayerEngines
package import TensorCore

/// Every output pixel is a copy of one input pixel: row o of O comes from row ⌊o H / O⌋, columns likewise. PyTorch's
/// `interpolate(mode: "nearest")`, with exact integers instead of a rounded scale. Has no parameters.
package struct NearestUpsample2D: ImageLayer {
    package let target: ResampledSize

    package init(factor: Int) { target = .factor(factor) }
    package init(height: Int, width: Int) { target = .size(height: height, width: width) }

    package var parameters: [Parameter] { [] }

    /// [B, C, H, W, 16] to [B, C, H', W', 16].
    package func callAsFunction(_ x: ImageBlocks) -> ImageBlocks {
        let (height, width) = target(x.height, x.width)
        let operation = Resampling(
            rows: Self.taps(from: x.height, to: height), columns: Self.taps(from: x.width, to: width), method: .nearest)
        return x.map { $0.tape(operation, $0) }
    }

    package func callAsFunction(_ x: ImageBlocks, buffers: inout NamedTensors, mode: Mode) -> ImageBlocks { self(x) }

    private static func taps(from size: Int, to target: Int) -> [ResamplingTap] {
        (0..<target).map { o in
            let source = o * size / target
            return ResamplingTap(first: source, second: source, weight: 0)
        }
    }
}
