import Images
import Testing

struct ContactSheetTests {
    private func flat(_ width: Int, _ height: Int, _ value: UInt8, channels: Int = 1) -> Picture {
        Picture(width: width, height: height, channels: channels, filledWith: value)
    }

    private func sheet(columns: Int) -> ContactSheet {
        var sheet = ContactSheet(columns: columns)
        sheet.margin = 3
        sheet.gap = 1
        sheet.shortestShown = 1
        return sheet
    }

    /// Every pixel of a sheet of pairs, against their places written out.
    @Test func pairsStandAboveEachOther() {
        let inputs = [flat(4, 2, 10), flat(4, 2, 20), flat(4, 2, 30)]
        let outputs = [flat(4, 2, 11), flat(4, 2, 21), flat(4, 2, 31)]
        let result = sheet(columns: 2).picture(stacking: [inputs, outputs])
        #expect(result.size == PictureSize(width: 3 + 2 * 7, height: 3 + 2 * 8) && result.isGray)
        var expected = flat(17, 19, 236)
        for (value, x, y) in [(10, 3, 3), (11, 3, 6), (20, 10, 3), (21, 10, 6), (30, 3, 11), (31, 3, 14)] {
            for row in y..<y + 2 {
                for column in x..<x + 4 { expected[column, row, 0] = UInt8(value) }
            }
        }
        #expect(result == expected)
    }

    @Test func oneColorPictureMakesAColorSheet() {
        var red = flat(2, 2, 0, channels: 3)
        for pixel in 0..<4 { red.pixels[3 * pixel] = 200 }
        let result = sheet(columns: 2).picture(of: [flat(2, 2, 90), red])
        #expect(result.channels == 3)
        #expect((0..<3).map { result[3, 3, $0] } == [90, 90, 90])
        #expect((0..<3).map { result[8, 3, $0] } == [200, 0, 0])
    }

    /// In the cell of a larger one, a smaller picture is magnified by a whole factor and centered.
    @Test func differentSizesShareCells() throws {
        let small = Picture(width: 2, height: 1, channels: 1, pixels: [50, 60])
        let result = sheet(columns: 2).picture(of: [flat(6, 5, 5), small])
        try #require(result.size == PictureSize(width: 3 + 2 * 9, height: 3 + 8))
        // Three times 2 × 1 in a cell of 6 × 5 that begins at (12, 3): one row above, one below.
        #expect((12..<18).map { result[$0, 4, 0] } == [50, 50, 50, 60, 60, 60])
        #expect((12..<18).map { result[$0, 6, 0] } == [50, 50, 50, 60, 60, 60])
        #expect(result[12, 3, 0] == 236 && result[12, 7, 0] == 236)
    }

    @Test func tinyPicturesAreMagnifiedAndLargeOnesReduced() throws {
        let dot = ContactSheet().picture(of: [flat(1, 1, 7)])
        try #require(dot.size == PictureSize(width: 84 + 16, height: 84 + 16))
        #expect(dot[8, 8, 0] == 7 && dot[91, 91, 0] == 7 && dot[92, 92, 0] == 236)
        let photo = ContactSheet().picture(of: [flat(1920, 960, 7)])
        #expect(photo.size == PictureSize(width: 192 + 16, height: 96 + 16))
        let strip = ContactSheet().picture(of: [flat(3000, 1, 7)])
        #expect(strip.size == PictureSize(width: 192 + 16, height: 1 + 16))
    }

    /// The others are as large beside it as without it.
    @Test(arguments: [(3000, 10), (10, 3000), (190, 2)]) func oneLongPictureMakesNoOtherSmaller(width: Int, height: Int)
    {
        let sheet = ContactSheet().picture(of: [flat(28, 28, 5), flat(width, height, 7), flat(28, 28, 5)])
        #expect(sheet.pixels.count { $0 == 5 } == 2 * 84 * 84)
        #expect(sheet.pixels.count { $0 == 7 } >= 190)
    }

    @Test func theSheetIsNotFarFromFourByThreeAndFull() {
        let result = ContactSheet().picture(of: (0..<100).map { flat(28, 28, UInt8($0)) })
        let shape = Double(result.width) / Double(result.height)
        // Ten by ten leaves no cell empty.
        #expect(shape > 0.9 && shape < 1.8)
        // Square cells: of 44, eight side by side are 4:3, and leave four empty; nine leave one, eleven none and are too wide.
        let many = ContactSheet().picture(of: (0..<44).map { flat(28, 28, UInt8($0)) })
        #expect(many.size == PictureSize(width: 9 * 92 + 8, height: 5 * 92 + 8))
        #expect(ContactSheet(columns: 50).picture(of: [flat(84, 84, 1)]).width == 100)
    }
}
