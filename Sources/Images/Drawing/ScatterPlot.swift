/// Points in the plane, colored by class: codes brought down to two numbers, say.
///
/// One unit is as long across as up, because distances mean something; the points fill the sheet along the axis that
/// binds. Classes have the colors of a palette of ten, then other shapes, in the order of their names (2 before 10).
public struct ScatterPlot: Sendable {
    public struct Point: Sendable {
        public var x: Float
        /// Upwards.
        public var y: Float
        public var label: String?
        /// Shown in place of the dot where there is room.
        public var thumbnail: Picture?

        public init(x: Float, y: Float, label: String? = nil, thumbnail: Picture? = nil) {
            self.x = x
            self.y = y
            self.label = label
            self.thumbnail = thumbnail
        }
    }

    /// Those that are numbers, in the order given.
    public let points: [Point]
    /// The classes, in the order of the legend.
    public let labels: [String]
    /// Pixels, legend included.
    public var width = 1200
    public var height = 1000
    /// The longer side of a thumbnail, in pixels.
    public var thumbnailSide = 40

    private let classIndex: [String: Int]

    /// Points that are not numbers are left out.
    public init(_ points: [Point]) {
        self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
        labels = NaturalOrder.sorted(self.points.compactMap(\.label))
        classIndex = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    }

    func style(of label: String?) -> (color: Color, marker: Marker) {
        label.flatMap { classIndex[$0] }.map(Palette.style) ?? (Palette.none, .disc)
    }

    /// Around a thumbnail.
    func frame(of point: Point) -> Color {
        point.label == nil ? Color(grey: 200) : style(of: point.label).color
    }

    /// In the order of drawing, thumbnails over dots. A thumbnail that another would hide is a dot.
    ///
    /// What is drawn last hides others, so the order is not the collection's, whose classes come one after another; but
    /// it is the same every time.
    func dotsAndThumbnails(_ layout: PlotLayout) -> (dots: [Point], thumbnails: [Point]) {
        var places = FreePlaces(side: thumbnailSide)
        var dots: [Point] = [], thumbnails: [Point] = []
        let order = points.indices.map { (UInt32(truncatingIfNeeded: $0) &* 2_654_435_769, $0) }.sorted { $0 < $1 }
        for (_, index) in order {
            let place = layout.place(points[index])
            if points[index].thumbnail != nil && places.take(x: place.x, y: place.y) {
                thumbnails.append(points[index])
            } else {
                dots.append(points[index])
            }
        }
        return (dots, thumbnails)
    }
}
