import Foundation
import PageParts
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct PageDocumentTests {
    private func parts(_ text: String, between start: String, and end: String) -> [String] {
        text.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end)[0] }
    }

    /// By a program of somebody else's.
    private func digest(_ text: String) throws -> String {
        let process = Process(), input = Pipe(), output = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "sha256sum | cut -c1-64 | xxd -r -p | base64"]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let digest = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: digest, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func policy(_ text: String) -> [String] {
        parts(text, between: "Content-Security-Policy\" content=\"", and: "\"")[0].components(separatedBy: "; ")
    }

    @Test func eachScriptAndAllStyleAreAllowedByWhatTheyAre() throws {
        var document = PageDocument(title: "a", styles: [PageStyle.palette, ".a{color:red}"])
        document.scripts = ["let ä = 1 < 2 && \"&amp;\"", "second()"]
        let text = document.text
        let style = try #require(parts(text, between: "<style>", and: "</style>").first)
        let scripts = parts(text, between: "<script>", and: "</script>")
        #expect(style.hasSuffix("}\n.a{color:red}") && scripts == document.scripts)
        let allowed = policy(text)
        #expect(allowed.contains("style-src 'sha256-\(try digest(style))'"))
        #expect(
            allowed.contains("script-src " + (try scripts.map { "'sha256-\(try digest($0))'" }.joined(separator: " "))))
        #expect(allowed.contains("default-src 'none'") && allowed.contains("img-src data:"))
        #expect(document.contentSecurityPolicy == allowed.joined(separator: "; "))
    }

    @Test func withoutScriptsNothingIsAllowedToRunAndTheTextIsXML() {
        var document = PageDocument(title: "<b> & \u{1B}")
        document.section("none", [])
        document.section("one", [HTML.paragraph("a < b"), HTML.preformatted("x\n]]>")])
        #expect(!document.text.contains("script") && !document.text.contains("none</h2>"))
        #expect(document.text.contains("<title>&lt;b&gt; &amp; \\x1B</title>"))
        let parser = XMLParser(data: Data(document.text.utf8))
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    }

    @Test func dataStandBeforeTheScriptsAndDoNotEndTheirElement() throws {
        var document = PageDocument(title: "a")
        let value = ["</script><script>alert(1)//", "<!--", "\u{2028}\u{1}<\\\""]
        document.addData(String(decoding: try JSONEncoder().encode(value), as: UTF8.self), id: "values")
        document.scripts = ["run()"]
        let text = document.text
        let json = try #require(
            parts(text, between: "<script type=\"application/json\" id=\"values\">", and: "</script>").first)
        #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == value)
        #expect(!json.contains("<"))
        #expect(text.components(separatedBy: "</script>").count == 3)
        #expect(text.range(of: "</script>\n<script>run()") != nil)
    }

    @Test func aPageMayAskItsServerAndNameItsOwnMainPart() {
        var document = PageDocument(title: "a")
        document.policy.images = ["'self'", "data:", "blob:"]
        document.policy.connections = ["'self'"]
        document.isMain = false
        document.add("<header>h</header>", "<main>m</main>")
        let allowed = policy(document.text)
        #expect(allowed.contains("img-src 'self' data: blob:") && allowed.contains("connect-src 'self'"))
        #expect(document.text.contains("<body>\n<header>h</header>\n<main>m</main>\n</body>"))
    }
}
