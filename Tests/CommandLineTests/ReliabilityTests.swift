import Foundation
import Testing

/// `Documentation/Reliability.md` names a test for each promise.
@Suite struct ReliabilityTests {
    @Test func everyTestThatIsNamedExists() throws {
        let named = try PrintedCommands.text(of: "Documentation/Reliability.md")
            .matches(of: /`(\w+Tests)\.(\w+)`/).map { (suite: String($0.1), function: String($0.2)) }
        #expect(named.count > 60)
        let functions = try functionsBySuite()
        for (suite, function) in named {
            #expect(functions[suite]?.contains(function) ?? false, "\(suite).\(function)")
        }
    }

    /// The functions that stand behind the name of a suite in a source file, up to the next suite's.
    private func functionsBySuite() throws -> [String: Set<String>] {
        let tests = PrintedCommands.repository.appendingPathComponent("Tests")
        let files = try #require(FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
        var functions: [String: Set<String>] = [:]
        for case let file as URL in files where file.pathExtension == "swift" {
            var suite = ""
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /@Suite.*struct (\w+)|extension (\w+Tests)|func (\w+)/) {
                if let name = match.1 ?? match.2 {
                    suite = String(name)
                } else if let function = match.3 {
                    functions[suite, default: []].insert(String(function))
                }
            }
        }
        return functions
    }
}
