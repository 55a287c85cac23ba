import Foundation
import ModelFiles
import TensorCore
import TestSupport
import Testing

@Suite struct NumPyArchiveTests {
    /// Bytes of a little-endian number.
    private func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    @Test func theArchiveIsWhatZIPAndNumPySay() throws {
        let tensors = NamedTensors([("a.weight", Tensor([[1.5, -2, 3], [4, 5, -6.25]])), ("b", Tensor(7))])
        let bytes = try NumPyArchive(tensors).encoded()
        // The end of the central directory, 22 bytes without a comment.
        let end = bytes.count - 22
        #expect(number(bytes, end, 4) == 0x0605_4B50 && number(bytes, end + 10, 2) == 2)
        var place = number(bytes, end + 16, 4)
        #expect(place + number(bytes, end + 12, 4) == end)
        var contents: [String: [UInt8]] = [:]
        for _ in 0..<2 {
            #expect(number(bytes, place, 4) == 0x0201_4B50 && number(bytes, place + 10, 2) == 0)
            let size = number(bytes, place + 24, 4), nameLength = number(bytes, place + 28, 2)
            let local = number(bytes, place + 42, 4)
            let name = String(decoding: bytes[place + 46..<place + 46 + nameLength], as: UTF8.self)
            #expect(number(bytes, local, 4) == 0x0403_4B50 && number(bytes, local + 26, 2) == nameLength)
            #expect(bytes[local + 14..<local + 26] == bytes[place + 16..<place + 28])
            let start = local + 30 + nameLength, content = Array(bytes[start..<start + size])
            #expect(checksum(content) == number(bytes, place + 16, 4))
            contents[name] = content
            place += 46 + nameLength
        }
        let array = try #require(contents["a.weight.npy"])
        #expect(array.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]))
        let header = number(array, 8, 2)
        #expect((10 + header) % 64 == 0 && array[9 + header] == UInt8(ascii: "\n"))
        let text = String(decoding: array[10..<10 + header], as: UTF8.self)
        #expect(text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3,), }"))
        #expect(array.count == 10 + header + 24 && array.suffix(4) == [0, 0, 0xC8, 0xC0])
        #expect(String(decoding: try #require(contents["b.npy"]), as: UTF8.self).contains("'shape': ()"))
    }

    /// Every field that other programs may look at, by PKWARE's APPNOTE 4.3: version, flags, method, time, date, lengths.
    @Test func everyFieldIsAsZIPHasIt() throws {
        let name = "ä.weight", file = Array("ä.weight.npy".utf8)
        let bytes = try NumPyArchive(NamedTensors([(name, Tensor([1, 2]))])).encoded()
        let size = bytes.count - 22 - 46 - 30 - 2 * file.count
        func fields(_ start: Int, _ widths: [Int]) -> [Int] {
            var place = start
            return widths.map { width in
                defer { place += width }
                return number(bytes, place, width)
            }
        }
        let content = Array(bytes[(30 + file.count)..<(30 + file.count + size)])
        // 2.0, names in UTF-8, stored, 1 January 1980.
        let common = [20, 1 << 11, 0, 0, 0x21, checksum(content), size, size, file.count, 0]
        #expect(fields(0, [4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2]) == [0x0403_4B50] + common)
        let directory = 30 + file.count + size
        #expect(
            fields(directory, [4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4])
                == [0x0201_4B50, 20] + common + [0, 0, 0, 0, 0])
        #expect(
            fields(bytes.count - 22, [4, 2, 2, 2, 2, 4, 4, 2])
                == [0x0605_4B50, 0, 0, 1, 1, 46 + file.count, directory, 0])
        #expect(Array(bytes[30..<30 + file.count]) == file)
        // A header's line end stands before a multiple of 64, and nothing but spaces before it.
        for sides in [[1], [12, 345], [1, 1, 1, 1, 1, 1], [2, 3, 4, 5]] {
            let one = try NumPyArchive(NamedTensors([("x", Tensor(zeros: Shape(sides)))])).encoded()
            let start = 30 + 5, header = number(one, start + 8, 2)
            #expect((10 + header) % 64 == 0)
            let text = String(decoding: one[(start + 10)..<(start + 10 + header)], as: UTF8.self)
            let written = sides.map { "\($0)," }.joined(separator: " ")
            let padding = text.drop { $0 != "}" }.dropFirst()
            #expect(text.contains("'shape': (\(written)), }") && padding.count <= 64)
            #expect(padding.dropLast().allSatisfy { $0 == " " } && padding.last == "\n")
        }
    }

    @Test func aNameMayBeAsLongAsZIPHasRoomFor() throws {
        func archive(_ length: Int) throws -> [UInt8] {
            try NumPyArchive(NamedTensors([(String(repeating: "n", count: length), Tensor(1))])).encoded()
        }
        #expect(number(try archive(65_531), 26, 2) == 65_535)
        let error = #expect(throws: ModelFileError.self) { try archive(65_532) }
        guard case .invalidName = error else { throw NotThis() }
    }

    private struct NotThis: Error {}

    /// CRC-32 bit by bit, as RFC 1952 defines it.
    private func checksum(_ bytes: [UInt8]) -> Int {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return Int(~crc)
    }
}
