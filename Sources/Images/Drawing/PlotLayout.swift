/// Where things lie on the sheet of a plot, in pixels from its top left corner.
struct PlotLayout {
    let width: Int
    let height: Int
    /// The left edge of the legend, if there is one.
    let legendLeft: Int?
    private let scale: Float
    private let middleX: Float
    private let middleY: Float
    private let centerX: Float
    private let centerY: Float

    static let margin = 36
    /// From one line of the legend to the next.
    static let legendLine = 22

    init(_ plot: ScatterPlot) {
        width = plot.width
        height = plot.height
        legendLeft = plot.labels.isEmpty ? nil : max(0, plot.width - plot.legendWidth)
        // Room for half a thumbnail at the edge.
        let inset = Self.margin + (plot.points.contains { $0.thumbnail != nil } ? plot.thumbnailSide / 2 : 0)
        let right = (legendLeft ?? plot.width) - inset
        let low = (x: plot.points.map(\.x).min() ?? 0, y: plot.points.map(\.y).min() ?? 0)
        let high = (x: plot.points.map(\.x).max() ?? 0, y: plot.points.map(\.y).max() ?? 0)
        // Halves first: the difference of two large numbers can be infinite.
        middleX = low.x / 2 + high.x / 2
        middleY = low.y / 2 + high.y / 2
        let halfWidth = high.x / 2 - low.x / 2, halfHeight = high.y / 2 - low.y / 2
        let roomX = Float(max(1, right - inset)) / 2, roomY = Float(max(1, plot.height - 2 * inset)) / 2
        let scaleX = halfWidth > 0 ? roomX / halfWidth : .infinity
        let scaleY = halfHeight > 0 ? roomY / halfHeight : .infinity
        let smaller = min(scaleX, scaleY)
        scale = smaller.isFinite ? smaller : 0
        centerX = Float(inset) + roomX
        centerY = Float(inset) + roomY
    }

    func place(_ point: ScatterPlot.Point) -> (x: Float, y: Float) {
        (centerX + (point.x - middleX) * scale, centerY - (point.y - middleY) * scale)
    }

    /// Smaller dots for more points.
    static func radius(forPoints count: Int) -> Float {
        count <= 300 ? 6 : count <= 2000 ? 4.5 : count <= 10_000 ? 3 : 2
    }
}
