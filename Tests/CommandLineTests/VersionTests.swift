import BuiltPrograms
import Foundation
import Testing

@Suite struct VersionTests {
    private struct Interface: Decodable {
        struct Info: Decodable { let version: String }
        let info: Info
    }

    @Test func allProgramsAndTheInterfaceOfTheServerHaveOne() throws {
        let text = try PrintedCommands.text(of: "Sources/jacquard-server/openapi.json")
        let version = try JSONDecoder().decode(Interface.self, from: Data(text.utf8)).info.version
        for program in ["charnn", "ae", "lessons"] {
            #expect(try Workplace(program).run("--version").output == version + "\n", "\(program)")
        }
    }
}
