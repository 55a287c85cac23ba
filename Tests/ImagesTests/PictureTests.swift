import Images
import Testing

@Suite struct PictureTests {
    @Test func aPictureIsAddressedByColumnRowAndChannel() {
        var picture = Picture(width: 3, height: 2, channels: 3, filledWith: 7)
        picture[2, 1, 0] = 200
        #expect(picture.pixels.firstIndex(of: 200) == (1 * 3 + 2) * 3)
        #expect(picture[2, 1, 0] == 200 && picture[1, 1, 0] == 7)
    }
}
