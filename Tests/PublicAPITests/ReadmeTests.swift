import Foundation
import Testing

/// What the README shows of Swift compiles as printed, with the products that it names.
@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The pieces of Swift: what each imports, and the rest.
    private static func snippets() throws -> [(imports: [String], body: String)] {
        try text("README.md").components(separatedBy: "```swift\n").dropFirst().map {
            let lines = $0.components(separatedBy: "```")[0].components(separatedBy: "\n")
            let imports = lines.filter { $0.hasPrefix("import ") }
            return (imports, lines.drop { $0.hasPrefix("import ") || $0.isEmpty }.joined(separator: "\n"))
        }
    }

    @Test func theReadmeShowsTheCodeThatIsCompiledHere() throws {
        let snippets = try Self.snippets(), code = try Self.text("Tests/PublicAPITests/ReadmeSnippets.swift")
        #expect(snippets.count == 2)
        for snippet in snippets {
            let indented = snippet.body.components(separatedBy: "\n").map { $0.isEmpty ? "" : "    " + $0 }
            #expect(
                code.contains("() throws {\n" + indented.joined(separator: "\n") + "}\n"),
                "not in ReadmeSnippets.swift:\n\(snippet.body)")
        }
        // Nothing is imported there that the pieces do not import.
        let imports = code.components(separatedBy: "\n").filter { $0.hasPrefix("import ") }
        #expect(Set(imports) == Set(snippets.flatMap(\.imports)))
    }
}
