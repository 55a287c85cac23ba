import Foundation
import Images
import Testing
import TestSupport

@Suite struct CodecsNumPyWriterTests {
    /// Whatever the number of rows, the file is what NumPy would write of them at once.
    @Test(arguments: [0, 1, 9, 10, 99, 100, 1001])
    func sameAsAtOnce(rows: Int) throws {
        let scratch = try TemporaryFolder()
        let values = (0..<rows * 6).map { Float($0) * 0.5 }
        let writer = try NumPyWriter<Float>(path: scratch("rows.npy"), rowShape: [2, 3])
        for row in 0..<rows {
            try writer.append(Array(values[row * 6..<row * 6 + 6]))
            if row % 7 == 3 { try writer.flush() }
        }
        #expect(writer.rowCount == rows)
        try writer.finish()
        let written = try Data(contentsOf: URL(fileURLWithPath: scratch("rows.npy")))
        #expect(Array(written) == NumPyArray.encode(values, shape: [rows, 2, 3]))
    }

    /// Between flushes the file holds the rows of the last one, as after a kill; a copy of the file stands for that.
    @Test func validAtAnyMoment() throws {
        let scratch = try TemporaryFolder()
        let writer = try NumPyWriter<UInt8>(path: scratch("rows.npy"), rowShape: [3])
        #expect(try NumPyArray.read(path: scratch("rows.npy")).shape == [0, 3])
        try writer.append([1, 2, 3, 4, 5, 6])
        #expect(try NumPyArray.read(path: scratch("rows.npy")).shape == [0, 3])
        try writer.flush()
        #expect(try NumPyArray.read(path: scratch("rows.npy")).values == [1, 2, 3, 4, 5, 6])
        try writer.append([7, 8, 9])
        #expect(try NumPyArray.read(path: scratch("rows.npy")).shape == [2, 3])
        // The worst moment: the rows are there, the head does not count them yet.
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: scratch("rows.npy"))))
        bytes += [7, 8, 9]
        let cut = try NumPyArray.read(path: scratch.write("cut.npy", bytes))
        #expect(cut.shape == [2, 3] && cut.values == [1, 2, 3, 4, 5, 6])
        try writer.finish()
        #expect(try NumPyArray.read(path: scratch("rows.npy")).values == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    }

    /// Rows come to the disk by themselves, so that little is lost to a kill.
    @Test func flushesByItself() throws {
        let scratch = try TemporaryFolder()
        let writer = try NumPyWriter<Int64>(path: scratch("rows.npy"), rowShape: [])
        try writer.append([Int64](repeating: 5, count: 200_000))
        #expect(try NumPyReader(path: scratch("rows.npy")).rowCount == 200_000)
        try writer.finish()
    }

    @Test func writesWhatIsLeftWhenItGoes() throws {
        let scratch = try TemporaryFolder()
        do {
            let writer = try NumPyWriter<Float>(path: scratch("rows.npy"), rowShape: [2])
            try writer.append([1, 2])
        }
        #expect(try NumPyArray.read(path: scratch("rows.npy")).values == [1, 2])
    }

    @Test func replacesALongerFile() throws {
        let scratch = try TemporaryFolder()
        try scratch.write("rows.npy", [UInt8](repeating: 9, count: 5000))
        let writer = try NumPyWriter<Float>(path: scratch("rows.npy"), rowShape: [1])
        try writer.append([4])
        try writer.finish()
        let written = try Data(contentsOf: URL(fileURLWithPath: scratch("rows.npy")))
        #expect(Array(written) == NumPyArray.encode([4] as [Float], shape: [1, 1]))
    }

    @Test func unwritable() throws {
        let scratch = try TemporaryFolder()
        let path = scratch("no such folder/rows.npy")
        let reason = "No such file or directory"
        #expect(
            failure { () throws(ImageError) in try NumPyWriter<Float>(path: path, rowShape: [2]) }
                == .unwritable(path: path, reason: reason))
        #expect(
            failure { () throws(ImageError) in try NumPyArray.write([1] as [Float], shape: [1], path: path) }
                == .unwritable(path: path, reason: reason))
        let picture = Picture(width: 1, height: 1, channels: 1, filledWith: 0)
        #expect(
            failure { () throws(ImageError) in try PNG.write(picture, path: path) }
                == .unwritable(path: path, reason: reason))
        // A full disk.
        let full = failure { () throws(ImageError) in try NumPyWriter<Float>(path: "/dev/full", rowShape: [1]) }
        #expect(full == .unwritable(path: "/dev/full", reason: "No space left on device"))
        #expect(
            failure { () throws(ImageError) in try PNG.write(picture, path: "/dev/full") }
                == .unwritable(path: "/dev/full", reason: "No space left on device"))
    }
}
