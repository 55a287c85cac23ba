import FileTrees
import Foundation
import VectorDrawing

/// Pieces of a page. What comes from files and names goes through ``text(_:)`` or ``block(_:)``, always.
package enum HTML {
    /// For an element or an attribute in double quotes, in one line.
    package static func text(_ text: String) -> String { SVG.escaped(VisibleText.line(text)) }

    /// With its line ends.
    package static func block(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in VisibleText.block(text).unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            // XML has none of these.
            case "\u{FFFE}", "\u{FFFF}": break
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    package static func paragraph(_ text: String, class name: String? = nil) -> String {
        "<p\(name.map { " class=\"\($0)\"" } ?? "")>\(self.text(text))</p>"
    }

    package static func preformatted(_ text: String) -> String { "<pre>\(block(text))</pre>" }

    /// What is folded away until it is asked for.
    package static func details(_ summary: String, isOpen: Bool = false, _ content: String) -> String {
        "<details\(isOpen ? " open=\"open\"" : "")><summary>\(text(summary))</summary>\(content)</details>"
    }

    /// Label and text in each row.
    package static func facts(_ rows: [(label: String, text: String)]) -> String {
        let lines = rows.map { "<tr><th scope=\"row\">\(text($0.label))</th><td>\(text($0.text))</td></tr>" }
        return "<table class=\"facts\"><tbody>\(lines.joined(separator: "\n"))</tbody></table>"
    }

    /// - Parameter numbers: the columns that hold some: they stand at the right.
    package static func table(_ titles: [String], _ rows: [[String]], numbers: Bool = false) -> String {
        let style = numbers ? " class=\"number\"" : ""
        let head = titles.map { "<th scope=\"col\"\(style)>\(text($0))</th>" }.joined()
        let lines = rows.map { row in "<tr>" + row.map { "<td\(style)>\(text($0))</td>" }.joined() + "</tr>" }
        return "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead>\n<tbody>"
            + lines.joined(separator: "\n") + "</tbody></table></div>"
    }

    /// A drawing as part of the page.
    /// - Parameter kind: a class for its style.
    package static func figure(_ svg: String, label: String, kind: String = "plot", caption: String? = nil) -> String {
        let drawing = svg.replacing(
            "<svg ", with: "<svg role=\"img\" aria-label=\"\(text(label))\" ", maxReplacements: 1)
        return figure(element: drawing, kind, caption)
    }

    package static func figure(png: [UInt8], label: String, caption: String? = nil) -> String {
        figure(
            element: "<img alt=\"\(text(label))\" src=\"data:image/png;base64,\(Data(png).base64EncodedString())\"/>",
            "sheet",
            caption)
    }

    private static func figure(element: String, _ kind: String, _ caption: String?) -> String {
        "<figure class=\"\(kind)\">\n\(element)" + (caption.map { "<figcaption>\(text($0))</figcaption>" } ?? "")
            + "</figure>"
    }
}
