import Foundation
import TestSupport
import Testing

@Suite struct FixtureTests {
    @Test func everyStoredFixtureLoads() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path)
            .filter { $0.hasSuffix(".json") }.sorted()
        #expect(files.count >= 20)
        for file in files {
            let fixture = try Fixture.load(String(file.dropLast(5)))
            #expect(!fixture.arrays.isEmpty && fixture.about.contains("PyTorch"), "\(file)")
            for name in fixture.differentiated {
                #expect(try fixture[name].shape == fixture.gradient(of: name).shape, "\(file) \(name)")
            }
        }
    }

    /// What the engine is given must be exactly what PyTorch was given.
    @Test(arguments: ["rnn", "gru_2_layers", "lstm", "lstm_wide", "stack", "language_model_step"])
    func inputsAreExactInSinglePrecision(_ name: String) throws {
        let fixture = try Fixture.load(name)
        for input in fixture.differentiated {
            let array = try fixture[input]
            #expect(array.values == array.floats.map(Double.init), "\(input)")
        }
    }

    @Test func encodingsAndErrors() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func load(_ tensors: String) throws -> Fixture {
            let file = folder.appendingPathComponent("f.json")
            try Data("{\"about\":\"x\",\"tensors\":{\(tensors)}}".utf8).write(to: file)
            return try Fixture.load("f", from: file)
        }
        let fixture = try load(
            """
            "a":{"shape":[2,1],"values":[1.5,-2]}, "b":{"shape":[3],"divisor":4,"int8":"Af9/"},
            "c":{"shape":[2],"float32":"AACAPwAAIMA="}
            """)
        #expect(try fixture["a"] == ArrayND(shape: [2, 1], values: [1.5, -2]))
        #expect(try fixture["b"].values == [0.25, -0.25, 31.75])
        #expect(try fixture["c"].values == [1, -2.5])
        #expect(fixture.tolerance(of: "c") > fixture.tolerance(of: "a"))
        func expectError(containing text: String, _ body: () throws -> Any) {
            let error = #expect(throws: FixtureError.self) { _ = try body() }
            #expect(error?.description.contains(text) ?? false, "\(String(describing: error))")
        }
        expectError(containing: "no array z, only a, b, c") { try fixture["z"] }
        expectError(containing: "2 values for shape [3]") { try load(#""a":{"shape":[3],"values":[1,2]}"#) }
        expectError(containing: "array a: holds neither") { try load(#""a":{"shape":[1]}"#) }
        expectError(containing: "generate/all.py") { try load(#""a":"#) }
        expectError(containing: "no_such.json") { try Fixture.load("no_such") }
    }
}
