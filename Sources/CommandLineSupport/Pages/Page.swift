import ByteStreams
import Checkpoints
import Digests
import FileTrees
import Foundation
import VectorDrawing

/// A document for a browser, whole in itself: no network, no script, and its policy allows none. It is well-formed XML
/// too.
struct Page {
    let title: String
    /// Elements, one below the other.
    private(set) var body: [String] = []

    init(title: String) { self.title = title }

    mutating func add(_ elements: String...) { body += elements }

    /// A section with its heading; nothing where there is nothing in it.
    mutating func section(_ heading: String, _ elements: [String]) {
        guard !elements.isEmpty else { return }
        body += ["<section>", "<h2>\(HTML.text(heading))</h2>"] + elements + ["</section>"]
    }

    var text: String {
        let policy =
            "default-src 'none'; style-src 'sha256-\(Self.styleDigest)'; img-src data:; base-uri 'none'; form-action 'none'"
        let head = [
            "<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\"/>",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\"/>",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>",
            "<meta name=\"color-scheme\" content=\"light dark\"/>",
            "<title>\(HTML.text(title))</title>", "<style>\(Self.style)</style>", "</head>", "<body>", "<main>",
        ]
        return (head + body + ["</main>", "</body>", "</html>", ""]).joined(separator: "\n")
    }

    /// As the policy names what it allows: base 64 of the SHA-256 of what stands between the tags.
    private static var styleDigest: String {
        var hash = SHA256()
        hash.update(Array(style.utf8))
        let digits = Array(hash.finish().utf8)
        return Base64.encoded(
            stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            })
    }

    /// Curves have colors that are apart in light and in dark; on a narrow screen their text is larger.
    private static let style = """
        :root{color-scheme:light dark;--ground:#fff;--ink:#1f2328;--soft:#59636e;--line:#d8dee4;--panel:#f6f8fa;
        --c0:#1f6fb4;--c1:#c2570c;--c2:#2f8a3d;--c3:#c0392b}
        @media (prefers-color-scheme:dark){:root{--ground:#0f1419;--ink:#e6e8eb;--soft:#9aa4af;--line:#2f363d;
        --panel:#171d24;--c0:#5aa9e6;--c1:#f0924c;--c2:#6cc47a;--c3:#f07b6e}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
        h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
        h2{font-size:1.15rem;margin:2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
        p{margin:.4rem 0}.soft,figcaption{color:var(--soft);font-size:.9rem}.lead{font-size:1.1rem}
        figure{margin:.6rem 0 1.2rem}figure svg{display:block;width:100%;max-width:48rem;height:auto}
        figure img{display:block;max-width:100%;height:auto;border:1px solid var(--line)}
        .ground{fill:none}.ink{fill:var(--ink)}.grid{stroke:var(--line)}.mark{stroke:var(--ink)}
        .curve-0{stroke:var(--c0)}.curve-1{stroke:var(--c1)}.curve-2{stroke:var(--c2)}.curve-3{stroke:var(--c3)}
        .key-0{fill:var(--c0)}.key-1{fill:var(--c1)}.key-2{fill:var(--c2)}.key-3{fill:var(--c3)}
        .pair .curve-2{stroke:var(--c0)}.pair .curve-3{stroke:var(--c1)}.pair .key-2{fill:var(--c0)}.pair .key-3{fill:var(--c1)}
        .pair .curve-2,.pair .curve-3{stroke-width:1.2;stroke-dasharray:2 3}.pair .key-2,.pair .key-3{opacity:.5}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
        th,td{padding:.25rem .7rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
        th{color:var(--soft);font-weight:600}td{overflow-wrap:break-word}
        .facts td{overflow-wrap:anywhere}
        .facts th{white-space:nowrap}.number{text-align:right}
        pre,code{font:.85rem/1.45 ui-monospace,monospace}
        pre{margin:.4rem 0;padding:.7rem;background:var(--panel);border:1px solid var(--line);border-radius:6px;
        white-space:pre-wrap;overflow-wrap:anywhere}
        summary{cursor:pointer;padding:.2rem 0}summary:focus-visible{outline:2px solid var(--c0)}
        @media (max-width:40rem){.plot .ink{font-size:16px}body{font-size:15px}}
        @media print{:root{--ground:#fff;--ink:#000;--soft:#444;--line:#bbb;--panel:#fff;--c0:#1f6fb4;--c1:#c2570c;
        --c2:#2f8a3d;--c3:#c0392b}main{max-width:none;padding:0}figure,pre,tr{break-inside:avoid}h2{break-after:avoid}}
        """
}

/// Pieces of a page. What comes from files and names goes through ``text(_:)`` or ``block(_:)``, always.
enum HTML {
    /// For an element or an attribute in double quotes, in one line.
    static func text(_ text: String) -> String { SVG.escaped(VisibleText.line(text)) }

    /// With its line ends.
    static func block(_ text: String) -> String {
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

    static func paragraph(_ text: String, class name: String? = nil) -> String {
        "<p\(name.map { " class=\"\($0)\"" } ?? "")>\(self.text(text))</p>"
    }

    static func preformatted(_ text: String) -> String { "<pre>\(block(text))</pre>" }

    /// What is folded away until it is asked for.
    static func details(_ summary: String, isOpen: Bool = false, _ content: String) -> String {
        "<details\(isOpen ? " open=\"open\"" : "")><summary>\(text(summary))</summary>\(content)</details>"
    }

    /// Label and text in each row.
    static func facts(_ rows: [(label: String, text: String)]) -> String {
        let lines = rows.map { "<tr><th scope=\"row\">\(text($0.label))</th><td>\(text($0.text))</td></tr>" }
        return "<table class=\"facts\"><tbody>\(lines.joined(separator: "\n"))</tbody></table>"
    }

    /// - Parameter numbers: the columns that hold some: they stand at the right.
    static func table(_ titles: [String], _ rows: [[String]], numbers: Bool = false) -> String {
        let style = numbers ? " class=\"number\"" : ""
        let head = titles.map { "<th scope=\"col\"\(style)>\(text($0))</th>" }.joined()
        let lines = rows.map { row in "<tr>" + row.map { "<td\(style)>\(text($0))</td>" }.joined() + "</tr>" }
        return "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead>\n<tbody>"
            + lines.joined(separator: "\n") + "</tbody></table></div>"
    }

    /// A drawing as part of the page.
    /// - Parameter kind: a class for its style.
    static func figure(_ svg: String, label: String, kind: String = "plot", caption: String? = nil) -> String {
        let drawing = svg.replacing(
            "<svg ", with: "<svg role=\"img\" aria-label=\"\(text(label))\" ", maxReplacements: 1)
        return figure(element: drawing, kind, caption)
    }

    static func figure(png: [UInt8], label: String, caption: String? = nil) -> String {
        figure(
            element: "<img alt=\"\(text(label))\" src=\"data:image/png;base64,\(Base64.encoded(png))\"/>", "sheet",
            caption)
    }

    private static func figure(element: String, _ kind: String, _ caption: String?) -> String {
        "<figure class=\"\(kind)\">\n\(element)" + (caption.map { "<figcaption>\(text($0))</figcaption>" } ?? "")
            + "</figure>"
    }
}

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

/// What can be wrong with the file of a page.
enum PageError: Error, Equatable, Sendable, WritingFailure, CustomStringConvertible, LocalizedError {
    case unwritable(path: String, reason: String)

    var description: String {
        switch self {
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        }
    }

    var errorDescription: String? { description }
}
