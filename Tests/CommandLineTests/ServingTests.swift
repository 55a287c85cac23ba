import BuiltPrograms
import Foundation
import Testing

/// `serve` from the command line: what it refuses, and how it ends. What it answers is tested by real clients in
/// `Tests/Doors`.
@Suite struct ServingTests {
    @Test func anAddressForOthersNeedsAKey() throws {
        let place = try Workplace()
        let refused = try place.run("serve", "--host", "0.0.0.0", "--port", "0")
        #expect(refused.status == 64 && refused.errors.contains("Give --api-key"), "\(refused.errors)")
        // With a key only the store is missing.
        let allowed = try place.run("serve", "--host", "0.0.0.0", "--port", "0", "--api-key", "sesame")
        #expect(allowed.status == 1 && allowed.errors.contains("there is no store"), "\(allowed.errors)")
        let variable = try place.run(
            "serve", "--host", "0.0.0.0", "--port", "0", environment: ["JACQUARD_API_KEY": "sesame"])
        #expect(variable.status == 1)
    }

    @Test(arguments: ["127.0.0.1.evil.example", "[127.0.0.1]", "127.evil"]) func aNameIsNoAddressOfThisMachine(
        host: String
    ) throws {
        let refused = try Workplace().run("serve", "--host", host, "--port", "0")
        #expect(refused.status == 64 && refused.errors.contains("Give --api-key"), "\(refused.errors)")
    }

    @Test func aKeyOfTheEnvironmentIsAsGoodAsOneOfTheCommand() throws {
        let place = try Workplace()
        let refused = try place.run("serve", "--port", "0", environment: ["JACQUARD_API_KEY": "sésame"])
        #expect(refused.status == 64 && refused.errors.contains("JACQUARD_API_KEY: letters"), "\(refused.errors)")
    }

    @Test(arguments: ["charnn", "ae"]) func withoutAStoreNothingIsServed(program: String) throws {
        let place = try Workplace(program)
        let refused = try place.run("serve", "--port", "0")
        #expect(refused.status == 1 && refused.errors.contains("there is no store at checkpoints/jacquard.sqlite"))
        #expect(place.files.isEmpty)
    }

    @Test(arguments: [
        ["--port", "70000"], ["--max-concurrent", "0"], ["--max-tokens", "0"], ["--grace", "-1"], ["--api-key", ""],
    ]) func valuesThatCannotBeAreRefused(options: [String]) throws {
        let place = try Workplace()
        let refused = try place.start(["serve"] + options).wait()
        #expect(refused.status == 64 && refused.errors.contains(options[0]), "\(refused.errors)")
    }

    @Test func aProgramThatStandsAloneSaysHowToGetTheServer() throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(
            at: place.url.appendingPathComponent("alone"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Program.named("charnn").path, toPath: place.path("alone/charnn"))
        let refused = try place.start(["serve"], of: place.path("alone/charnn"), environment: ["PATH": "/nowhere"])
            .wait()
        #expect(refused.status == 1 && refused.errors.contains("--product jacquard-server"), "\(refused.errors)")
    }

    @Test func itServesUntilItIsToldToEndAndTwoDoNotShareAPort() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(400), to: "text.txt")
        #expect(try place.run("train", "text.txt", "--stack", "gru:8", "--steps", "2").status == 0)
        let log = place.path("log")
        let running = try place.start(["-c", "exec \(place.program.path) serve --port 0 > \(log)"], of: "/bin/sh")
        running.wait(until: { (try? place.read("log"))?.contains("http://") ?? false })
        let line = try place.read("log")
        let port = try #require(
            line.firstMatch(of: /Serving checkpoints\/jacquard.sqlite at http:\/\/127.0.0.1:(\d+)\//)?.1)
        let second = try place.run("serve", "--port", String(port))
        #expect(second.status == 1 && second.errors.contains("something listens there already"), "\(second.errors)")
        running.signal(SIGTERM)
        #expect(running.wait().status == 0)
        #expect(place.files.filter { $0.hasPrefix("checkpoints/") } == ["checkpoints/jacquard.sqlite"])
    }
}
