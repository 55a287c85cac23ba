import VectorDrawing

/// A color picture to draw on.
struct Canvas {
    private(set) var picture: Picture

    init(width: Int, height: Int, background: Color) {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for _ in 0..<width * height { pixels += [background.red, background.green, background.blue] }
        picture = Picture(width: width, height: height, channels: 3, pixels: pixels)
    }

    /// Lays a picture over the canvas with its top left corner at (x, y); what lies outside is left out.
    mutating func draw(_ source: Picture, x: Int, y: Int) {
        let source = source.color
        for row in max(0, -y)..<max(max(0, -y), min(source.height, picture.height - y)) {
            for column in max(0, -x)..<max(max(0, -x), min(source.width, picture.width - x)) {
                for channel in 0..<3 {
                    picture[x + column, y + row, channel] = source[column, row, channel]
                }
            }
        }
    }

    mutating func fill(x: Int, y: Int, width: Int, height: Int, _ color: Color) {
        for row in y..<y + height {
            for column in x..<x + width { blend(color, x: column, y: row, opacity: 1) }
        }
    }

    /// A marker with smooth edges, centered at a point in pixels from the top left corner.
    mutating func draw(_ marker: Marker, x: Float, y: Float, radius: Float, _ color: Color, opacity: Float = 1) {
        let reach = radius * Marker.reach + 1
        // Far outside, where whole numbers would overflow, too.
        guard x + reach > 0, y + reach > 0, x - reach < Float(picture.width), y - reach < Float(picture.height) else {
            return
        }
        let rows = max(0, Int(y - reach))...min(picture.height - 1, Int(y + reach))
        let columns = max(0, Int(x - reach))...min(picture.width - 1, Int(x + reach))
        for row in rows {
            for column in columns {
                var inside = 0
                for sample in 0..<16 {
                    let sampleX = Float(column) + (Float(sample % 4) + 0.5) / 4
                    let sampleY = Float(row) + (Float(sample / 4) + 0.5) / 4
                    if marker.contains(x: (sampleX - x) / radius, y: (sampleY - y) / radius) { inside += 1 }
                }
                if inside > 0 { blend(color, x: column, y: row, opacity: opacity * Float(inside) / 16) }
            }
        }
    }

    /// What lies beyond the right edge or the lower one is left out; nothing is drawn beyond the others.
    private mutating func blend(_ color: Color, x: Int, y: Int, opacity: Float) {
        guard x < picture.width && y < picture.height else { return }
        let below = Color(red: picture[x, y, 0], green: picture[x, y, 1], blue: picture[x, y, 2])
        let mixed = below.mixed(with: color, share: opacity)
        picture[x, y, 0] = mixed.red
        picture[x, y, 1] = mixed.green
        picture[x, y, 2] = mixed.blue
    }
}

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

/// Colors and shapes that tell classes apart.
enum Palette {
    static let colors = SeriesColors.codes.map { Color($0) }

    /// The color of points without a class.
    static let none = Color(0x4a5568)

    /// Ten colors, then the same ten with another shape, up to forty classes.
    static func style(of classIndex: Int) -> (color: Color, marker: Marker) {
        let markers = Marker.allCases
        return (colors[classIndex % colors.count], markers[classIndex / colors.count % markers.count])
    }
}
