import BuiltPrograms
import Foundation
import Images
import Testing
import TestSupport

/// The map as a page, by the built program. What a browser makes of it: Tests/Doors.
@Suite struct MapPageTests {
    /// What stands in a page for its script.
    private struct Shown {
        let page: String
        let data: [String: Any]
        let pictures: Picture

        init(_ page: String) throws {
            self.page = page
            func value(_ id: String) throws -> Any {
                let start = try #require(page.range(of: "<script type=\"application/json\" id=\"\(id)\">"))
                let end = try #require(page[start.upperBound...].range(of: "</script>"))
                return try JSONSerialization.jsonObject(
                    with: Data(page[start.upperBound..<end.lowerBound].utf8), options: .fragmentsAllowed)
            }
            data = try #require(try value("map-data") as? [String: Any])
            let url = try #require(try value("map-pictures") as? String)
            let png = try #require(
                url.hasPrefix("data:image/png;base64,")
                    ? Data(base64Encoded: String(url.dropFirst("data:image/png;base64,".count))) : nil)
            pictures = try png.withUnsafeBytes { try PictureFile.read($0, name: "tiles") }
        }

        var names: [String] { data["names"] as? [String] ?? [] }
        var points: [[Double]] { data["points"] as? [[Double]] ?? [] }
        var neighbors: [[Int]] { data["neighbors"] as? [[Int]] ?? [] }
        var distances: [[Double]] { data["distances"] as? [[Double]] ?? [] }
        var columns: Int { data["columns"] as? Int ?? 0 }
        var tile: [String: Int] { data["tile"] as? [String: Int] ?? [:] }

        func tile(_ index: Int) -> Picture {
            let width = tile["width"] ?? 0, height = tile["height"] ?? 0
            var cut = Picture(width: width, height: height, channels: pictures.channels, filledWith: 0)
            for y in 0..<height {
                for x in 0..<width {
                    for channel in 0..<pictures.channels {
                        cut[x, y, channel] =
                            pictures[
                                index % columns * width + x, index / columns * height + y, channel]
                    }
                }
            }
            return cut
        }
    }

    private func place(width: Int = 12, height: Int = 12) throws -> Workplace {
        let place = try Workplace("ae")
        try place.makePictures(width: width, height: height)
        let trained = try place.trainPictures("--steps", "40", "--name", "model", "--validation", "8")
        #expect(trained.status == 0, "\(trained.errors)")
        return place
    }

    @Test func aPageHoldsPicturesPlacesAndTheNearest() throws {
        let place = try place()
        _ = try place.shell("mkdir -p classes/a classes/b; cp pictures/00* classes/a; cp pictures/01* classes/b")
        let drawn = try place.run("map", "classes", "--method", "pca", "-o", "map.html", "--json")
        let size = try place.read("map.html").utf8.count
        #expect(drawn.status == 0 && drawn.errors.contains("Drew 20 pictures by principal components on map.html"))
        #expect(drawn.errors.contains("kB") && size > 40_000 && size < 200_000, "\(size)")
        let shown = try Shown(place.read("map.html"))
        #expect(shown.data["model"] as? String == "model")
        #expect(shown.names == (0..<20).map { "\($0 < 10 ? "a" : "b")/\(String(format: "%03d", $0)).png" })
        #expect(shown.data["labels"] as? [String] == (0..<20).map { $0 < 10 ? "a" : "b" })
        // Places as the program prints them, to five digits.
        let printed = try #require(drawn.json["points"] as? [[String: Any]])
        #expect(printed.count == 20 && shown.points.count == 20)
        for (place, point) in zip(shown.points, printed) {
            for (a, key) in zip(place, ["x", "y"]) {
                let b = try #require(point[key] as? Double)
                #expect(abs(a - b) <= 1e-4 * abs(b), "\(a) \(b)")
            }
        }
        // The pictures themselves: they are as small as tiles may be.
        #expect(shown.tile == ["width": 12, "height": 12] && shown.columns == 5)
        for index in 0..<20 { #expect(shown.tile(index) == Pictures.spot(index), "\(index)") }
        // The nearest, from the codes as they are written to a file.
        #expect(try place.run("encode", "classes", "-o", "codes.csv").status == 0)
        let codes = try place.read("codes.csv").split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",").suffix(4).compactMap { Double($0) }
        }
        try #require(codes.count == 20 && codes.allSatisfy { $0.count == 4 })
        for (index, code) in codes.enumerated() {
            let all = codes.indices.filter { $0 != index }.map { other in
                (other, zip(code, codes[other]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot())
            }
            let nearest = all.sorted { $0.1 < $1.1 }.prefix(8)
            #expect(shown.neighbors[index] == nearest.map(\.0))
            for (a, b) in zip(shown.distances[index], nearest) { #expect(abs(a - b.1) <= 1e-4 * b.1) }
        }
    }

    @Test func codesAreEnoughAndLargePicturesBecomeSmall() throws {
        let place = try place(width: 48, height: 36)
        #expect(try place.run("encode", "pictures", "--to-store").status == 0)
        _ = try place.shell("mv pictures elsewhere")
        let drawn = try place.run("map", "--from-store", "--method", "pca", "--count", "10", "-o", "map.html")
        #expect(drawn.status == 0 && drawn.errors.contains("10 of 40 pictures, spread evenly: --count takes more"))
        let shown = try Shown(place.read("map.html"))
        #expect(shown.points.count == 10 && shown.names.first == "000.png" && shown.names.last == "039.png")
        #expect(shown.data["labels"] is NSNull && shown.data.keys.contains("labels"))
        let all = try place.run("show", "model", "--json").json
        let model = (all["configuration"] as? [String: Any])?["model"] as? [String: Any]
        let format = try #require(model?["format"] as? [String: Int])
        // What the model sees, at most 32 pixels wide.
        let (width, height) = (try #require(format["width"]), try #require(format["height"]))
        #expect(width > 32 && shown.tile == ["width": 32, "height": height * 32 / width], "\(shown.tile) \(format)")
        // One picture is a map too, and has no neighbors.
        let one = try place.run("map", "elsewhere/000.png", "--method", "pca", "-o", "one.html")
        #expect(one.status == 0, "\(one.errors)")
        #expect(try Shown(place.read("one.html")).neighbors == [[]])
    }

    @Test func namesAreHarmlessInAPage() throws {
        let place = try place()
        let names = [
            "</script><script>alert(1)</script>.png", "<!--<script>.png", "a\u{1B}[31m\u{202E}\u{2028}.png",
            "\"'&amp;\\.png",
        ]
        for (number, name) in names.enumerated() {
            // A slash in a name is a folder, whose name is a label.
            try place.write(PNG.encode(Pictures.spot(number)), to: "odd/\(name)")
        }
        let drawn = try place.run("map", "odd", "--method", "pca", "-o", "map.html")
        #expect(drawn.status == 0, "\(drawn.errors)")
        let page = try place.read("map.html"), shown = try Shown(page)
        for name in ["<!--<script>.png", "a\\x1B[31m\\u{202E}\\u{2028}.png", "\"'&amp;\\.png"] {
            #expect(shown.names.contains(name), "\(shown.names)")
        }
        #expect(shown.names.contains { $0.hasPrefix("<") && $0.hasSuffix("script><script>alert(1)</script>.png") })
        // Two of data, two of code; each ends once.
        #expect(page.components(separatedBy: "</script>").count == 5)
        #expect(page.components(separatedBy: "<script").count == 5 && !page.contains("<!--"))
        #expect(!page.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\u{2028}" })
        // Nothing from elsewhere.
        #expect(page.contains("default-src 'none'") && !page.contains("unsafe"))
        #expect(
            !page.contains("http:") && !page.contains("https:") && !page.contains("src=") && !page.contains("href="))
    }

    @Test func aFileOfYoursStays() throws {
        let place = try place()
        try place.write("mine", to: "map.html")
        let refused = try place.run("map", "pictures", "--method", "pca", "-o", "map.html")
        #expect(refused.status == 1 && refused.errors.contains("map.html"), "\(refused.errors)")
        #expect(try place.read("map.html") == "mine")
        #expect(try place.run("map", "pictures", "--method", "pca", "-o", "own.html").status == 0)
        let first = try place.read("own.html")
        #expect(try place.run("map", "pictures", "--method", "pca", "-o", "own.html").status == 0)
        #expect(try place.read("own.html") == first)
        #expect(try place.run("map", "pictures", "--method", "pca", "-o", "map.html", "--force").status == 0)
        #expect(try place.read("map.html") == first)
    }

    @Test(arguments: [
        (["--count", "10001"], "a page holds 10,000 pictures at most, not 10,001"),
        (["--dots"], "--dots: a page shows both"), (["--thumbnails"], "--thumbnails: a page shows both"),
    ])
    func whatAPageCannotHoldIsRefused(options: [String], message: String) throws {
        let place = try Workplace("ae")
        let refused = try place.start(["map", "x", "-o", "map.html"] + options).wait()
        #expect(refused.status == 64 && refused.errors.contains(message), "\(refused.errors)")
        #expect(place.files.isEmpty)
    }
}
