import BuiltPrograms
import Foundation
import Images
import Testing

/// Pictures to codes and back, through the built program.
@Suite struct PictureCodeTests {
    /// A trained model and pictures with names that trip readers up, in two classes.
    private func place(_ options: String...) throws -> Workplace {
        let place = try Workplace("ae")
        try place.makePictures()
        let result = try place.start(["train", "pictures", "--steps", "8", "--name", "model"] + tinyPictures + options)
            .wait()
        #expect(result.status == 0, "\(result.errors)")
        for (number, name) in Self.names.enumerated() {
            try place.write(PNG.encode(Pictures.spot(100 + number)), to: "odd/\(name)")
        }
        return place
    }

    private static let names = [
        "a class/a,b \"q\".png", "a class/with space.png", "plain/new\nline.png", "plain/日本 語.png",
        "plain/\u{301}accent.png",
    ]

    @Test func theTableOfCodes() throws {
        let place = try place()
        let result = try place.run("encode", "odd")
        #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
        #expect(
            result.errors.contains("Using run 'model', step 8") && result.errors.contains("Wrote 5 codes of 4 numbers"))
        let text = try place.read("codes.csv")
        #expect(text.hasPrefix("name,label,c0,c1,c2,c3\n"))
        for start in [
            "\"a class/a,b \"\"q\"\".png\",a class,", "a class/with space.png,a class,",
            "\"plain/new\nline.png\",plain,",
            "plain/日本 語.png,plain,", "plain/\u{301}accent.png,plain,",
        ] {
            #expect(text.contains("\n\(start)"), "\(start)")
        }
        // Decoded into files of the same names; again from an array, from the store: the same pictures.
        #expect(try place.run("decode", "codes.csv", "-o", "one").status == 0)
        #expect(try place.run("encode", "odd", "-o", "codes.npy").status == 0)
        #expect(try NumPyArray.read(path: place.path("codes.npy")).shape == [5, 4])
        #expect(try place.read("codes.names.csv").hasPrefix("name,label\n\"a class/a,b \"\"q\"\".png\",a class\n"))
        #expect(try place.run("decode", "codes.npy", "-o", "two").status == 0)
        let stored = try place.run("encode", "odd", "--to-store")
        #expect(stored.status == 0 && stored.errors.contains("checkpoints/jacquard.sqlite"))
        #expect(!stored.errors.contains("replaced"), "\(stored.errors)")
        let again = try place.run("encode", "odd", "--to-store", "--json")
        #expect(again.errors.contains("note: 5 codes that the run had under the same names were replaced"))
        #expect(again.json["replaced"] as? Int == 5, "\(again.output)")
        #expect(try place.run("decode", "--from-store", "-o", "three").status == 0)
        // Of a picture that is reached twice the store has one code.
        for replaced in [0, 1] {
            let twice = try place.run("encode", "pictures/001.png", "pictures/001.png", "--to-store", "--json")
            #expect(twice.json["images"] as? Int == 1 && twice.json["replaced"] as? Int == replaced, "\(twice.output)")
            #expect(twice.errors.contains("Wrote 1 code of 4 numbers"), "\(twice.errors)")
        }
        for name in Self.names {
            let pictures = try ["one", "two", "three"].map { try PictureFile.read(path: place.path("\($0)/\(name)")) }
            #expect(pictures[0].size == PictureSize(width: 12, height: 12))
            #expect(pictures[0] == pictures[1] && pictures[1] == pictures[2])
        }
        #expect(try place.run("decode", "codes.csv", "-o", "sheet.png").status == 0)
        #expect(try PictureFile.read(path: place.path("sheet.png")).isGray)
    }

    @Test func oneBadFileAmongMany() throws {
        let place = try place()
        try place.write("a letter", to: "odd/plain/letter.png")
        try place.write(
            Array(PNG.encode(Pictures.spot(7, width: 40, height: 40)).dropLast(40)), to: "odd/plain/cut.png")
        try place.write("notes", to: "odd/notes.txt")
        let result = try place.run("encode", "odd", "--json")
        #expect(result.status == 0, "\(result.errors)")
        for part in [
            "letter.png: is not a picture: it is a text file", "cut.png: is cut short", "Wrote 5 codes", "2 left out",
        ] { #expect(result.errors.contains(part), "\(part) in \(result.errors)") }
        #expect(!result.errors.contains("notes.txt"))
        let json = result.json
        #expect(json["images"] as? Int == 5 && json["left_out"] as? Int == 2 && json["run"] as? String == "model")
        #expect(json["status"] as? String == "finished" && json["output"] as? String == "codes.csv")
        for command in [["encode", "odd", "--strict"], ["reconstruct", "odd", "--strict"]] {
            let strict = try place.start(command).wait()
            #expect(strict.status == 1 && strict.errors.contains("plain/"), "\(strict.errors)")
        }
        // All other commands go on without them, too.
        for command in [["reconstruct", "odd"], ["map", "odd"], ["neighbors", "pictures/001.png", "odd"]] {
            let result = try place.start(command).wait()
            #expect(result.status == 0 && result.errors.contains("cut.png: is cut short"), "\(result.errors)")
        }
    }

    @Test func codesThatCannotBeDecoded() throws {
        let place = try place()
        try place.write("name,c0,c1,c2\na,1,2,3\n", to: "short.csv")
        try place.write("name,c0,c1,c2,c3\na,1,2,3,x\n", to: "words.csv")
        try NumPyArray.write([Float](repeating: 0.5, count: 10), shape: [2, 5], path: place.path("long.npy"))
        for (file, message) in [
            ("short.csv", "short.csv holds codes of 3 numbers, and run 'model' decodes codes of 4"),
            ("long.npy", "long.npy holds codes of 5 numbers, and run 'model' decodes codes of 4"),
            ("words.csv", "words.csv holds no codes: line 2: \"x\" in field 5"), ("none.csv", "none.csv: no such file"),
            ("pictures/001.png", "001.png holds no codes"),
        ] {
            let result = try place.run("decode", file)
            #expect(result.status == 1 && result.errors.contains(message), "\(result.errors)")
            #expect(!place.exists("decoded"))
        }
        let store = try place.run("decode", "--from-store")
        #expect(store.status == 1 && store.errors.contains("ae encode PATH --to-store --run model"), "\(store.errors)")
        // Codes of another program, without names.
        try place.write("1,2,3,4\n5,6,7,8\n", to: "numbers.csv")
        #expect(try place.run("decode", "numbers.csv").status == 0)
        #expect(place.exists("decoded/0.png") && place.exists("decoded/1.png"))
        // Codes that other weights have made do not count.
        #expect(try place.run("encode", "pictures", "--to-store").status == 0)
        #expect(try place.run("train", "--resume", "model", "--steps", "40").status == 0)
        let outdated = try place.run("decode", "--from-store", "--checkpoint", "latest")
        #expect(outdated.status == 1 && outdated.errors.contains("but 40 that other weights"), "\(outdated.errors)")
    }

    /// Fills an array that takes a slow processor several seconds.
    private func makeManyPictures(_ place: Workplace, count: Int = 60_000) throws {
        let some = (0..<50).map { Pictures.spot($0).pixels }
        try NumPyArray.write(
            (0..<count).flatMap { some[$0 % 50] }, shape: [count, 12, 12], path: place.path("many.npy"))
    }

    /// Until there is more than a line of titles.
    private func waitForCodes(in name: String, _ place: Workplace, _ running: RunningProgram) {
        running.wait {
            let size = try? FileManager.default.attributesOfItem(atPath: place.path(name))[.size] as? Int
            return size ?? 0 > 40
        }
    }

    @Test(arguments: [("codes.csv", SIGINT, 130), ("codes.npy", SIGTERM, 143)])
    func aSignalLeavesAUsablePart(file: String, signal: Int32, status: Int) throws {
        let place = try place()
        try makeManyPictures(place)
        let running = try place.start(
            ["encode", "many.npy", "-o", file, "--json"], environment: ["JACQUARD_ISA": "portable"])
        let names = file == "codes.csv" ? file : "codes.names.csv"
        waitForCodes(in: names, place, running)
        running.signal(signal)
        let result = running.wait()
        #expect(result.status == status, "\(result.errors)")
        let json = result.json
        let count = try #require(json["images"] as? Int)
        #expect(json["status"] as? String == "interrupted" && (1..<60_000).contains(count), "\(count)")
        #expect(result.errors.contains("Interrupted: "), "\(result.errors)")
        #expect(result.errors.contains("of 60,000 pictures are in \(file)"), "\(result.errors)")
        let lines = try place.read(names).split(separator: "\n")
        #expect(lines.count == count + 1 && lines[count].hasPrefix("many.npy#\(count - 1),"))
        if file == "codes.npy" { #expect(try NumPyArray.read(path: place.path(file)).shape == [count, 4]) }
        let map = try place.run("map", file, "--method", "pca", "--count", "100")
        #expect(map.status == 0, "\(map.errors)")
    }

    @Test func whatIsKilledLeavesAUsablePart() throws {
        let place = try place()
        try makeManyPictures(place)
        let running = try place.start(
            ["encode", "many.npy", "-o", "codes.npy"], environment: ["JACQUARD_ISA": "portable"])
        waitForCodes(in: "codes.names.csv", place, running)
        running.signal(SIGKILL)
        #expect(running.wait().status == Int(-SIGKILL))
        #expect(try NumPyArray.read(path: place.path("codes.npy")).shape[0] >= 128)
        let map = try place.run("map", "codes.npy", "--method", "pca", "--count", "100")
        // Killed between the two files, the array is a batch ahead.
        #expect(map.status == 0 || map.errors.contains("they are not of one encoding"), "\(map.errors)")
    }

    @Test func filesOfOthersAreNotReplaced() throws {
        let place = try place()
        let photo = try place.write(PNG.encode(Pictures.spot(5)), to: "photo.png")
        try place.write("id,price\n1,2\n", to: "codes.csv")
        let before = try Data(contentsOf: place.url.appendingPathComponent(photo))
        for command in [
            ["encode", "odd"], ["reconstruct", "odd", "-o", "photo.png"], ["sample", "-o", "photo.png"],
            ["interpolate", "pictures/001.png", "pictures/002.png", "-o", "photo.png"],
            ["map", "odd", "-o", "photo.png"],
            ["neighbors", "pictures/001.png", "odd", "-o", "photo.png"],
        ] {
            let result = try place.start(command).wait()
            #expect(
                result.status == 1 && result.errors.contains("was not made by this program"),
                "\(command): \(result.errors)")
        }
        #expect(try Data(contentsOf: place.url.appendingPathComponent(photo)) == before)
        #expect(try place.read("codes.csv") == "id,price\n1,2\n")
        #expect(try place.run("encode", "odd", "--force").status == 0)
        #expect(try place.run("reconstruct", "odd", "-o", "photo.png", "--force").status == 0)
        // What it has made itself it replaces.
        #expect(try place.run("encode", "odd").status == 0)
        #expect(try place.run("reconstruct", "odd", "-o", "photo.png").status == 0)
    }
}
