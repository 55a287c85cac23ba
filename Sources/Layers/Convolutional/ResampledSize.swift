import Requirements

/// The size of images after a resampling layer.
package enum ResampledSize: Hashable, Codable, Sendable {
    /// So many times as high and as wide.
    case factor(Int)
    /// The same whatever comes in, larger or smaller.
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
