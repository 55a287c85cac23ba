extension ScatterPlot {
    /// The plot as a picture. The legend shows characters of ASCII; others as small boxes.
    package func picture() -> Picture {
        let layout = PlotLayout(self)
        var canvas = Canvas(width: width, height: height, background: Color(grey: 255))
        let radius = PlotLayout.radius(forPoints: points.count)
        let (dots, thumbnails) = dotsAndThumbnails(layout)
        for point in dots {
            let place = layout.place(point), (color, marker) = style(of: point.label)
            canvas.draw(marker, x: place.x, y: place.y, radius: radius + 0.8, Color(grey: 255), opacity: 0.7)
            canvas.draw(marker, x: place.x, y: place.y, radius: radius, color, opacity: 0.85)
        }
        for point in thumbnails {
            guard let thumbnail = point.thumbnail else { continue }
            canvas.draw(thumbnail, at: layout.place(point), side: thumbnailSide, frame: frame(of: point))
        }
        for entry in legend(layout) {
            if let style = entry.style {
                canvas.draw(style.marker, x: Float(entry.x), y: Float(entry.y), radius: 6, style.color)
            }
            canvas.draw(
                text: entry.text, x: entry.x + LegendEntry.textOffset, y: entry.y - PixelFont.height, Color(grey: 40))
        }
        return canvas.picture
    }
}

extension Canvas {
    /// A small picture, centred, in a thin frame.
    fileprivate mutating func draw(_ thumbnail: Picture, at place: (x: Float, y: Float), side: Int, frame: Color) {
        let shown = thumbnail.shown(in: PictureSize(width: side - 4, height: side - 4))
        let left = Int(place.x) - shown.width / 2, top = Int(place.y) - shown.height / 2
        fill(x: left - 2, y: top - 2, width: shown.width + 4, height: shown.height + 4, frame)
        draw(shown, x: left, y: top)
    }
}
