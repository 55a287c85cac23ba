import Foundation
import Images
import Testing

struct ScatterPlotTests {
    private func pixel(_ picture: Picture, _ x: Int, _ y: Int) -> [UInt8] { (0..<3).map { picture[x, y, $0] } }

    /// One unit is as long across as up, the middle of the range in the middle of the sheet, y upwards.
    @Test func pointsLieWhereTheyShould() {
        var plot = ScatterPlot([.init(x: -2, y: 0), .init(x: 2, y: 0), .init(x: 0, y: 1)])
        plot.width = 472
        plot.height = 372
        let picture = plot.picture()
        #expect(picture.size == PictureSize(width: 472, height: 372))
        // 400 pixels for 4 units; up there is room for more.
        var dark: [[Int]] = []
        for (x, y) in [(36, 236), (436, 236), (236, 136), (236, 236), (336, 136)] {
            if pixel(picture, x, y) != [255, 255, 255] { dark.append([x, y]) }
        }
        #expect(dark == [[36, 236], [436, 236], [236, 136]])
        #expect(picture.pixels.count { $0 != 255 } < 3 * 3 * 300)
    }

    /// The same where there is less room across than up.
    @Test func whatIsHighDecidesToo() {
        var plot = ScatterPlot([.init(x: 0, y: -2), .init(x: 0, y: 2), .init(x: 1, y: 0)])
        (plot.width, plot.height) = (372, 472)
        let picture = plot.picture()
        var dark: [[Int]] = []
        for (x, y) in [(136, 436), (136, 36), (236, 236), (136, 236), (136, 336)] {
            if pixel(picture, x, y) != [255, 255, 255] { dark.append([x, y]) }
        }
        #expect(dark == [[136, 436], [136, 36], [236, 236]])
    }

    /// What lies below a dot shows through it and the white around it: a hundredth of each color or two.
    @Test func dotsThatLieOnEachOtherMix() {
        var plot = ScatterPlot([.init(x: 1, y: 1, label: "a"), .init(x: 1, y: 1, label: "b"), .init(x: 0, y: 0)])
        plot.width = 600
        let picture = plot.picture(), (first, second) = ([0x1f, 0x77, 0xb4], [0xff, 0x7f, 0x0e])
        let mixed = (0..<3).map { channel in
            let below = 0.15 * 255 + 0.85 * Double(first[channel])
            return 0.15 * (0.3 * below + 0.7 * 255) + 0.85 * Double(second[channel])
        }
        let isThere = picture.pixels.withUnsafeBufferPointer { pixels in
            stride(from: 0, to: pixels.count, by: 3).contains { index in
                (0..<3).allSatisfy { abs(Double(pixels[index + $0]) - mixed[$0]) <= 1 }
            }
        }
        #expect(isThere)
    }

    /// A plot that has no room for a picture's frame leaves it out where the plot ends.
    @Test func whatLiesOutsideIsLeftOut() {
        let face = Picture(width: 22, height: 22, channels: 1, filledWith: 0)
        var plot = ScatterPlot([.init(x: 0, y: 0, thumbnail: face)])
        (plot.width, plot.height, plot.thumbnailSide) = (57, 57, 22)
        let picture = plot.picture()
        #expect(picture.size == PictureSize(width: 57, height: 57))
        #expect(pixel(picture, 56, 56) != [255, 255, 255])
        #expect(
            (0..<57).allSatisfy {
                pixel(picture, 0, $0) == [255, 255, 255] && pixel(picture, $0, 0) == [255, 255, 255]
            })
    }

    @Test func classesHaveTheColorsOfTheLegend() {
        // "10" comes after "9", though its text is less.
        let plot = ScatterPlot([
            .init(x: 0, y: 0, label: "10"), .init(x: 1, y: 1, label: "9"), .init(x: 1, y: 0),
            .init(x: 0, y: 1, label: "9"),
        ])
        #expect(plot.labels == ["9", "10"])
        let picture = plot.picture()
        func shares(_ color: [UInt8]) -> Bool {
            // Opacity 0.85 over white.
            picture.pixels.withUnsafeBufferPointer { pixels in
                stride(from: 0, to: pixels.count, by: 3).contains { index in
                    (0..<3).allSatisfy { abs(Int(pixels[index + $0]) - Int(color[$0])) <= 45 }
                }
            }
        }
        #expect(shares([0x1f, 0x77, 0xb4]) && shares([0xff, 0x7f, 0x0e]) && shares([0x4a, 0x55, 0x68]))
        #expect(!shares([0xd6, 0x27, 0x28]))
    }

    @Test func whatIsNoNumberIsLeftOut() throws {
        let plot = ScatterPlot([.init(x: .nan, y: 0, label: "a"), .init(x: 1, y: .infinity, label: "b")])
        #expect(plot.points.isEmpty && plot.labels.isEmpty)
        #expect(plot.picture().pixels.allSatisfy { $0 == 255 })
        let huge = ScatterPlot([.init(x: -3e38, y: 3e38), .init(x: 3e38, y: -3e38), .init(x: 0, y: 0)])
        #expect(huge.picture().pixels.contains { $0 != 255 })
        #expect(!(try huge.svg().contains("nan")))
        // All in one place: in the middle.
        var one = ScatterPlot([.init(x: 5, y: 5), .init(x: 5, y: 5)])
        one.width = 101
        one.height = 101
        #expect(pixel(one.picture(), 50, 50) != [255, 255, 255])
    }

    @Test func thumbnailsDoNotHideEachOther() throws {
        let face = Picture(width: 10, height: 10, channels: 1, filledWith: 0)
        let points = (0..<50).map { ScatterPlot.Point(x: Float($0) * 0.1, y: 0, label: "a", thumbnail: face) }
        var plot = ScatterPlot(points)
        plot.width = 600
        plot.height = 200
        let svg = try plot.svg()
        let images = svg.ranges(of: "<image").count, dots = svg.ranges(of: "<circle").count
        // The legend has a dot of its own.
        #expect(images + dots == 51)
        #expect(images >= 4 && images <= 600 / 40)
        #expect(plot.picture().pixels.count { $0 == 0 } >= images * 30 * 30 * 3)
    }

    @Test func theDocumentIsXML() throws {
        let name = "a <b> & \"c\"\u{1}"
        let picture = Picture.noise(width: 36, height: 20, channels: 3)
        let plot = ScatterPlot([.init(x: 0, y: 0, label: name, thumbnail: picture), .init(x: 3, y: 1, label: "ä 漢")])
        let svg = try plot.svg()
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(svg.contains("<title>a &lt;b&gt; &amp; &quot;c&quot;</title>"))
        #expect(svg.contains("<text") && svg.contains(">ä 漢</text>"))
        #expect(svg.ranges(of: "<g").count == svg.ranges(of: "</g>").count)
        #expect(!svg.contains("\u{1}"))
        // The thumbnail itself, decoded by others' code.
        let start = try #require(svg.range(of: "base64,")).upperBound
        let end = try #require(svg[start...].firstIndex(of: "\""))
        let png = try #require(Data(base64Encoded: String(svg[start..<end])))
        let back = try png.withUnsafeBytes { try PictureFile.read($0, name: "thumbnail") }
        #expect(back == picture)
    }

    @Test func longLegendsSayHowManyMore() throws {
        let points = (0..<90).map { ScatterPlot.Point(x: Float($0), y: 0, label: "class \($0)") }
        let svg = try ScatterPlot(points).svg()
        #expect(svg.ranges(of: "<text").count == 42)
        #expect(svg.contains(">class 40</text>") && !svg.contains(">class 41</text>"))
        #expect(svg.contains(">and 49 more</text>"))
        let long = try ScatterPlot([.init(x: 0, y: 0, label: String(repeating: "x", count: 99))]).svg()
        #expect(long.contains(">" + String(repeating: "x", count: 22) + "..</text>"))
    }
}
