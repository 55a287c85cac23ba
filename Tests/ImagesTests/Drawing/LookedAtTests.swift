import Foundation
import Images
import Testing

/// Drawings that somebody has looked at: where one changes, somebody looks again, and writes down its new check sum.
/// `JACQUARD_LOOK=FOLDER` writes them there.
@Suite struct LookedAtTests {
    /// FNV-1a, 64 bits, of a picture's sides and pixels.
    private func checksum(_ picture: Picture) -> UInt64 {
        let sides = [picture.width, picture.height, picture.channels].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        return (sides + picture.pixels).reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private func look(_ picture: Picture, _ name: String, _ expected: UInt64) throws {
        if let folder = ProcessInfo.processInfo.environment["JACQUARD_LOOK"] {
            try PNG.write(picture, path: "\(folder)/\(name).png")
        }
        let found = checksum(picture)
        #expect(found == expected, "\(name) is another picture now: 0x\(String(found, radix: 16))")
    }

    /// A gray ramp with a colored diagonal.
    private func ramp(_ width: Int, _ height: Int, channels: Int = 3) -> Picture {
        var picture = Picture(width: width, height: height, channels: channels, filledWith: 0)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<channels {
                    picture[x, y, channel] = UInt8(
                        x == y ? 255 - 100 * channel : (x * 211 + y * 29) / (width + 1) & 255)
                }
            }
        }
        return picture
    }

    /// All markers and colors of twenty-three classes, letters, digits and signs, thumbnails of two shapes.
    @Test func aPlotOfManyClasses() throws {
        var points = (0..<23).map { index in
            ScatterPlot.Point(
                x: Float(index % 6) * 1.5, y: Float(index / 6), label: "Qy\(index) gj{|}~ & W%", thumbnail: nil)
        }
        points.append(.init(x: 8, y: 3.5, label: nil))
        points.append(.init(x: -1, y: 2.5, label: "Qy3 gj{|}~ & W%", thumbnail: ramp(13, 29)))
        points.append(.init(x: 8.5, y: 0.5, label: nil, thumbnail: ramp(31, 17, channels: 1)))
        points.append(
            .init(x: 8.6, y: 0.6, label: "A label that is longer than a legend has room for", thumbnail: ramp(9, 9)))
        var plot = ScatterPlot(points)
        (plot.width, plot.height, plot.thumbnailSide) = (830, 530, 37)
        try look(plot.picture(), "classes", 0xe141_9ad0_5a6e_b8c5)
        let svg = try plot.svg()
        let found = svg.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        if let folder = ProcessInfo.processInfo.environment["JACQUARD_LOOK"] {
            try Data(svg.utf8).write(to: URL(fileURLWithPath: "\(folder)/classes.svg"))
        }
        #expect(found == 0x1250_3889_a254_1192, "another document now: 0x\(String(found, radix: 16))")
    }

    @Test func aPlotWithoutClasses() throws {
        var plot = ScatterPlot([
            .init(x: 3, y: 0), .init(x: 0, y: 4), .init(x: 1, y: 1, thumbnail: ramp(20, 20)), .init(x: -1, y: 3),
        ])
        (plot.width, plot.height) = (211, 305)
        try look(plot.picture(), "no-classes", 0x4270_79d7_7f13_288b)
    }

    @Test func sheets() throws {
        let pictures = (0..<11).map { ramp(7 + $0 % 3 * 9, 12 + $0 % 2 * 5, channels: $0 % 4 == 0 ? 1 : 3) }
        try look(ContactSheet().picture(of: pictures), "contact", 0x2bc7_a828_dc90_3add)
        try look(
            ContactSheet(columns: 4).picture(stacking: [pictures, pictures.reversed()]), "stacked",
            0xc4de_d05f_6c8b_13bb)
        let tiles = TileSheet(of: PictureSize(width: 31, height: 22), longest: 19)
        try look(
            tiles.picture(of: (0..<7).map { tiles.reduced(ramp(31, 20 + $0 / 4 + 2)) }), "tiles", 0x7bdd_c584_085e_191a)
    }

    @Test func aMapOfErrors() throws {
        let picture = ramp(40, 26), format = PictureFormat(size: PictureSize(width: 24, height: 24), channels: 3)
        let placement = Placement(of: picture.size, channels: 3, in: format)
        let errors: [Float] = (0..<576).map { place in
            let product = (place % 24) * (place / 24)
            return Float(product) / 400
        }
        let map = HeatMap(scale: 1.1).picture(of: errors, over: picture, at: placement, in: format)
        try look(map, "errors", 0xb0e8_2a7a_7598_ea65)
    }
}
