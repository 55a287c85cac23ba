import BuiltPrograms
import Foundation
import Images
import Testing

/// The guide to the store is enough to use a model with nothing else: its Python computes what the programs do.
@Suite(.enabled(if: Python.isHere)) struct StoredModelGuideTests {
    /// Puts the programs of the guide into the folder, under the names that their first lines say.
    private func place(_ name: String) throws -> Workplace {
        let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Documentation/CheckpointStore.md")
        let place = try Workplace(name)
        let blocks = try String(contentsOf: guide, encoding: .utf8).components(separatedBy: "```python\n").dropFirst()
        for block in blocks.map({ $0.components(separatedBy: "\n```")[0] }) {
            guard let file = block.split(separator: " ").dropFirst().first.map(String.init) else { continue }
            let name = file.prefix { !$0.isWhitespace }
            if block.hasPrefix("# "), name.hasSuffix(".py") { try place.write(block + "\n", to: String(name)) }
        }
        #expect(["ae_codes.py", "charnn_loss.py", "stored_model.py"].allSatisfy(place.exists))
        return place
    }

    @Test(arguments: [
        "--stack lstm:8 --embedding 5", "--stack gru:7 --embedding 0", "--stack rnn:9:4,lstm:6 --embedding 3",
        "--stack gru-reset-before:7,gru:5 --embedding 0", "--stack rnn:8 --embedding 4 --unit byte",
    ])
    func aLanguageModel(options: String) throws {
        let place = try place("charnn")
        try place.write(Texts.sentences(3000), to: "text.txt")
        // Ö and Ж are not in it: one unit of a byte model's that it has never seen, or two. Marks and line ends are those
        // of other systems, and for a model of bytes it need not be UTF-8.
        var other = Array("\u{FEFF}A thread follows\r\nthe loom.\r ÖЖ it \u{FEFF}turns\r\r\n".utf8)
        if options.hasSuffix("byte") { other += [0xE9, 0x20] }
        try place.write(other, to: "other.txt")
        let trained = try place.start(
            ["train", "text.txt", "--steps", "40", "--batch", "4", "--window", "12", "--name", "m"]
                + options.split(separator: " ").map(String.init)
        ).wait()
        #expect(trained.status == 0, "\(trained.errors)")
        let scored = try place.run("eval", "other.txt", "--json")
        let expected = try #require(
            scored.json["nats_per_unit"] as? Double ?? scored.json["nats"] as? Double, "\(scored)")
        let found = try place.shell("python3 charnn_loss.py checkpoints/jacquard.sqlite m other.txt")
        let nats = try #require(Double(found.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(found.errors)")
        #expect(abs(nats - expected) < 2e-5 * expected, "\(nats) instead of \(expected)")
    }

    @Test func clustersAreRefusedThatTheProgramDoesNotKnow() throws {
        let place = try place("charnn")
        try place.train("--steps", "2", "--unit", "grapheme", "--name", "m")
        for (text, status) in [("A thread\r\n", 0), ("caf\u{65}\u{301}\n", 1)] {
            try place.write(text, to: "other.txt")
            let found = try place.shell("python3 charnn_loss.py checkpoints/jacquard.sqlite m other.txt")
            #expect(found.status == status && found.errors.contains("grapheme clusters") == (status == 1), "\(found)")
        }
    }

    @Test(arguments: [
        "--kind plain --hidden 16 --channels 4,6", "--kind variational --hidden 0 --channels 5",
        "--kind sparse --hidden 8 --channels none",
    ])
    func anAutoencoder(options: String) throws {
        let place = try place("ae")
        // Sides that halve with and without a remainder.
        try place.makePictures(24, in: "pictures", width: 9, height: 12)
        let trained = try place.start(
            ["train", "pictures", "--steps", "40", "--batch", "8", "--code", "3", "--name", "m"]
                + options.split(separator: " ").map(String.init)
        ).wait()
        #expect(trained.status == 0, "\(trained.errors)")
        let pictures = (0..<3).map { Pictures.spot($0, width: 9, height: 12) }
        let bytes = pictures.map { picture in
            (0..<12).flatMap { row in (0..<9).map { Int(picture[$0, row, 0]) } }
        }
        try place.write(String(decoding: JSONEncoder().encode(bytes), as: UTF8.self), to: "pictures.json")
        let found = try place.shell("python3 ae_codes.py checkpoints/jacquard.sqlite m < pictures.json")
        let codes = try #require(found.json["codes"] as? [[Double]], "\(found.errors)")
        let back = try #require(found.json["pictures"] as? [[Double]])
        #expect(try place.shell("mkdir three && cp pictures/00[012].png three").status == 0)
        #expect(try place.run("encode", "three", "-o", "codes.npy").status == 0)
        let values = try place.codes("codes.csv", of: "three")
        for rows in [codes, values] { #expect(rows.map(\.count) == [3, 3, 3]) }
        #expect(back.map(\.count) == [108, 108, 108])
        for (code, other) in zip(codes, values) {
            for (a, b) in zip(code, other) { #expect(abs(a - b) < 1e-4 * max(1, abs(b)), "\(a) instead of \(b)") }
        }
        #expect(try place.run("decode", "codes.npy", "-o", "back").status == 0)
        for (index, planes) in back.enumerated() {
            let picture = try PictureFile.read(path: place.path("back/00\(index).png"))
            for (position, value) in planes.enumerated() {
                let byte = Double(picture[position % 9, position / 9, 0])
                #expect(abs(value * 255 - byte) < 0.51, "picture \(index), value \(position)")
            }
        }
    }
}

extension Workplace {
    /// The codes that the program makes of a folder, as its table says.
    fileprivate func codes(_ file: String, of folder: String) throws -> [[Double]] {
        #expect(try run("encode", folder, "-o", file).status == 0)
        return try read(file).split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2).compactMap { Double($0) }
        }
    }
}

enum Python {
    static let isHere: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import sqlite3"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}
