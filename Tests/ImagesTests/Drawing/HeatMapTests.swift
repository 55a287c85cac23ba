import Images
import Testing

struct HeatMapTests {
    private func luma(_ color: Color) -> Int { 299 * Int(color.red) + 587 * Int(color.green) + 114 * Int(color.blue) }

    @Test func moreErrorIsLighter() {
        let colors = (0...50).map { ColorMap.inferno[Float($0) / 50] }
        for (darker, lighter) in zip(colors, colors.dropFirst()) { #expect(luma(darker) < luma(lighter)) }
        #expect(ColorMap.inferno[-1] == ColorMap.inferno[0] && ColorMap.inferno[.nan] == ColorMap.inferno[0])
        #expect(ColorMap.inferno[2] == ColorMap.inferno[1])
        #expect(ColorMap.inferno[1].hexadecimal == "#fcffa4" && ColorMap.inferno[0].hexadecimal == "#000004")
        let two = ColorMap([Color(gray: 0), Color(gray: 100)])
        #expect(two[0.25] == Color(gray: 25) && two[0.5] == Color(gray: 50))
    }

    /// An error in the left half of the format lights the left half of the picture, at the picture's own size; errors in
    /// the filling are not seen.
    @Test func errorsAreShownWhereTheyAre() {
        let picture = Picture(width: 40, height: 20, channels: 3, filledWith: 100)
        let format = PictureFormat(width: 8, height: 8, channels: 3)
        let placement = Placement(of: picture.size, channels: 3, in: format)
        #expect((placement.y, placement.height) == (2, 4))
        var errors = [Float](repeating: 0, count: 64)
        for row in 0..<8 {
            for column in 0..<8 where row < 2 || row >= 6 || column < 4 { errors[row * 8 + column] = 0.5 }
        }
        let map = HeatMap(scale: 0.5).picture(of: errors, over: picture, at: placement, in: format)
        #expect(map.size == picture.size && map.channels == 3)
        let brightest = ColorMap.inferno[1]
        let calm = (0..<3).map { map[39, 10, $0] }
        for y in [0, 10, 19] {
            #expect((0..<3).map { map[2, y, $0] } == [brightest.red, brightest.green, brightest.blue])
            #expect((0..<3).map { map[37, y, $0] } == calm)
        }
        // Where all is well, the picture shows, darker.
        #expect(calm[0] < 100 && calm[0] > 30)
    }

    /// Half the scale, half as much error: the same map.
    @Test func theScaleIsTheErrorOfTheLightestColor() {
        let picture = Picture.noise(width: 9, height: 9, channels: 1)
        let format = PictureFormat(width: 9, height: 9, channels: 1)
        let placement = Placement(filling: format)
        let errors = (0..<81).map { Float($0) / 100 }
        let one = HeatMap(scale: 0.4).picture(of: errors, over: picture, at: placement, in: format)
        let other = HeatMap(scale: 0.8).picture(of: errors.map { 2 * $0 }, over: picture, at: placement, in: format)
        #expect(one == other)
        #expect(one != HeatMap(scale: 0.8).picture(of: errors, over: picture, at: placement, in: format))
    }
}
