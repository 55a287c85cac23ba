import Foundation
import Images
import Testing

struct PictureFormatTests {
    private func suggested(_ sizes: [(Int, Int)], anyColor: Bool = false) -> String {
        PictureFormat.suggested(
            for: sizes.map { PictureSize(width: $0.0, height: $0.1) }, anyColor: anyColor
        ).description
    }

    @Test func oneSizeIsKept() {
        #expect(suggested([(28, 28), (28, 28)]) == "28×28 gray")
        #expect(suggested([(27, 45), (27, 45), (27, 45)]) == "27×45 gray")
        #expect(suggested([(1, 1)]) == "1×1 gray")
        #expect(suggested([(128, 3)], anyColor: true) == "128×3 color")
    }

    @Test func largeAndMixedSizesComeTo64() {
        #expect(suggested([(640, 480), (640, 480)], anyColor: true) == "64×48 color")
        #expect(suggested([(129, 129)]) == "64×64 gray")
        #expect(suggested([(3000, 2000), (1500, 1000), (90, 60)]) == "64×44 gray")
        #expect(suggested([(1080, 1920), (720, 1280), (1920, 1080)], anyColor: true) == "36×64 color")
        // 45.3 comes to 44: a twentieth does not reach 48.
        #expect(suggested([(1414, 1000), (707, 500)]) == "64×44 gray")
        // Half are wider: the middle one decides.
        #expect(suggested([(400, 100), (100, 100), (100, 400)]) == "64×64 gray")
        // A strip keeps at least a pixel.
        #expect(suggested([(2000, 3), (2001, 3)]) == "64×1 gray")
    }

    @Test func smallPicturesAreNotEnlargedMuch() {
        #expect(suggested([(20, 20), (30, 30), (24, 24)]) == "24×24 gray")
        #expect(suggested([(5, 4), (5, 3), (6, 5)]) == "5×4 gray")
        #expect(suggested([(30, 30), (31, 31), (30, 30)]) == "32×32 gray")
    }

    @Test func theChoiceIsExplained() {
        let sizes = [PictureSize(width: 640, height: 480), PictureSize(width: 400, height: 300)]
        let mixed = PictureFormat.suggested(for: sizes, anyColor: true)
        #expect(mixed.reason(for: sizes) == "the pictures' median shape, longer side 64")
        let same = PictureFormat.suggested(for: [PictureSize(width: 9, height: 7)], anyColor: true)
        #expect(same.reason(for: [PictureSize(width: 9, height: 7)]) == "all pictures have this size")
    }

    @Test func theOrderOfTheSizesDoesNotMatter() {
        let sizes = [(300, 200), (200, 300), (64, 64), (500, 100), (31, 77), (640, 480)]
        #expect(suggested(sizes) == suggested(sizes.reversed()))
    }

    @Test func sizesAreParsed() throws {
        #expect(try PictureSize(parsing: "64x48") == PictureSize(width: 64, height: 48))
        #expect(try PictureSize(parsing: "27×45") == PictureSize(width: 27, height: 45))
        #expect(try PictureSize(parsing: "32") == PictureSize(width: 32, height: 32))
        for text in ["", "x", "64x", "x48", "0x3", "64x-1", "64x48x3", "4097x4", "a", "٣x3", "99999999999999999999"] {
            #expect(throws: ImageError.invalidSize(text: text, longest: 4096), "\(text)") {
                try PictureSize(parsing: text)
            }
        }
    }

    @Test func aFormatSurvivesJSON() throws {
        let format = PictureFormat(width: 27, height: 45, channels: 3)
        let data = try JSONEncoder().encode(format)
        #expect(try JSONDecoder().decode(PictureFormat.self, from: data) == format)
        #expect(format.count == 27 * 45 * 3)
        for damaged in ["{\"width\":0,\"height\":4,\"channels\":3}", "{\"width\":4,\"height\":4,\"channels\":2}"] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(PictureFormat.self, from: Data(damaged.utf8))
            }
        }
    }
}
