import Foundation
import Testing

/// README and guides name source files, by their path or the end of it.
@Suite struct NamedFileTests {
    @Test func everySourceFileThatIsNamedExists() throws {
        let sources = try ["Sources", "Tests", "Benchmarks"].flatMap { try files(in: $0) } + ["/Package.swift"]
        var count = 0
        for guide in try files(in: "Documentation") + ["/README.md"] where guide.hasSuffix(".md") {
            let text = try PrintedCommands.text(of: String(guide.dropFirst()))
            for match in text.matches(of: /(?:[\w+]+\/)*[\w+.\-]*\w\.(?:swift|h)\b(?!\.\w)/) {
                #expect(sources.contains { $0.hasSuffix("/\(match.0)") }, "\(guide): \(match.0)")
                count += 1
            }
        }
        #expect(count > 100)
    }

    /// Their paths from the project's folder, with a slash before them.
    private func files(in folder: String) throws -> [String] {
        let url = PrintedCommands.repository.appendingPathComponent(folder)
        let names = try #require(FileManager.default.enumerator(atPath: url.path))
        return names.compactMap { ($0 as? String).map { "/\(folder)/\($0)" } }
    }
}
