import Foundation
import Testing

/// `Documentation/Reliability.md` names a test for each promise.
@Suite struct ReliabilityTests {
    @Test func everyTestThatIsNamedExists() throws {
        let named = try PrintedCommands.text(of: "Documentation/Reliability.md")
            .matches(of: /`(\w+Tests)\.(\w+)`/).map { (suite: String($0.1), function: String($0.2)) }
        #expect(named.count > 60)
        let tests = try testsBySuite()
        for (suite, function) in named {
            #expect(tests[suite]?.contains(function) ?? false, "\(suite).\(function)")
        }
    }

    @Test func everyScriptThatIsNamedExists() throws {
        let text = try PrintedCommands.text(of: "Documentation/Reliability.md")
        let scripts = Set(text.matches(of: /`(scripts\/[-.\w\/]+)/).map { String($0.1) })
        #expect(scripts.count > 5)
        for script in scripts {
            let path = PrintedCommands.repository.appendingPathComponent(script).path
            #expect(FileManager.default.fileExists(atPath: path), "\(script)")
        }
    }

    /// Those that real clients of the server are.
    @Test func everyTestOfTheDoorsThatIsNamedExists() throws {
        let text = try PrintedCommands.text(of: "Documentation/Reliability.md")
        let named = text.matches(of: /`(test_\w+)`/).map { String($0.1) }
        #expect(!named.isEmpty)
        let doors = PrintedCommands.repository.appendingPathComponent("Tests/Doors")
        let files = try FileManager.default.contentsOfDirectory(at: doors, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasPrefix("test_") && $0.pathExtension == "py" }
        let defined = try files.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).matches(of: /(?m)^(?:async )?def (test_\w+)\(/)
                .map { String($0.1) }
        }
        #expect(defined.count > 20)
        for name in named { #expect(defined.contains(name), "\(name)") }
    }

    /// The tests that stand behind the name of a suite in a source file, up to the next suite's: functions that come
    /// next after `@Test`.
    private func testsBySuite() throws -> [String: Set<String>] {
        let tests = PrintedCommands.repository.appendingPathComponent("Tests")
        let files = try #require(FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
        var found: [String: Set<String>] = [:]
        for case let file as URL in files where file.pathExtension == "swift" {
            var suite = "", isTest = false
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /@Suite.*struct (\w+)|extension (\w+Tests)|(@Test)|func (\w+)/) {
                if let name = match.1 ?? match.2 {
                    suite = String(name)
                } else if match.3 != nil {
                    isTest = true
                } else if let function = match.4 {
                    if isTest { found[suite, default: []].insert(String(function)) }
                    isTest = false
                }
            }
        }
        return found
    }
}
