import Foundation
import Images
import Testing
import TestSupport

/// Pictures in NumPy arrays: which shapes, and what is black and white.
@Suite struct NumPyPicturesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func scan(_ bytes: [UInt8], _ name: String = "a.npy") throws -> ImageCollection {
        try ImageCollection.scan([folder.write(name, bytes)])
    }

    /// An array of a type that the writer has not.
    private func array(_ type: String, shape: [Int], _ values: [UInt8]) -> [UInt8] {
        let sizes = shape.map { "\($0), " }.joined()
        let head = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(head.utf8.count), 0] + Array(head.utf8) + values
    }

    private func halves(_ values: [UInt16]) -> [UInt8] { values.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } }

    @Test func shapes() throws {
        let bytes = (0..<8 * 9 * 3 * 2).map { UInt8(truncatingIfNeeded: $0) }
        func names(_ shape: [Int]) throws -> [String] {
            let values = Array(bytes.prefix(shape.reduce(1, *)))
            return try scan(NumPyArray.encode(values, shape: shape)).items.map {
                "\($0.name) \($0.size) \($0.channels)"
            }
        }
        #expect(try names([8, 9]) == ["a.npy 9×8 1"])
        #expect(try names([8, 9, 3]) == ["a.npy 9×8 3"])
        #expect(try names([8, 9, 1]) == ["a.npy 9×8 1"])
        #expect(try names([2, 8, 9]) == ["a.npy#0 9×8 1", "a.npy#1 9×8 1"])
        #expect(try names([1, 8, 9]) == ["a.npy#0 9×8 1"])
        #expect(try names([2, 8, 9, 3]) == ["a.npy#0 9×8 3", "a.npy#1 9×8 3"])
        #expect(try names([2, 3, 8, 9]) == ["a.npy#0 9×8 3", "a.npy#1 9×8 3"])
        #expect(try names([2, 1, 8, 9]) == ["a.npy#0 9×8 1", "a.npy#1 9×8 1"])
        let gray = try scan(NumPyArray.encode(Array(bytes[..<72]), shape: [8, 9])).items[0].picture()
        #expect(gray == Picture(width: 9, height: 8, channels: 1, pixels: Array(bytes[..<72])))
        let color = try scan(NumPyArray.encode(Array(bytes[..<216]), shape: [8, 9, 3])).items[0].picture()
        #expect(color == Picture(width: 9, height: 8, channels: 3, pixels: Array(bytes[..<216])))
        for shape in [[8, 9, 4], [1, 8, 9, 4], [0, 8, 9], [1, 1, 1, 8, 9], [2, 5, 8, 5]] {
            let values = Array([UInt8](repeating: 1, count: shape.reduce(1, *)))
            let error = #expect(throws: ImageError.self, "\(shape)") {
                try scan(NumPyArray.encode(values, shape: shape))
            }
            #expect(
                error?.description.contains(
                    shape.last == 4 ? "a[..., :3]" : shape[0] == 0 ? "no picture" : "[height, width]") == true)
        }
        // Read as what the table says, and said.
        let three = try scan(NumPyArray.encode(Array(bytes[..<216]), shape: [3, 8, 9]))
        #expect(three.items.count == 3 && three.remarks.count == 1 && three.remarks[0].contains("three gray pictures"))
    }

    @Test func aFolderOfSinglePictures() throws {
        for number in 0..<3 {
            let picture = Picture.noise(width: 5, height: 4, channels: 1)
            try NumPyArray.write(picture.pixels, shape: [4, 5], path: folder("\(number).npy"))
        }
        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.items.map(\.name) == ["0.npy", "1.npy", "2.npy"] && collection.skipped.isEmpty)
    }

    @Test func sixteenBitsAreScaledAsInAPNG() throws {
        let values: [UInt16] = [0, 128, 129, 257, 32_768, 65_535]
        let picture = try scan(array("<u2", shape: [2, 3], halves(values))).items[0].picture()
        #expect(picture.pixels == values.map { UInt8((Double($0) * 255 / 65_535).rounded()) })
        // 8 bits in 16 would be black: refused, with an advice that works.
        let error = #expect(throws: ImageError.self) { try scan(array("<u2", shape: [1, 2], halves([3, 255]))) }
        #expect(error?.description.contains("a.astype(\"uint8\")") == true)
        #expect(try scan(array("<u2", shape: [1, 2], halves([0, 0]))).items[0].picture().pixels == [0, 0])
        #expect(try scan(array("<u2", shape: [1, 2], halves([3, 256]))).items[0].picture().pixels == [0, 1])
    }

    /// Far behind the first: what is said of an array is said of all of it.
    @Test(arguments: ["<i2", "<u4"]) func theLargestValueIsSaidWhereverItStands(type: String) throws {
        let values = [9000] + [Int](repeating: 0, count: 150_000) + [20_000]
        let bytes = values.flatMap { value in
            (0..<(type == "<i2" ? 2 : 4)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let error = #expect(throws: ImageError.self) { try scan(array(type, shape: [1, 1, values.count], bytes)) }
        #expect(error?.description.contains("its values go from 0 to 20000") == true, "\(String(describing: error))")
    }

    /// As many dimensions as NumPy has.
    @Test func anArrayHasSixtyFourDimensionsAtMost() throws {
        func shape(_ count: Int) throws -> [Int] {
            let ones = String(repeating: "1, ", count: count)
            let head = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(ones)), }\n"
            let length = head.utf8.count
            let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
            return try NumPyReader(path: folder.write("a.npy", bytes + Array(head.utf8) + [7])).header.shape
        }
        #expect(try shape(64) == [Int](repeating: 1, count: 64))
        #expect(throws: ImageError.self) { try shape(65) }
    }

    /// What is advised brings the values between black and white.
    @Test(arguments: [
        ([0, 16] as [Float], "a / 16"), ([0, 200], "a / 255"), ([0, 255], "a / 255"), ([0, 4095], "a / 4095"),
        ([-1, 1], "(a + 1) / 2"), ([-3, 7], "(a - a.min()) / (a.max() - a.min())"),
        ([-0.5, 0.5], "(a + 1) / 2"),
    ])
    func floatsOutOfRange(values: [Float], advice: String) throws {
        // Far behind the first picture, too.
        for count in [2, 40_000] {
            let all = [Float](repeating: 0, count: count) + values
            let error = #expect(throws: ImageError.self) { try scan(NumPyArray.encode(all, shape: [1, 1, count + 2])) }
            #expect(
                error?.description.contains("Save the array again as \(advice)") == true, "\(String(describing: error))"
            )
        }
    }

    @Test func floatsMayMissTheEndsByRounding() throws {
        let values: [Float] = [-0.001, 0, 0.5, 1, 1.001]
        #expect(try scan(NumPyArray.encode(values, shape: [1, 5])).items[0].picture().pixels == [0, 0, 128, 255, 255])
    }

    @Test func integersOutOfRange() throws {
        for (values, advice) in [
            ([0, 256] as [Int64], "(a * (255.0 / 256)).astype(\"uint8\")"),
            ([-1, 5], "((a - a.min()) * (255.0 / (a.max() - a.min()))).astype(\"uint8\")"),
        ] {
            let error = #expect(throws: ImageError.self) { try scan(NumPyArray.encode(values, shape: [1, 2])) }
            #expect(error?.description.contains(advice) == true)
        }
        #expect(
            try scan(NumPyArray.encode([0, 255] as [Int64], shape: [1, 2])).items[0].picture().pixels == [0, 255])
        #expect(try scan(array("|b1", shape: [1, 2], [0, 1])).items[0].picture().pixels == [0, 255])
    }

    @Test func whatIsNoNumberSpoilsItsPictureAlone() throws {
        let collection = try scan(NumPyArray.encode([0, 1, .nan, 1, .infinity, 0] as [Float], shape: [3, 1, 2]))
        #expect(try collection.items[0].picture().pixels == [0, 255])
        for index in 1..<3 {
            let error = #expect(throws: ImageError.self) { try collection.items[index].picture() }
            #expect(error?.description.contains("numpy.nan_to_num(a)") == true)
        }
    }

    @Test func arraysThatLookBlackAreSaid() throws {
        let digits = try scan(NumPyArray.encode([UInt8](0...16), shape: [1, 17]))
        #expect(digits.remarks.count == 1 && digits.remarks[0].contains("look black"))
        #expect(try scan(NumPyArray.encode([0, 40] as [UInt8], shape: [1, 2])).remarks.isEmpty)
    }

    /// An array may claim more pixels than are decoded, and even hold them (a file of zeros takes no room).
    @Test func oneHugePicture() throws {
        let path = try folder.write("a.npy", array("|u1", shape: [30_000, 30_000], []))
        #expect(truncate(path, 900_000_200) == 0)
        let error = #expect(throws: ImageError.self) { try ImageCollection.scan([path]) }
        #expect(error == .tooLarge(path: path, width: 30_000, height: 30_000, limit: PictureFile.pixelLimit))
    }

    /// Wrong arrays beside good ones: named, and an error where that was asked for.
    @Test func wrongArraysBesideGoodOnes() throws {
        try NumPyArray.write([UInt8](repeating: 9, count: 8), shape: [2, 2, 2], path: folder("a.npy"))
        try NumPyArray.write([Float](repeating: 9, count: 8), shape: [2, 2, 2], path: folder("b.npy"))
        try NumPyArray.write([Float](repeating: 0, count: 5), shape: [5], path: folder("c.npy"))
        let collection = try ImageCollection.scan([folder.path])
        #expect(collection.items.count == 2 && collection.faults.map(\.reason) == [.array, .array])
        #expect(collection.skippedSummary == "2 arrays that are not read")
        #expect(throws: ImageError.self) { try ImageCollection.scan([folder.path], isStrict: true) }
    }
}
