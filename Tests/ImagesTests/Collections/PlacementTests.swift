import Images
import Testing

struct PlacementTests {
    @Test func aPictureIsCenteredAndItsShapeKept() {
        let wide = Placement(
            of: PictureSize(width: 200, height: 100), channels: 3, in: .init(width: 64, height: 48, channels: 3))
        #expect((wide.x, wide.y, wide.width, wide.height) == (0, 8, 64, 32))
        let tall = Placement(
            of: PictureSize(width: 9, height: 30), channels: 1, in: .init(width: 20, height: 15, channels: 1))
        #expect((tall.x, tall.y, tall.width, tall.height) == (7, 0, 5, 15))
        // So thin that its shape would leave nothing.
        let strip = Placement(
            of: PictureSize(width: 1000, height: 1), channels: 1, in: .init(width: 16, height: 16, channels: 1))
        #expect((strip.x, strip.y, strip.width, strip.height) == (0, 7, 16, 1))
    }

    /// Planar, and what lies around the picture is its own edge.
    @Test func fittingDrawsTheEdgesOut() {
        let picture = Picture(width: 2, height: 1, channels: 3, pixels: [10, 20, 30, 40, 50, 60])
        let format = PictureFormat(width: 2, height: 3, channels: 3)
        let (pixels, placement) = format.fit(picture)
        #expect(pixels == [10, 40, 10, 40, 10, 40, 20, 50, 20, 50, 20, 50, 30, 60, 30, 60, 30, 60])
        #expect(placement.mask(in: format) == [0, 0, 1, 1, 0, 0])
        let upright = PictureFormat(width: 5, height: 2, channels: 1)
        let fitted = upright.fit(Picture(width: 1, height: 2, channels: 1, pixels: [7, 9]))
        #expect(fitted.pixels == [7, 7, 7, 7, 7, 9, 9, 9, 9, 9])
        #expect(fitted.placement.mask(in: upright) == [0, 0, 1, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test(arguments: [(1, 1), (1, 7), (13, 1), (27, 45), (64, 48), (100, 37)])
    func everySizeComesBack(_ size: (Int, Int)) {
        for (channels, format) in [
            (1, PictureFormat(width: 64, height: 48, channels: 1)), (3, .init(width: 31, height: 17, channels: 3)),
            (1, .init(width: 20, height: 33, channels: 3)), (3, .init(width: 8, height: 8, channels: 1)),
        ] {
            let picture = Picture(width: size.0, height: size.1, channels: channels, filledWith: 77)
            let (pixels, placement) = format.fit(picture)
            let back = placement.restored(from: pixels, in: format)
            #expect(back.size == picture.size)
            // Gray comes back gray; color cannot come out of a gray format.
            #expect(back.channels == min(channels, format.channels))
            #expect(back.pixels.allSatisfy { $0 == 77 })
            let values = pixels.map { Float($0) / 255 }
            #expect(placement.restored(from: values, in: format) == back)
        }
    }

    /// Nothing is scaled: the bytes themselves come back.
    @Test func aPictureOfTheFormatIsUntouched() {
        for channels in [1, 3] {
            let picture = Picture.noise(width: 27, height: 45, channels: channels)
            let format = PictureFormat(size: picture.size, channels: channels)
            let (pixels, placement) = format.fit(picture)
            #expect(placement == Placement(filling: format))
            #expect(placement.restored(from: pixels, in: format) == picture)
            #expect(Picture(planar: pixels, format: format) == picture)
            #expect(placement.mask(in: format).allSatisfy { $0 == 1 })
        }
    }

    /// A smooth picture that was scaled comes back nearly as it was: no shift, nothing mirrored.
    @Test func aGradientComesBackWhereItWas() {
        let pixels = (0..<90 * 60).map { index -> UInt8 in
            let (y, x) = index.quotientAndRemainder(dividingBy: 90)
            return UInt8(20 + 2 * x + y / 2)
        }
        let picture = Picture(width: 90, height: 60, channels: 1, pixels: pixels)
        let format = PictureFormat(width: 64, height: 64, channels: 1)
        let (fitted, placement) = format.fit(picture)
        let back = placement.restored(from: fitted, in: format)
        for x in 2..<88 {
            for y in 2..<58 { #expect(abs(Int(back[x, y, 0]) - Int(picture[x, y, 0])) <= 2) }
        }
    }

    @Test func valuesAreRoundedAndClamped() {
        let format = PictureFormat(width: 6, height: 1, channels: 1)
        let values: [Float] = [-1, .nan, 0.5, 1, .infinity, 127.49 / 255]
        #expect(Picture(planar: values, format: format).pixels == [0, 0, 128, 255, 255, 127])
    }

    @Test func everyPixelOfAMaskIsThePlacement() {
        let format = PictureFormat(width: 11, height: 7, channels: 3)
        let placement = Placement(of: PictureSize(width: 5, height: 9), channels: 3, in: format)
        let mask = placement.mask(in: format)
        #expect(mask.count == 77)
        #expect(mask.reduce(0, +) == Float(placement.width * placement.height))
    }
}
