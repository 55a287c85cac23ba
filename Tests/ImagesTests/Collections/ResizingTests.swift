import Images
import Testing

/// Pictures of noise and of sizes that do not divide each other, against a naive form in Double.
struct ResizingTests {
    /// Overlaps of pixels, computed as real numbers, row by column.
    private func areaMean(_ picture: Picture, width: Int, height: Int) -> [Double] {
        var means: [Double] = []
        let stepX = Double(picture.width) / Double(width), stepY = Double(picture.height) / Double(height)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<picture.channels {
                    var sum = 0.0
                    for j in 0..<picture.height {
                        let tall = min(Double(j + 1), Double(y + 1) * stepY) - max(Double(j), Double(y) * stepY)
                        for i in 0..<picture.width where tall > 0 {
                            let wide = min(Double(i + 1), Double(x + 1) * stepX) - max(Double(i), Double(x) * stepX)
                            if wide > 0 { sum += wide * tall * Double(picture[i, j, channel]) }
                        }
                    }
                    means.append(sum / (stepX * stepY))
                }
            }
        }
        return means
    }

    /// The value at the middle of each output pixel, interpolated between the middles around it.
    private func bilinear(_ picture: Picture, width: Int, height: Int) -> [Double] {
        func place(_ i: Int, _ source: Int, _ target: Int) -> (low: Int, high: Int, share: Double) {
            let x = (Double(i) + 0.5) * Double(source) / Double(target) - 0.5
            let clamped = min(max(x, 0), Double(source - 1))
            let low = Int(clamped)
            return (low, min(low + 1, source - 1), clamped - Double(low))
        }
        var values: [Double] = []
        for y in 0..<height {
            for x in 0..<width {
                let (left, right, u) = place(x, picture.width, width)
                let (top, bottom, v) = place(y, picture.height, height)
                for c in 0..<picture.channels {
                    let above = (1 - u) * Double(picture[left, top, c]) + u * Double(picture[right, top, c])
                    let below = (1 - u) * Double(picture[left, bottom, c]) + u * Double(picture[right, bottom, c])
                    values.append((1 - v) * above + v * below)
                }
            }
        }
        return values
    }

    private func expectNearest(_ picture: Picture, _ expected: [Double]) {
        #expect(picture.pixels.count == expected.count)
        let worst = zip(picture.pixels, expected).map { abs(Double($0) - $1) }.max() ?? 0
        // The true value to the nearest byte, and half a thousandth for the oracle's own rounding.
        #expect(worst <= 0.5005)
    }

    @Test(arguments: [(17, 11, 5, 4), (100, 73, 64, 48), (64, 64, 1, 1), (9, 301, 9, 7), (31, 2, 30, 2), (7, 5, 3, 5)])
    func shrinkingIsTheMeanOfWhatIsCovered(_ sizes: (Int, Int, Int, Int)) {
        for channels in [1, 3] {
            let picture = Picture.noise(width: sizes.0, height: sizes.1, channels: channels)
            let small = picture.resized(width: sizes.2, height: sizes.3)
            #expect(small.width == sizes.2 && small.height == sizes.3 && small.channels == channels)
            expectNearest(small, areaMean(picture, width: sizes.2, height: sizes.3))
        }
    }

    @Test(arguments: [(5, 4, 17, 11), (1, 1, 6, 3), (1, 7, 4, 9), (3, 1, 64, 48), (28, 28, 56, 84), (40, 30, 41, 31)])
    func enlargingInterpolatesBetweenMiddles(_ sizes: (Int, Int, Int, Int)) {
        for channels in [1, 3] {
            let picture = Picture.noise(width: sizes.0, height: sizes.1, channels: channels)
            expectNearest(
                picture.resized(width: sizes.2, height: sizes.3), bilinear(picture, width: sizes.2, height: sizes.3))
        }
    }

    /// Along one axis the mean, along the other interpolation: each is its own one-dimensional filter.
    @Test func oneAxisShrinksWhileTheOtherGrows() {
        let picture = Picture.noise(width: 23, height: 3, channels: 1)
        var rows: [Double] = []
        for y in 0..<3 {
            let row = Picture(width: 23, height: 1, channels: 1, pixels: Array(picture.pixels[y * 23..<(y + 1) * 23]))
            rows += areaMean(row, width: 4, height: 1)
        }
        var expected: [Double] = []
        for y in 0..<8 {
            let place = min(max((Double(y) + 0.5) * 3 / 8 - 0.5, 0), 2)
            let low = Int(place), high = min(low + 1, 2), share = place - Double(low)
            for x in 0..<4 { expected.append((1 - share) * rows[low * 4 + x] + share * rows[high * 4 + x]) }
        }
        expectNearest(picture.resized(width: 4, height: 8), expected)
    }

    /// More rows under one output than a 16-bit sum holds.
    @Test func sumsOfManyRowsDoNotOverflow() {
        let white = Picture(width: 3, height: 2000, channels: 1, filledWith: 255)
        #expect(white.resized(width: 1, height: 3).pixels == [255, 255, 255])
        let tall = Picture.noise(width: 2, height: 3001, channels: 3)
        expectNearest(tall.resized(width: 1, height: 2), areaMean(tall, width: 1, height: 2))
    }

    @Test func halvesAreRoundedUp() {
        let picture = Picture(width: 2, height: 1, channels: 1, pixels: [10, 11])
        #expect(picture.resized(width: 1, height: 1).pixels == [11])
    }

    @Test func theSameSizeIsTheSamePicture() {
        let picture = Picture.noise(width: 13, height: 7, channels: 3)
        #expect(picture.resized(width: 13, height: 7) == picture)
    }

    @Test func grayIsLumaOfTheBroadcastStandard() {
        let colors: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [12, 34, 56], [1, 2, 3]]
        let picture = Picture(width: 6, height: 1, channels: 3, pixels: colors.flatMap { $0 })
        let expected = colors.map { color -> UInt8 in
            let shares = zip([0.299, 0.587, 0.114], color).map { $0 * Double($1) }
            return UInt8((shares[0] + shares[1] + shares[2]).rounded())
        }
        #expect(picture.gray.pixels == expected)
        #expect(picture.gray.color.pixels == expected.flatMap { [$0, $0, $0] })
        #expect(picture.color == picture)
        #expect(Picture.noise(width: 4, height: 3, channels: 1).color.gray == .noise(width: 4, height: 3, channels: 1))
    }
}

extension Picture {
    /// The same bytes for the same size: a linear congruential generator (Knuth's MMIX).
    static func noise(width: Int, height: Int, channels: Int) -> Picture {
        var state = UInt64(width * 7919 + height * 31 + channels)
        let pixels = (0..<width * height * channels).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        return Picture(width: width, height: height, channels: channels, pixels: pixels)
    }
}
