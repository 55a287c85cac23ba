import Foundation
import Images
import Testing
import TestSupport

/// `Tests/Fixtures/files/numpy.json`, made by `Tests/Fixtures/generate/numpy_arrays.py`.
struct NumPyFixture: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let file: Data
        let shape: [Int]?
        let type: String?
        let values: [Double]?

        var testDescription: String { name }
        var bytes: [UInt8] { Array(file) }
    }

    let arrays: [Case]
    let refused: [Case]

    static let shared: NumPyFixture = {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/files/numpy.json")
        do {
            return try JSONDecoder().decode(NumPyFixture.self, from: Data(contentsOf: url))
        } catch {
            preconditionFailure("\(url.path): \(error); run Tests/Fixtures/generate/numpy_arrays.py")
        }
    }()

    static func bytes(_ name: String) -> [UInt8] { shared.arrays.first { $0.name == name }.map(\.bytes) ?? [] }
}

@Suite struct CodecsNumPyTests {
    @Test(arguments: NumPyFixture.shared.arrays)
    func reading(_ fixture: NumPyFixture.Case) throws {
        let scratch = try TemporaryFolder()
        let array = try NumPyArray.read(path: scratch.write("array.npy", fixture.bytes))
        #expect(array.shape == fixture.shape)
        #expect(array.storedType.description == fixture.type)
        #expect(array.values == fixture.values?.map { Float($0) })
    }

    @Test(arguments: NumPyFixture.shared.arrays)
    func rows(_ fixture: NumPyFixture.Case) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("array.npy", fixture.bytes)
        let whole = try NumPyArray.read(path: path).values
        let reader = try NumPyReader(path: path)
        #expect(reader.rowShape == Array(try #require(fixture.shape).dropFirst()))
        for first in 0...reader.rowCount {
            for end in first...reader.rowCount {
                let rows = try reader.read(rows: first..<end)
                #expect(rows == Array(whole[first * reader.rowSize..<end * reader.rowSize]))
            }
        }
    }

    /// Large enough to be read in several pieces, with columns longer and shorter than one.
    @Test(arguments: [[70_000, 2, 3], [3, 200, 500], [40, 5000]])
    func largeFortranOrder(shape: [Int]) throws {
        let count = shape.reduce(1, *)
        let valuesInC = (0..<count).map { Int64($0) }
        // The same array with its axes reversed and transposed: element (i, j, k) lies at i + I * (j + J * k).
        var stored = [Int64](repeating: 0, count: count)
        for (place, value) in valuesInC.enumerated() {
            var (rest, offset, step) = (place, 0, count)
            for size in shape.reversed() {
                step /= size
                offset += rest % size * step
                rest /= size
            }
            stored[offset] = value
        }
        var bytes = NumPyArray.encode(stored, shape: shape)
        let dictionary = String(decoding: bytes[10..<128], as: UTF8.self)
            .replacingOccurrences(of: "'fortran_order': False", with: "'fortran_order': True ")
        bytes.replaceSubrange(10..<128, with: dictionary.utf8)
        let scratch = try TemporaryFolder()
        let reader = try NumPyReader(path: scratch.write("array.npy", bytes))
        #expect(reader.header.isFortranOrder)
        #expect(try reader.read(rows: 0..<shape[0]) == valuesInC.map { Float($0) })
        let some = (shape[0] / 3)..<(shape[0] / 3 + 2)
        let rowSize = reader.rowSize
        #expect(
            try reader.read(rows: some) == (some.lowerBound * rowSize..<some.upperBound * rowSize).map { Float($0) })
    }

    @Test func writingAsNumPyDoes() throws {
        let floats = (0..<24).map { Float($0) / 8 }
        #expect(NumPyArray.encode(floats, shape: [2, 3, 4]) == NumPyFixture.bytes("three axes"))
        #expect(NumPyArray.encode([1, 2, 3] as [Float], shape: [3]) == NumPyFixture.bytes("one axis"))
        #expect(NumPyArray.encode([] as [Float], shape: [0, 5]) == NumPyFixture.bytes("no rows"))
        let bytes: [UInt8] = [0, 255, 0, 1, 85, 0, 254, 5, 17, 100, 42, 99]
        #expect(NumPyArray.encode(bytes, shape: [3, 4]) == NumPyFixture.bytes("<u1"))
        let long: [Int64] = [
            .min, .max, 0, 1, .max / 3, .min / 3 - 1, .max - 1, 5, 17, 100, 42, 99,
        ]
        #expect(NumPyArray.encode(long, shape: [3, 4]) == NumPyFixture.bytes("<i8"))
    }

    @Test func writingAndReadingBack() throws {
        let scratch = try TemporaryFolder()
        let array = NumPyArray(shape: [2, 1, 3], values: [1, -2.5, .pi, 0, 1e-30, -1e30])
        try array.write(path: scratch("array.npy"))
        #expect(try NumPyArray.read(path: scratch("array.npy")) == array)
    }

    @Test(arguments: [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "{\"shape\":(2,),\"descr\":\"<f4\",\"fortran_order\":False}\n",
        " {  'shape' : ( 2L , ) , 'fortran_order' : False , 'descr' : 'f4' , }   \n",
    ])
    func spacing(dictionary: String) throws {
        let array = try read(dictionary: dictionary, values: [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
        #expect(array.values == [1, 2] && array.shape == [2])
    }

    @Test(arguments: [
        "", "{}", "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2305843009213693952,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
    ])
    func damagedHeads(dictionary: String) throws {
        let error = failure { () throws(ImageError) in
            try read(dictionary: dictionary, values: [0, 0, 0, 0, 0, 0, 0, 0])
        }
        guard case .damaged? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: NumPyFixture.shared.refused)
    func refused(_ fixture: NumPyFixture.Case) throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("array.npy", fixture.bytes)
        guard case .unsupported(path, let reason)? = failure({ () throws(ImageError) in try NumPyReader(path: path) })
        else {
            Issue.record("was read")
            return
        }
        let expected = ["records": "records", "Python objects": "Python objects", "text": "\"<U2\""]
        #expect(reason.contains(expected[fixture.name] ?? "of type"))
    }

    @Test func truncated() throws {
        let scratch = try TemporaryFolder()
        for name in ["three axes", "version 2.0", "three axes in Fortran order"] {
            let bytes = NumPyFixture.bytes(name)
            for count in 1..<bytes.count {
                let path = try scratch.write("array.npy", Array(bytes.prefix(count)))
                guard case .truncated(path, _)? = failure({ () throws(ImageError) in try NumPyArray.read(path: path) })
                else {
                    Issue.record("\(count) bytes of \(name)")
                    return
                }
            }
        }
    }

    @Test func otherFiles() throws {
        let scratch = try TemporaryFolder()
        let path = try scratch.write("array.npy", Array("hello".utf8))
        #expect(
            failure { () throws(ImageError) in try NumPyArray.read(path: path) }
                == .unsupported(path: path, reason: "it is no NumPy array (.npy): it is a text file"))
        let missing = scratch("missing.npy")
        #expect(failure { () throws(ImageError) in try NumPyArray.read(path: missing) } == .noSuchFile(path: missing))
    }

    private func read(dictionary: String, values: [UInt8]) throws(ImageError) -> NumPyArray {
        let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(dictionary.utf8.count), 0] + Array(dictionary.utf8)
        let scratch: TemporaryFolder
        let path: String
        do {
            scratch = try TemporaryFolder()
            path = try scratch.write("array.npy", bytes + values)
        } catch {
            throw .unwritable(path: "scratch", reason: "\(error)")
        }
        return try withExtendedLifetime(scratch) { () throws(ImageError) in try NumPyArray.read(path: path) }
    }
}
