import Images
import Testing

struct TileSheetTests {
    /// Every pixel against its place written out.
    @Test func tilesStandRowByRow() {
        let sheet = TileSheet(of: PictureSize(width: 2, height: 1), longest: 32)
        let tiles = (0..<7).map { Picture(width: 2, height: 1, channels: 1, pixels: [UInt8($0), UInt8(100 + $0)]) }
        let all = sheet.picture(of: tiles)
        #expect(all.size == PictureSize(width: 6, height: 3) && all.isGray && TileSheet.columns(for: 7) == 3)
        #expect(all.pixels == [0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105, 6, 106, 0, 0, 0, 0])
    }

    @Test func oneColorTileMakesAColorSheet() {
        let red = Picture(width: 1, height: 1, channels: 3, pixels: [200, 0, 0])
        let gray = Picture(width: 1, height: 1, channels: 1, pixels: [9])
        let all = TileSheet(of: red.size, longest: 32).picture(of: [gray, red])
        #expect(all.pixels == [9, 9, 9, 200, 0, 0] && all.size == PictureSize(width: 2, height: 1))
    }

    @Test func largePicturesAreReducedInTheirShape() {
        let sheet = TileSheet(of: PictureSize(width: 128, height: 96), longest: 32)
        #expect(sheet.tile == PictureSize(width: 32, height: 24))
        let reduced = sheet.reduced(Picture(width: 128, height: 96, channels: 3, filledWith: 7))
        #expect(reduced == Picture(width: 32, height: 24, channels: 3, filledWith: 7))
        #expect(TileSheet(of: PictureSize(width: 1000, height: 1), longest: 32).tile.height == 1)
        #expect(TileSheet(of: PictureSize(width: 8, height: 8), longest: 32).tile == PictureSize(width: 8, height: 8))
        #expect([1, 2, 4, 5, 9, 10, 10_000].map { TileSheet.columns(for: $0) } == [1, 2, 2, 3, 3, 4, 100])
    }
}
