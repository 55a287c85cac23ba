import PageParts

/// A picture that a program adds to the page of a run.
package struct PageFigure {
    package enum Content {
        case svg(String)
        case png([UInt8])
        /// There is none, and why.
        case absent
    }

    package var title: String
    package var content: Content
    package var caption: String

    package init(title: String, content: Content, caption: String) {
        (self.title, self.content, self.caption) = (title, content, caption)
    }

    var html: String {
        switch content {
        case .svg(let svg): HTML.figure(svg, label: title, caption: caption)
        case .png(let bytes): HTML.figure(png: bytes, label: title, caption: caption)
        case .absent: HTML.paragraph(caption, class: "soft")
        }
    }
}
