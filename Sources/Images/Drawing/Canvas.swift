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

    /// A marker with smooth edges, centred at a point in pixels from the top left corner.
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

    mutating func blend(_ color: Color, x: Int, y: Int, opacity: Float) {
        guard x >= 0 && y >= 0 && x < picture.width && y < picture.height else { return }
        let below = Color(red: picture[x, y, 0], green: picture[x, y, 1], blue: picture[x, y, 2])
        let mixed = below.mixed(with: color, share: opacity)
        picture[x, y, 0] = mixed.red
        picture[x, y, 1] = mixed.green
        picture[x, y, 2] = mixed.blue
    }
}
