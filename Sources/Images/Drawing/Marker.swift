/// The shape of a point in a plot; all have about the area of a disc of radius 1.
enum Marker: CaseIterable {
    case disc, square, diamond, triangle

    /// No shape goes further from its middle along an axis.
    static let reach: Float = 1.6

    /// Whether a place belongs to the shape; x to the right and y down, from its middle.
    func contains(x: Float, y: Float) -> Bool {
        switch self {
        case .disc: x * x + y * y <= 1
        case .square: abs(x) <= 0.886 && abs(y) <= 0.886
        case .diamond: abs(x) + abs(y) <= 1.253
        case .triangle: y <= 0.778 && y >= -1.555 + 1.732 * abs(x)
        }
    }

    /// The shape as an SVG element without color.
    func element(x: Float, y: Float, radius r: Float) -> String {
        func number(_ value: Float) -> String { SVG.number(value) }
        func polygon(_ corners: [(Float, Float)]) -> String {
            let points = corners.map { "\(number(x + $0.0 * r)),\(number(y + $0.1 * r))" }
            return "<polygon points=\"\(points.joined(separator: " "))\"/>"
        }
        return switch self {
        case .disc: "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(r))\"/>"
        case .square: polygon([(-0.886, -0.886), (0.886, -0.886), (0.886, 0.886), (-0.886, 0.886)])
        case .diamond: polygon([(0, -1.253), (1.253, 0), (0, 1.253), (-1.253, 0)])
        case .triangle: polygon([(0, -1.555), (1.347, 0.778), (-1.347, 0.778)])
        }
    }
}
