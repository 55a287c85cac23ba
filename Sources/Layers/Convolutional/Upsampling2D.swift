public import Autodiff
package import LayerEngines
import Requirements
import TensorCore

/// Every output pixel is a copy of one input pixel: row o of O comes from row ⌊o H / O⌋, columns likewise. PyTorch's
/// `interpolate(mode: "nearest")`, with exact integers instead of a rounded scale. Has no parameters.
///
/// [N, C, H, W] to [N, C, O, P].
public struct NearestUpsample2D: Layer, ResamplingLayer {
    package static let method = Resampling.Method.nearest
    package let target: ResampledSize

    /// Images so many times as high and as wide.
    public init(factor: Int) { target = .factor(factor) }
    /// Images of this size, whatever comes in: larger or smaller.
    public init(height: Int, width: Int) { target = .size(height: height, width: width) }

    /// [N, C, H, W] to [N, C, O, P].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }

    package static func tap(_ o: Int, of target: Int, from size: Int) -> ResamplingTap {
        let source = o * size / target
        return ResamplingTap(first: source, second: source, weight: 0)
    }
}

/// Linear interpolation along both axes. The center of output row o of O lies at s = (o + 1/2) H / O - 1/2 in rows of the
/// input, drawn into the image at its edges; columns likewise. PyTorch's `interpolate(mode: "bilinear",
/// align_corners: false)`. Smaller sizes are sampled, not averaged. Has no parameters.
///
/// [N, C, H, W] to [N, C, O, P].
public struct BilinearUpsample2D: Layer, ResamplingLayer {
    package static let method = Resampling.Method.linear
    package let target: ResampledSize

    /// Images so many times as high and as wide.
    public init(factor: Int) { target = .factor(factor) }
    /// Images of this size, whatever comes in: larger or smaller.
    public init(height: Int, width: Int) { target = .size(height: height, width: width) }

    /// [N, C, H, W] to [N, C, O, P].
    public func callAsFunction(_ x: Variable, mode: Mode = .inference) -> Variable { onRows(x, mode: mode) }

    package static func tap(_ o: Int, of target: Int, from size: Int) -> ResamplingTap {
        let position = max(0, (Double(o) + 0.5) * Double(size) / Double(target) - 0.5)
        let first = min(Int(position), size - 1), second = min(first + 1, size - 1)
        return ResamplingTap(
            first: first, second: second, weight: second == first ? 0 : Float(position - Double(first)))
    }
}

/// The size of images after a resampling layer.
package enum ResampledSize: Hashable, Sendable {
    /// So many times as high and as wide.
    case factor(Int)
    /// The same whatever comes in.
    case size(height: Int, width: Int)

    func callAsFunction(_ height: Int, _ width: Int) -> (height: Int, width: Int) {
        let result =
            switch self {
            case .factor(let factor): (height: height * factor, width: width * factor)
            case .size(let height, let width): (height: height, width: width)
            }
        require(
            height > 0 && width > 0 && result.height > 0 && result.width > 0,
            "images of \(height) x \(width) cannot become \(result.height) x \(result.width)")
        return result
    }
}

/// What the two have in common: a table for each axis that says where each row or column comes from.
package protocol ResamplingLayer: ImageLayer, TableLayer {
    static var method: Resampling.Method { get }
    var target: ResampledSize { get }
    static func tap(_ o: Int, of target: Int, from size: Int) -> ResamplingTap
}

extension ResamplingLayer {
    package func callAsFunction(_ x: ImageBlocks, mode: Mode) -> ImageBlocks {
        let (height, width) = target(x.height, x.width)
        func taps(from size: Int, to target: Int) -> [ResamplingTap] {
            (0..<target).map { Self.tap($0, of: target, from: size) }
        }
        let operation = Resampling(
            rows: taps(from: x.height, to: height), columns: taps(from: x.width, to: width), method: Self.method)
        return x.map { $0.tape(operation, $0) }
    }

    package var title: String {
        switch target {
        case .factor(let factor): "\(Self.self)(factor: \(factor))"
        case .size(let height, let width): "\(Self.self)(height: \(height), width: \(width))"
        }
    }

    package func sizes(after x: [Int?]?) -> [Int?]? {
        guard let x, x.count == 4, let height = x[2], let width = x[3] else { return x }
        let size = target(height, width)
        return [x[0], x[1], size.height, size.width]
    }
}
