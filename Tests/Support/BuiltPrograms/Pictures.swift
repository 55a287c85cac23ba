import Foundation
package import Images

/// Pictures to train on, made here.
package enum Pictures {
    /// A spot of light on a dark ground, another one for each number.
    package static func spot(_ number: Int, width: Int = 12, height: Int = 12, channels: Int = 1) -> Picture {
        var state = UInt64(number + 77) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        func draw() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
        let x = draw() * Double(width - 1), y = draw() * Double(height - 1), radius = 1.5 + 1.5 * draw()
        var picture = Picture(width: width, height: height, channels: channels, filledWith: 0)
        for row in 0..<height {
            for column in 0..<width {
                let light = 255 * exp(-(pow(Double(column) - x, 2) + pow(Double(row) - y, 2)) / (2 * radius * radius))
                for channel in 0..<channels {
                    picture[column, row, channel] = UInt8(channel == 2 ? 255 - light : light)
                }
            }
        }
        return picture
    }

    /// 16 × 16 gray pixels as a JPEG file, drawn for this test.
    package static let jpeg = [UInt8](Data(base64Encoded: jpegText, options: .ignoreUnknownCharacters) ?? Data())

    private static let jpegText = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7
        Pj4+JS5ESUM8SDc9Pjv/wAALCAAQABABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABgUH/8QAIxAAAQMDBAIDAAAAAAAAAAAAAQID
        BAURIQAGEjEHMiJBUv/aAAgBAQAAPwAntWF6Y1q8SU1QaBLqzyUFMRhTgQtwIC1AfFFz0VGwHeSO9CNqwvTGq/k2cqFtaDSG+aVV
        J/k5ZIKVNt2JBJyDyU2Rb8nP0f/Z
        """

    /// The signature and header of a PNG file of so many pixels, and nothing else.
    package static func header(width: UInt32, height: UInt32, colorType: UInt8 = 0) -> [UInt8] {
        [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10] + chunk("IHDR", big(width) + big(height) + [8, colorType, 0, 0, 0])
    }

    /// A PNG file of rows as they stand in one, each with a filter byte in front; not compressed.
    package static func png(width: UInt32, height: UInt32, colorType: UInt8, rows: [UInt8]) -> [UInt8] {
        // RFC 1950 and 1951: one stored block, and Adler's sum.
        let count = UInt16(rows.count), length = [count & 255, count >> 8].map(UInt8.init)
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in rows { (a, b) = ((a + UInt32(byte)) % 65_521, (b + a + UInt32(byte)) % 65_521) }
        let data = [0x78, 1, 1] + length + length.map { ~$0 } + rows + big(b << 16 | a)
        return header(width: width, height: height, colorType: colorType) + chunk("IDAT", data) + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return big(UInt32(data.count)) + body + big(crc(body))
    }

    private static func big(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    /// PNG specification, annex D.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xedb8_8320 ^ (crc >> 1) : crc >> 1 }
        }
        return ~crc
    }
}

/// A small model's options: a second of training or less.
package let tinyPictures = ["--code", "4", "--channels", "6", "--hidden", "16", "--batch", "8"]

extension Workplace {
    /// Makes a folder of spots, unless it is there.
    package func makePictures(
        _ count: Int = 40, in folder: String = "pictures", width: Int = 12, height: Int = 12, channels: Int = 1
    ) throws {
        guard !exists(folder) else { return }
        for number in 0..<count {
            let picture = Pictures.spot(number, width: width, height: height, channels: channels)
            try write(PNG.encode(picture), to: "\(folder)/\(String(format: "%03d", number)).png")
        }
    }

    /// Trains a small model on `pictures`, which are made if need be.
    @discardableResult
    package func trainPictures(_ options: String..., environment: [String: String] = [:]) throws -> Program.Result {
        try makePictures()
        return try start(["train", "pictures"] + tinyPictures + options, environment: environment).wait()
    }

    /// What is stored, apart from the pictures.
    package var filesBesidesPictures: [String] { files.filter { !$0.hasPrefix("pictures") } }
}
