/// Points in the plane, colored by class: codes brought down to two numbers, say.
///
/// One unit is as long across as up, because distances mean something; the points fill the sheet along the axis that
/// binds. Classes have the colors of a palette of ten, then other shapes, in the order of their names (2 before 10).
package struct ScatterPlot: Sendable {
    package struct Point: Sendable {
        package var x: Float
        /// Upwards.
        package var y: Float
        package var label: String?
        /// Shown in place of the dot where there is room.
        package var thumbnail: Picture?

        package init(x: Float, y: Float, label: String? = nil, thumbnail: Picture? = nil) {
            self.x = x
            self.y = y
            self.label = label
            self.thumbnail = thumbnail
        }
    }

    /// Those that are numbers, in the order given.
    package let points: [Point]
    /// The classes, in the order of the legend.
    package let labels: [String]
    /// Pixels, legend included.
    package var width = 1200
    package var height = 1000
    /// The longer side of a thumbnail, in pixels.
    package var thumbnailSide = 40

    private let classIndex: [String: Int]

    /// Points that are not numbers are left out.
    package init(_ points: [Point]) {
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
