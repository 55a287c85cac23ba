import BuiltPrograms
import Foundation
import Images
import Testing

/// What a trained model is good for, through the built program.
@Suite struct PictureUseTests {
    private func place(_ options: String..., validation: String = "8") throws -> Workplace {
        let place = try Workplace("ae")
        try place.makePictures()
        let result = try place.start(
            ["train", "pictures", "--steps", "60", "--name", "model", "--validation", validation] + tinyPictures
                + options
        ).wait()
        #expect(result.status == 0, "\(result.errors)")
        return place
    }

    private func picture(_ place: Workplace, _ name: String) throws -> Picture {
        try PictureFile.read(path: place.path(name))
    }

    @Test func reconstructions() throws {
        let place = try place()
        let result = try place.run("reconstruct", "pictures", "--count", "6", "--show", "worst")
        #expect(
            result.status == 0 && result.errors.contains("Drew 6 pictures on reconstructions.png"), "\(result.errors)")
        let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.count == 7 && rows[0] == ["mse", "mae", "picture"])
        let errors = rows.dropFirst().compactMap { Double($0[0]) }
        #expect(errors.count == 6 && errors == errors.sorted(by: >))
        // Six cells of two pictures of 12 × 12 pixels, seven times as large, 2 between them, 8 around.
        let sheet = try picture(place, "reconstructions.png")
        #expect(sheet.isGray && (sheet.width - 8) % 92 == 0 && (sheet.height - 8) % 178 == 0)
        #expect((sheet.width - 8) / 92 * ((sheet.height - 8) / 178) == 6)
        // Where pictures fill the model's shape the mean of their errors is what eval measures.
        let json = try place.run("reconstruct", "pictures", "--json").json
        let score = try place.run("eval", "pictures", "--json").json
        let (a, b) = (try #require(json["mse"] as? Double), try #require(score["mse"] as? Double))
        #expect(abs(a - b) < 1e-6 * b && (json["images"] as? [Any])?.count == 40)
    }

    @Test func reconstructionsAtTheirOwnSize() throws {
        let place = try place()
        try place.write(PNG.encode(Pictures.spot(1, width: 31, height: 17)), to: "mixed/gray.png")
        try place.write(PNG.encode(Pictures.spot(2, width: 5, height: 9, channels: 3)), to: "mixed/deep/color.png")
        try place.write(PNG.encode(Pictures.spot(3, width: 1, height: 1)), to: "mixed/dot.png")
        try place.write(Pictures.jpeg, to: "mixed/photo.jpg")
        let result = try place.run("reconstruct", "mixed", "--folder", "rebuilt")
        #expect(result.status == 0, "\(result.errors)")
        for (name, width, height) in [("gray", 31, 17), ("deep/color", 5, 9), ("dot", 1, 1), ("photo", 16, 16)] {
            let rebuilt = try picture(place, "rebuilt/\(name).png")
            #expect(rebuilt.width == width && rebuilt.height == height && rebuilt.isGray)
        }
    }

    @Test func samples() throws {
        let place = try place()
        func bytes(_ name: String) throws -> Data { try Data(contentsOf: place.url.appendingPathComponent(name)) }
        let first = try place.run("sample", "--count", "5", "--seed", "7", "--json")
        #expect(first.status == 0 && first.errors.contains("fitted to 32 codes, seed 7"), "\(first.errors)")
        #expect(first.json["seed"] as? String == "7" && (first.json["codes"] as? [[Double]])?.count == 5)
        let once = try bytes("samples.png")
        #expect(try place.run("sample", "--count", "5", "--seed", "7").status == 0)
        #expect(try bytes("samples.png") == once)
        #expect(try place.run("sample", "--count", "5", "--seed", "8").status == 0)
        #expect(try bytes("samples.png") != once)
        let drawn = try place.run("sample", "--count", "2"), again = try place.run("sample", "--count", "2")
        let seeds = [drawn, again].map { $0.errors.split(separator: "seed ").last?.prefix { $0.isNumber } }
        #expect(seeds[0] != nil && seeds[0] != seeds[1])
        // Single pictures are those of the sheet, whatever their number.
        #expect(try place.run("sample", "--count", "3", "--seed", "7", "-o", "single").status == 0)
        #expect(try place.run("sample", "--count", "9", "--seed", "7", "-o", "more").status == 0)
        for number in 0..<3 {
            #expect(try picture(place, "single/sample-\(number).png") == picture(place, "more/sample-\(number).png"))
        }
        #expect(try place.run("encode", "pictures").status == 0)
        // The pictures are not needed where codes are given.
        _ = try place.shell("mv pictures elsewhere")
        let gone = try place.run("sample", "--count", "2")
        #expect(gone.status == 1 && gone.errors.contains("--codes FILE"), "\(gone.errors)")
        let uniform = try place.run("sample", "--uniform", "--codes", "codes.csv", "--count", "4")
        #expect(uniform.status == 0 && uniform.errors.contains("from uniform, each number over its own range"))
    }

    @Test func aVariationalModelNeedsNoPicturesToSample() throws {
        let place = try place("--kind", "variational")
        _ = try place.shell("mv pictures elsewhere")
        let result = try place.run("sample", "--count", "4")
        #expect(result.status == 0 && result.errors.contains("from the prior"), "\(result.errors)")
        let way = try place.run("interpolate", "elsewhere/001.png", "elsewhere/002.png")
        #expect(way.status == 0 && way.errors.contains("spherical"), "\(way.errors)")
    }

    @Test func theWayBetweenTwoPictures() throws {
        let place = try place()
        let result = try place.run("interpolate", "pictures/001.png", "pictures/002.png", "--steps", "7")
        #expect(result.status == 0 && result.errors.contains("7 steps, linear"), "\(result.errors)")
        let sheet = try picture(place, "interpolation.png")
        #expect(sheet.width == 8 + 7 * 92 && sheet.height == 100)
        // Its ends are what reconstruct makes of the two.
        #expect(
            try place.run("interpolate", "pictures/001.png", "pictures/002.png", "--steps", "3", "-o", "way").status
                == 0)
        #expect(try place.run("reconstruct", "pictures", "--folder", "rebuilt").status == 0)
        for (step, name) in [(0, "001"), (2, "002")] {
            let (a, b) = (try picture(place, "way/step-\(step).png"), try picture(place, "rebuilt/\(name).png"))
            // One may be a step of 256 off: the two were computed in batches of other sizes.
            #expect(zip(a.pixels, b.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        }
        // Half of the way the arc lies elsewhere than the line.
        for path in ["linear", "spherical"] {
            let walk = [
                "interpolate", "pictures/001.png", "pictures/002.png", "--path", path, "--steps", "3", "-o", path,
            ]
            #expect(try place.start(walk).wait().status == 0)
        }
        #expect(try picture(place, "linear/step-1.png") == picture(place, "way/step-1.png"))
        #expect(try picture(place, "spherical/step-1.png") != picture(place, "linear/step-1.png"))
        let folder = try place.run("interpolate", "pictures", "pictures/001.png")
        #expect(folder.status == 1 && folder.errors.contains("pictures leads to 40 pictures"), "\(folder.errors)")
    }

    @Test func maps() throws {
        let place = try place()
        _ = try place.shell("mkdir -p classes/a classes/b; cp pictures/00* classes/a; cp pictures/01* classes/b")
        let dots = try place.run("map", "classes", "--json")
        #expect(dots.status == 0 && dots.errors.contains("Drew 20 pictures by t-SNE on map.png"), "\(dots.errors)")
        let points = try #require(dots.json["points"] as? [[String: Any]])
        #expect(points.count == 20 && points[0]["label"] as? String == "a" && points[0]["x"] is Double)
        let drawn = try picture(place, "map.png")
        #expect(drawn.channels == 3 && drawn.width == 1200)
        // The blue and the orange of the first two classes.
        let colors = Set((0..<drawn.width * drawn.height).map { Array(drawn.pixels[3 * $0..<3 * $0 + 3]) })
        #expect(colors.contains([0x1f, 0x77, 0xb4]) && colors.contains([0xff, 0x7f, 0x0e]))
        #expect(try place.run("map", "classes", "--method", "pca", "-o", "map.svg").status == 0)
        let svg = try place.read("map.svg")
        #expect(svg.contains("<desc>Jacquard ae: ae map, run 'model'") && svg.contains("<circle"))
        // The letters of a picture are those of ASCII.
        #expect(!dots.errors.contains("boxes"), "\(dots.errors)")
        _ = try place.shell("mkdir other; cp -R classes/a other/größe; cp -R classes/b other/b")
        for (output, isSaid) in [("boxes.png", true), ("letters.svg", false)] {
            let other = try place.run("map", "other", "--method", "pca", "-o", output)
            #expect(
                other.status == 0 && other.errors.contains("letters beyond ASCII are boxes") == isSaid,
                "\(other.errors)")
        }
        #expect(try place.run("encode", "classes").status == 0)
        #expect(try place.run("map", "codes.csv", "--thumbnails", "-o", "small.svg").status == 0)
        #expect(try place.read("small.svg").contains("data:image/png;base64,"))
        let some = try place.run("map", "pictures", "--count", "10")
        #expect(some.status == 0 && some.errors.contains("10 of 40 pictures, spread evenly"))
        let ending = try place.run("map", "pictures", "-o", "map.jpg")
        #expect(ending.status == 1 && ending.errors.contains("must end in .png or .svg"), "\(ending.errors)")
        #expect(try place.run("map", "codes.csv", "pictures").status == 64)
    }

    @Test(arguments: ["neighbors", "neighbours"]) func nearPictures(command: String) throws {
        let place = try place()
        _ = try place.shell("cp pictures/003.png pictures/copy.png")
        let result = try place.run(command, "pictures/003.png", "pictures", "--count", "4", "-o", "near.png", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let found = try #require(result.json["neighbours"] as? [[String: Any]])
        #expect(found.count == 4 && found[0]["name"] as? String == "copy.png")
        #expect(!found.contains { $0["name"] as? String == "003.png" })
        let distances = found.compactMap { $0["distance"] as? Double }
        #expect(distances == distances.sorted() && distances[0] < 1e-3)
        // The picture, a gap, and four.
        #expect(try picture(place, "near.png").width == 8 + 6 * 92)
        #expect(try place.run("encode", "pictures").status == 0)
        let codes = try place.run(command, "pictures/003.png", "codes.csv", "--count", "2", "-o", "near.png")
        let lines = codes.output.split(separator: "\n")
        #expect(codes.status == 0 && lines.count == 3 && lines[0] == "distance  picture", "\(codes.output)")
        #expect(lines[1].hasSuffix("003.png") || lines[1].hasSuffix("copy.png"))
    }

    /// An array of height and width is a picture to all commands, those too that take codes.
    @Test func grayPicturesInArrays() throws {
        let place = try place()
        for number in 0..<5 {
            try NumPyArray.write(Pictures.spot(number).pixels, shape: [12, 12], path: place.path("\(number).npy"))
        }
        let one = try place.run("neighbors", "0.npy", "1.npy")
        #expect(one.status == 0 && one.output.contains("1.npy"), "\(one.errors)")
        let arrays = (1..<5).map { "\($0).npy" }
        let several = try place.start(["neighbors", "0.npy"] + arrays).wait()
        #expect(several.status == 0 && several.output.contains("4.npy"), "\(several.errors)")
        let map = try place.start(["map"] + arrays).wait()
        #expect(map.status == 0 && map.errors.contains("Drew 4 pictures"), "\(map.errors)")
        // As wide as a code, it is one.
        try NumPyArray.write([Float](repeating: 0.5, count: 8), shape: [2, 4], path: place.path("codes.npy"))
        let codes = try place.run("neighbors", "0.npy", "codes.npy")
        #expect(codes.status == 0 && codes.output.split(separator: "\n").count == 3, "\(codes.errors)")
    }

    /// By the angle the picture's own code three times as long is nearest, by the distance another one a little beside it.
    @Test func nearPicturesByEitherMetric() throws {
        let place = try place()
        #expect(try place.run("encode", "pictures/003.png", "-o", "own.npy").status == 0)
        let code = try NumPyArray.read(path: place.path("own.npy")).values
        let beside = zip(code, [-code[1], code[0], -code[3], code[2]]).map { $0 + $1 / 10 }
        try NumPyArray.write(code.map { 3 * $0 } + beside, shape: [2, 4], path: place.path("two.npy"))
        func found(_ paths: String, _ metric: String) throws -> (names: [String], distances: [Double]) {
            let result = try place.run("neighbors", "pictures/003.png", paths, "--metric", metric, "--json")
            #expect(result.status == 0 && result.json["metric"] as? String == metric, "\(result.errors)")
            let neighbors = try #require(result.json["neighbours"] as? [[String: Any]])
            return (neighbors.compactMap { $0["name"] as? String }, neighbors.compactMap { $0["distance"] as? Double })
        }
        let size = Double(code.reduce(0) { $0 + $1 * $1 }.squareRoot())
        let near = try found("two.npy", "euclidean"), alike = try found("two.npy", "cosine")
        #expect(near.names == alike.names.reversed() && near.names.count == 2)
        for (distance, expected) in zip(
            near.distances + alike.distances, [size / 10, 2 * size, 0, 1 - 1 / 1.01.squareRoot()])
        {
            #expect(abs(distance - expected) < 1e-4 * max(1, size), "\(near), \(alike)")
        }
        // Among pictures alike: no angle says as much as a distance.
        #expect(try place.run("encode", "pictures", "-o", "all.npy").status == 0)
        let angles = try found("pictures", "cosine").distances, among = try found("all.npy", "cosine").distances
        #expect(angles.count == 8 && among.count == 8)
        // Among codes the picture's own is the first.
        #expect(zip(angles, among.dropFirst()).allSatisfy { abs($0 - $1) < 1e-4 }, "\(angles), \(among)")
        #expect(try found("pictures", "euclidean").distances != angles)
    }

    @Test func anomalies() throws {
        let place = try place("--steps", "300")
        for number in 0..<12 {
            try place.write(PNG.encode(Pictures.spot(500 + number)), to: "test/good/\(number).png")
            try place.write(
                PNG.encode(Picture(width: 12, height: 12, channels: 1, filledWith: UInt8(200 + number))),
                to: "test/white/\(number).png")
            try place.write(PNG.encode(Pictures.spot(700 + number)), to: "clean/\(number).png")
        }
        // A clean picture counts once, however often it is reached.
        let result = try place.run(
            "anomalies", "test", "--clean", "clean", "--clean", "clean", "--false-positive-rate", "0.1", "--json")
        #expect(try place.run("eval", "clean", "clean/0.png", "--json").json["images"] as? Int == 12)
        #expect(result.status == 0, "\(result.errors)")
        let json = result.json, images = try #require(json["images"] as? [[String: Any]])
        #expect(json["roc_auc"] as? Double == 1 && json["true_positive_rate"] as? Double == 1, "\(result.errors)")
        #expect(json["clean_images"] as? Int == 12 && json["clean_labels"] as? [String] == ["good"])
        #expect(images.count == 24 && images.prefix(12).allSatisfy { $0["label"] as? String == "white" })
        // 1.3 of 13: one may be flagged.
        let promised = try #require(json["promised_false_positive_rate"] as? Double)
        #expect(abs(promised - 1.0 / 13) < 1e-12)
        let flagged = images.filter { $0["anomaly"] as? Bool == true }.compactMap { $0["name"] as? String }
        #expect(flagged.count == json["flagged"] as? Int && flagged.count >= 12)
        for name in flagged { #expect(try picture(place, "anomalies/heat-maps/\(name)").width == 12) }
        #expect(place.files.count { $0.contains("heat-maps/") && $0.hasSuffix(".png") } == flagged.count)
        #expect(try picture(place, "anomalies/anomalies.png").channels == 3)
        let table = try place.read("anomalies/anomalies.csv")
        #expect(
            table.hasPrefix("rank,name,label,mse,mae,anomaly\n1,white/") && table.split(separator: "\n").count == 25)
        // Against the eight that the run held out, which are too few for 1 in 100.
        let own = try place.run("anomalies", "test", "--label", "white", "-o", "own")
        #expect(own.status == 0 && own.errors.contains("takes 99 clean pictures"), "\(own.errors)")
        #expect(own.errors.contains("Labels (clean: white)") && own.output.contains("white/"))
        // A file that is read twice is left out once.
        try place.write("a letter", to: "test/good/letter.png")
        let twice = try place.run("anomalies", "test", "--clean", "test", "-o", "twice", "--json")
        #expect(twice.json["left_out"] as? Int == 1 && twice.errors.contains(", 1 left out"), "\(twice.errors)")
        let label = try place.run("anomalies", "test", "--label", "fine")
        #expect(label.status == 1 && label.errors.contains("no picture has the label 'fine'; there are good, white"))
        _ = try place.shell("mv pictures elsewhere")
        let gone = try place.run("anomalies", "test")
        #expect(gone.status == 1 && gone.errors.contains("--clean PATH"), "\(gone.errors)")
    }

    @Test func aRunThatHeldNothingOutNeedsCleanPictures() throws {
        let place = try place(validation: "none")
        let part = try place.run("eval", "--part", "validation")
        #expect(part.status == 1 && part.errors.contains("takes at least 1 picture, and there are 0"), "\(part.errors)")
        let result = try place.run("anomalies", "pictures")
        #expect(result.status == 1 && result.errors.contains("--clean PATH"), "\(result.errors)")
    }

    @Test func denoising() throws {
        let plain = try place()
        let refused = try plain.run("denoise", "pictures")
        #expect(refused.status == 1 && refused.errors.contains("--kind denoising"), "\(refused.errors)")
        let place = try place("--kind", "denoising", "--noise", "0.3")
        try place.write(PNG.encode(Pictures.spot(1, width: 20, height: 14, channels: 3)), to: "large/sub/a.png")
        let result = try place.run("denoise", "large", "pictures")
        #expect(
            result.status == 0 && result.errors.contains("1 picture larger than the model's 12×12"), "\(result.errors)")
        let denoised = try picture(place, "denoised/large/sub/a.png")
        #expect(denoised.width == 20 && denoised.height == 14)
        #expect(place.exists("denoised/pictures/039.png"))
        let sheet = try place.run("denoise", "pictures", "--add-noise", "--count", "6", "-o", "sheet.png")
        #expect(sheet.status == 0 && sheet.errors.contains("Drew 6 pictures on sheet.png"), "\(sheet.errors)")
        let first = try picture(place, "sheet.png")
        #expect(try place.run("denoise", "pictures", "--add-noise", "--count", "6", "-o", "sheet.png").status == 0)
        #expect(try picture(place, "sheet.png") == first)
        #expect(
            try place.run("denoise", "pictures", "--add-noise", "--seed", "2", "--count", "6", "-o", "sheet.png").status
                == 0)
        #expect(try picture(place, "sheet.png") != first)
    }

    // MARK: What is missing or wrong

    static let commands: [[String]] = [
        ["encode", "pictures"], ["encode", "pictures", "--to-store"], ["decode", "codes.csv"],
        ["decode", "--from-store"], ["reconstruct", "pictures"], ["sample"],
        ["interpolate", "pictures/000.png", "pictures/001.png"], ["map", "pictures"],
        ["neighbors", "pictures/000.png", "pictures"], ["anomalies", "pictures"], ["denoise", "pictures"],
    ]

    @Test(arguments: commands) func noModelYet(command: [String]) throws {
        let place = try Workplace("ae")
        try place.makePictures(3)
        let before = place.files
        let result = try place.start(command).wait()
        #expect(result.status == 1 && place.files == before, "\(result.errors)")
        #expect(result.errors.contains("no model has been trained yet"), "\(result.errors)")
    }

    @Test func modelsOfTheOtherProgram() throws {
        let place = try Workplace("ae"), charnn = try Program.named("charnn").path
        try place.write(Texts.sentences(2000), to: "text.txt")
        #expect(try place.start(["train", "text.txt", "--steps", "5"] + tiny, of: charnn).wait().status == 0)
        try place.makePictures(3)
        for command in Self.commands {
            let result = try place.start(command + ["--run", "text-1"]).wait()
            #expect(result.status == 1, "\(command)")
            #expect(
                result.errors.contains("'text-1' is a model of charnn, and one of ae is needed"), "\(result.errors)")
        }
    }

    @Test(arguments: [
        ["encode"], ["encode", "x", "-o", "codes.txt"], ["encode", "x", "-o", "codes.csv", "--to-store"], ["decode"],
        ["decode", "x.csv", "--from-store"], ["reconstruct"], ["reconstruct", "x", "--count", "0"],
        ["reconstruct", "x", "--show", "all"], ["sample", "--count", "0"], ["sample", "--seed", "-1"],
        ["sample", "--codes", "x", "--from-store"], ["interpolate", "x"], ["interpolate", "x", "y", "--steps", "1"],
        ["interpolate", "x", "y", "--path", "round"], ["map"], ["map", "x", "--from-store"],
        ["map", "x", "--method", "umap"],
        ["map", "x", "--count", "0"], ["map", "x", "--dots", "--thumbnails"], ["neighbors"], ["neighbors", "x"],
        ["neighbors", "x", "y", "--count", "0"], ["neighbors", "x", "y", "--metric", "odd"], ["anomalies"],
        ["anomalies", "x", "--false-positive-rate", "0"], ["anomalies", "x", "--false-positive-rate", "1"],
        ["anomalies", "x", "--count", "0"], ["denoise"], ["denoise", "x", "--count", "0"],
        ["encode", "x", "--threads", "0"],
    ])
    func wrongArguments(arguments: [String]) throws {
        let place = try Workplace("ae")
        let result = try place.start(arguments).wait()
        #expect(result.status == 64 && result.errors.contains("Usage"), "\(result.errors)")
        #expect(place.files.isEmpty)
    }

    @Test func foldersWithoutPictures() throws {
        let place = try place()
        _ = try place.shell("mkdir empty; mkdir letters; echo text > letters/a.txt; echo text > letters/b.png")
        for command in ["encode", "reconstruct", "map", "anomalies"] {
            let empty = try place.run(command, "empty")
            #expect(empty.status == 1 && empty.errors.contains("empty: holds no pictures"), "\(empty.errors)")
            let letters = try place.run(command, "letters")
            #expect(letters.status == 1 && letters.errors.contains("letters: holds no pictures"), "\(letters.errors)")
        }
        for name in ["codes.csv", "reconstructions.png", "map.png"] { #expect(!place.exists(name)) }
    }

    @Test func everyCommandHasHelpWithAnExample() throws {
        let place = try Workplace("ae")
        for command in Set(Self.commands.map { $0[0] }).sorted() {
            let result = try place.run(command, "--help")
            #expect(result.status == 0 && result.output.contains("Examples:"))
            #expect(result.output.contains("ae \(command)"), "\(command)")
        }
    }
}
