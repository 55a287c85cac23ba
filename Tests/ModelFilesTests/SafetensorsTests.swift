import Foundation
import ModelFiles
import TensorCore
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let tensors = NamedTensors([
        ("a.weight", Tensor([[1.5, -2, 3], [4, 5, -6.25]])), ("b", Tensor(7)), ("none", Tensor(zeros: [0, 5])),
        ("ü \"x\"\n", Tensor([-0.0, .infinity])),
    ])

    @Test func theFileIsWhatTheFormatSays() throws {
        let bytes = try Safetensors(tensors, metadata: ["b": "2", "a": "q\"\\\u{1}"]).encoded()
        let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length % 8 == 0 && bytes.count == 8 + length + 4 * 9)
        let header = try #require(
            try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: [String: Any]])
        #expect(header["__metadata__"] as? [String: String] == ["a": "q\"\\\u{1}", "b": "2"])
        #expect(header["a.weight"]?["dtype"] as? String == "F32" && header["a.weight"]?["shape"] as? [Int] == [2, 3])
        #expect(header["a.weight"]?["data_offsets"] as? [Int] == [0, 24] && header["b"]?["shape"] as? [Int] == [])
        #expect(header["none"]?["data_offsets"] as? [Int] == [28, 28])
        // -6.25 is 0xC0C80000.
        #expect(Array(bytes[(8 + length + 20)..<(8 + length + 24)]) == [0, 0, 0xC8, 0xC0])
        #expect(try Safetensors(tensors, metadata: ["a": "q\"\\\u{1}", "b": "2"]).encoded() == bytes)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let written = Safetensors(tensors, metadata: ["key": "värde"])
        try written.write(to: folder("m.safetensors"))
        let read = try Safetensors(path: folder("m.safetensors"))
        #expect(read == written)
        #expect(read.tensors["ü \"x\"\n"]?[0].sign == .minus)
        #expect(throws: ModelFileError.invalidName("__metadata__")) {
            try Safetensors(NamedTensors([("__metadata__", Tensor(1))])).encoded()
        }
        #expect(throws: ModelFileError.noSuchFile(path: folder("none"))) { try Safetensors(path: folder("none")) }
        #expect(throws: ModelFileError.self) { try Safetensors(path: folder.path) }
        #expect(throws: ModelFileError.self) { try written.write(to: folder("no/folder")) }
    }

    /// Every file of one byte less, and of one byte changed in header or length, is refused or read, and nothing else.
    @Test func damageNeverEndsTheProgram() throws {
        let whole = try Safetensors(tensors, metadata: ["k": "v"]).encoded()
        var refused = 0
        func read(_ bytes: [UInt8]) throws {
            try folder.write("d", bytes)
            do { _ = try Safetensors(path: folder("d")) } catch { refused += 1 }
        }
        for count in 0..<whole.count { try read(Array(whole[..<count])) }
        #expect(refused == whole.count)
        for index in 0..<(whole.count - 36) {
            for flip in [UInt8(1), 0x20, 0x80] {
                var bytes = whole
                bytes[index] ^= flip
                try read(bytes)
            }
        }
        #expect(refused > whole.count + 100)
    }

    @Test func filesThatContradictTheFormatAreRefused() throws {
        let damaged = try WeightsFixture.load().damaged
        #expect(damaged.count >= 29)
        for file in damaged {
            try folder.write("d", Array(file.file))
            let error = #expect(throws: ModelFileError.self, "\(file.name)") { try Safetensors(path: folder("d")) }
            #expect(
                "\(error.map { "\($0)" } ?? "")".contains(file.says), "\(file.name): \(error.map { "\($0)" } ?? "")")
        }
    }

    /// A file of one tensor with a header as it stands.
    private func refusal(_ header: String, data: Int = 4) throws -> String {
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
        try folder.write("s", length + Array(header.utf8) + [UInt8](repeating: 0, count: data))
        do {
            _ = try Safetensors(path: folder("s"))
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func header(_ shape: [Int], _ end: Int = 4) -> String {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[0,\(end)]}}"
    }

    /// Shapes that no file can hold are refused as such, before anything is counted with them.
    @Test func shapesEndWhereNoFileCouldHoldThem() throws {
        #expect(try refusal(header([Int](repeating: 1, count: 64))).isEmpty)
        #expect(try refusal(header([Int](repeating: 1, count: 65))).contains("a has the shape [1, 1,"))
        #expect(try refusal(header([-1])).contains("a has the shape [-1]"))
        #expect(try refusal(header([1 << 59, 1])).contains("takes 4 bytes"))
        #expect(try refusal(header([1 << 59, 2])).contains("has the shape"))
        #expect(try refusal(header([1 << 60])).contains("has the shape"))
        #expect(try refusal(header([(1 << 60) - 1])).contains("takes 4 bytes"))
        #expect(try refusal(header([3, 1 << 59])).contains("has the shape"))
        #expect(try refusal(header([1 << 40, 1 << 40])).contains("has the shape"))
        // A side of zero makes a tensor of nothing, but not the others possible.
        #expect(try refusal(header([0, 1 << 59], 0), data: 0).isEmpty)
        #expect(try refusal(header([0, 1 << 60], 0), data: 0).contains("has the shape"))
    }

    /// Where a name ends is seen behind whatever is escaped in it.
    @Test(arguments: [#"q\""#, #"\\"#, #"\\\""#, #"a\u0022"#, #"{[:,]}"#]) func aNameThatStandsTwice(name: String)
        throws
    {
        func entry(_ name: String, _ place: Int) -> String {
            "\"\(name)\" : {\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(4 * place),\(4 * place + 4)]}"
        }
        #expect(try refusal("{\(entry(name, 0)),\(entry("b", 1))}", data: 8).isEmpty)
        #expect(try refusal("{\(entry(name, 0)),\(entry(name, 1))}", data: 8).contains("twice"))
        #expect(
            try refusal("{\(entry(name, 0)),\(entry("b", 1)),\(entry("b", 2))}", data: 12).contains("names b twice"))
        #expect(
            try refusal("{\(entry("b", 0)),\(entry(name, 1)),\(entry("b", 2))}", data: 12).contains("names b twice"))
    }

    @Test func gapsAndOverlapsAreToldApart() throws {
        func two(_ first: (Int, Int), _ second: (Int, Int)) throws -> String {
            func entry(_ name: String, _ at: (Int, Int)) -> String {
                "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\((at.1 - at.0) / 4)],\"data_offsets\":[\(at.0),\(at.1)]}"
            }
            return try refusal("{\(entry("a", first)),\(entry("b", second))}", data: 12)
        }
        #expect(try two((0, 8), (8, 12)).isEmpty)
        #expect(try two((0, 8), (4, 12)).contains("b overlaps another tensor"))
        #expect(try two((0, 4), (8, 12)).contains("there is a gap before b"))
        #expect(try two((4, 8), (8, 12)).contains("there is a gap before a"))
        #expect(try two((0, 4), (4, 8)).contains("4 bytes follow its last tensor"))
    }

    /// Data begin at a multiple of eight, with the fewest spaces that it takes.
    @Test func theHeaderIsPaddedWithTheFewestSpaces() throws {
        for count in 1...16 {
            let name = String(repeating: "n", count: count)
            let bytes = try Safetensors(NamedTensors([(name, Tensor(1))])).encoded()
            let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
            let spaces = bytes[8..<8 + length].reversed().prefix { $0 == UInt8(ascii: " ") }.count
            #expect(length % 8 == 0 && spaces < 8 && bytes.count == 8 + length + 4)
        }
    }

    /// Half precision by its definition, for all numbers that there are.
    @Test func everyHalfAndBrainFloat() throws {
        func file(_ type: String, _ halves: [UInt16]) throws -> Tensor {
            let header = Array("{\"a\":{\"dtype\":\"\(type)\",\"shape\":[65536],\"data_offsets\":[0,131072]}}".utf8)
            let length = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init)
            try folder.write("h", length + header + halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
            return try #require(try Safetensors(path: folder("h")).tensors["a"])
        }
        let all = (0...UInt16.max).map { $0 }
        let halves = try file("F16", all).values, brains = try file("BF16", all).values
        for bits in all {
            let sign = bits >> 15 == 1 ? -1.0 : 1, exponent = Int(bits >> 10 & 31),
                fraction = Double(bits & 1023) / 1024
            let expected =
                exponent == 31
                ? (fraction == 0 ? sign * .infinity : .nan)
                : sign * (exponent == 0 ? fraction : 1 + fraction)
                    * (exponent == 0 ? 0x1p-14 : pow(2, Double(exponent - 15)))
            let found = halves[Int(bits)]
            #expect(
                expected.isNaN ? found.isNaN : found == Float(expected) && found.sign == (sign < 0 ? .minus : .plus))
            #expect(brains[Int(bits)].bitPattern == UInt32(bits) << 16)
        }
    }
}

/// `Tests/Fixtures/files/weights.json`, made by `Tests/Fixtures/generate/weights.py`.
struct WeightsFixture: Decodable {
    struct Refused: Decodable {
        let name: String
        let file: Data
        let says: String
    }
    let damaged: [Refused]

    static func load() throws -> WeightsFixture {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/files/weights.json")
        return try JSONDecoder().decode(WeightsFixture.self, from: Data(contentsOf: url))
    }
}
