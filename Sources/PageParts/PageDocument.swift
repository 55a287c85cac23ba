import Digests
import Foundation
import Requirements

/// A document for a browser, whole in itself: nothing comes from elsewhere, and its policy allows nothing but its own
/// style and scripts, each by its digest. Without scripts it is well-formed XML too.
package struct PageDocument {
    package let title: String
    /// Become one element, line after line.
    package var styles: [String]
    /// Run one after the other when the body is there.
    package var scripts: [String] = []
    package var policy = ContentPolicy()
    /// Whether what was added is the main part. A body that names its own main part has others beside it.
    package var isMain = true
    /// Elements, one below the other.
    package private(set) var body: [String] = []
    private var data: [String] = []

    package init(title: String, styles: [String] = PageStyle.report) { (self.title, self.styles) = (title, styles) }

    package mutating func add(_ elements: String...) { body += elements }

    /// A section with its heading; nothing where there is nothing in it.
    package mutating func section(_ heading: String, _ elements: [String]) {
        guard !elements.isEmpty else { return }
        body += ["<section>", "<h2>\(HTML.text(heading))</h2>"] + elements + ["</section>"]
    }

    /// Values for the scripts: they find them by `document.getElementById`, and read them by `JSON.parse`.
    ///
    /// - Parameter json: whatever its strings hold, none of it ends the element.
    package mutating func addData(_ json: String, id: String) {
        // In JSON the sign stands in strings alone.
        let harmless = json.utf8.reduce(into: [UInt8]()) { bytes, byte in
            byte == UInt8(ascii: "<") ? bytes.append(contentsOf: "\\u003c".utf8) : bytes.append(byte)
        }
        data.append(
            "<script type=\"application/json\" id=\"\(HTML.text(id))\">"
                + String(decoding: harmless, as: UTF8.self) + "</script>")
    }

    private var style: String { styles.joined(separator: "\n") }

    /// What the document allows itself, for its head and for who sends it.
    package var contentSecurityPolicy: String { policy.text(style: style, scripts: scripts) }

    package var text: String {
        require(!style.contains("</"), "a style that ends its element")
        require(
            scripts.allSatisfy { !$0.lowercased().contains("</script") && !$0.contains("<!--") },
            "a script that ends its element")
        let head = [
            "<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\"/>",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"\(contentSecurityPolicy)\"/>",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>",
            "<meta name=\"color-scheme\" content=\"light dark\"/>",
            "<title>\(HTML.text(title))</title>", "<style>\(style)</style>", "</head>", "<body>",
        ]
        let main = isMain ? ["<main>"] + body + ["</main>"] : body
        let code = data + scripts.map { "<script>\($0)</script>" }
        return (head + main + code + ["</body>", "</html>", ""]).joined(separator: "\n")
    }
}

/// What a document may do beside its own style and scripts.
package struct ContentPolicy: Sendable {
    /// Where pictures come from, in the policy's words.
    package var images = ["data:"]
    /// What scripts may ask.
    package var connections: [String] = []

    package init() {}

    func text(style: String, scripts: [String]) -> String {
        var directives = ["default-src 'none'", "style-src \(Self.source(style))"]
        if !scripts.isEmpty { directives.append("script-src \(scripts.map(Self.source).joined(separator: " "))") }
        if !images.isEmpty { directives.append("img-src \(images.joined(separator: " "))") }
        if !connections.isEmpty { directives.append("connect-src \(connections.joined(separator: " "))") }
        return (directives + ["base-uri 'none'", "form-action 'none'"]).joined(separator: "; ")
    }

    /// As a policy names what it allows: base 64 of the SHA-256 of what stands between the tags.
    private static func source(_ text: String) -> String {
        var hash = SHA256()
        hash.update(Array(text.utf8))
        let digits = Array(hash.finish().utf8)
        let digest = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return "'sha256-\(Data(digest).base64EncodedString())'"
    }
}
