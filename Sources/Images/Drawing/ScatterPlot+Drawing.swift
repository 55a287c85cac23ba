import Foundation
import VectorDrawing

extension ScatterPlot {
    /// Whether labels have characters that ``picture()`` shows as boxes.
    package var hasBoxesForLetters: Bool {
        labels.contains { $0.unicodeScalars.contains { !PixelFont.has($0) } }
    }

    /// The plot as a picture. The legend shows characters of ASCII; others as small boxes.
    package func picture() -> Picture {
        let layout = PlotLayout(self)
        var canvas = Canvas(width: width, height: height, background: Color(gray: 255))
        let radius = PlotLayout.radius(forPoints: points.count)
        let (dots, thumbnails) = dotsAndThumbnails(layout)
        for point in dots {
            let place = layout.place(point), (color, marker) = style(of: point.label)
            canvas.draw(marker, x: place.x, y: place.y, radius: radius + 0.8, Color(gray: 255), opacity: 0.7)
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
                text: entry.text, x: entry.x + LegendEntry.textOffset, y: entry.y - PixelFont.height, Color(gray: 40))
        }
        return canvas.picture
    }
}

extension Canvas {
    /// A small picture, centered, in a thin frame.
    fileprivate mutating func draw(_ thumbnail: Picture, at place: (x: Float, y: Float), side: Int, frame: Color) {
        let shown = thumbnail.shown(in: PictureSize(width: side - 4, height: side - 4))
        let left = Int(place.x) - shown.width / 2, top = Int(place.y) - shown.height / 2
        fill(x: left - 2, y: top - 2, width: shown.width + 4, height: shown.height + 4, frame)
        draw(shown, x: left, y: top)
    }
}

extension ScatterPlot {
    /// The plot as an SVG document, with a legend in text; thumbnails are PNG pictures inside it. A dot says its label
    /// when pointed at.
    package func svg() throws(ImageError) -> String {
        let layout = PlotLayout(self)
        let radius = PlotLayout.radius(forPoints: points.count)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
                + "width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\">",
            "<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            "<g stroke=\"#ffffff\" stroke-width=\"0.8\" fill-opacity=\"0.85\">",
        ]
        let (dots, thumbnails) = dotsAndThumbnails(layout)
        for point in dots {
            let place = layout.place(point), (color, marker) = style(of: point.label)
            let element = marker.element(x: place.x, y: place.y, radius: radius)
            lines.append("<g fill=\"\(color.hexadecimal)\">\(title(of: point))\(element)</g>")
        }
        for point in thumbnails {
            guard let thumbnail = point.thumbnail else { continue }
            lines.append(try image(thumbnail, at: layout.place(point), of: point))
        }
        lines.append("</g>")
        lines.append("<g class=\"ink\" font-family=\"sans-serif\" font-size=\"14\" fill=\"#282828\">")
        for entry in legend(layout) {
            if let style = entry.style {
                let element = style.marker.element(x: Float(entry.x), y: Float(entry.y), radius: 6)
                lines.append("<g fill=\"\(style.color.hexadecimal)\">\(element)</g>")
            }
            let x = entry.x + LegendEntry.textOffset
            lines.append("<text x=\"\(x)\" y=\"\(entry.y + 5)\">\(SVG.escaped(entry.text))</text>")
        }
        return (lines + ["</g>", "</svg>", ""]).joined(separator: "\n")
    }

    private func title(of point: Point) -> String {
        point.label.map { "<title>\(SVG.escaped($0))</title>" } ?? ""
    }

    private func image(
        _ thumbnail: Picture, at place: (x: Float, y: Float), of point: Point
    ) throws(ImageError) -> String {
        let shown = thumbnail.shown(in: PictureSize(width: thumbnailSide - 4, height: thumbnailSide - 4))
        let left = Int(place.x) - shown.width / 2, top = Int(place.y) - shown.height / 2
        let data = Data(try PNG.encode(shown)).base64EncodedString()
        func rectangle(_ name: String, margin: Int) -> String {
            "<\(name) x=\"\(left - margin)\" y=\"\(top - margin)\" width=\"\(shown.width + 2 * margin)\" "
                + "height=\"\(shown.height + 2 * margin)\" "
        }
        return "<g>\(title(of: point))" + rectangle("rect", margin: 2) + "fill=\"\(frame(of: point).hexadecimal)\"/>"
            + rectangle("image", margin: 0) + "xlink:href=\"data:image/png;base64,\(data)\"/></g>"
    }
}
