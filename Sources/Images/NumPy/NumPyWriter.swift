import ByteStreams
import Requirements

/// Writes a NumPy file (`.npy`) row by row, without knowing how many rows there will be.
///
/// After every flush, which comes by itself for each megabyte, the number of rows in the head is brought up to date. So
/// at any moment, also after the process was killed, the file is a valid array of the rows flushed.
package final class NumPyWriter<Scalar: NumPyScalar> {
    package let path: String
    package let rowShape: [Int]
    /// Rows appended so far.
    package private(set) var rowCount = 0

    private let rowSize: Int
    private let file: OutputFile<ImageError>
    private var pending: [Scalar] = []
    private var flushedRows = 0
    private var end: Int

    private static var pieceSize: Int { 1 << 20 }

    /// Creates the file, or empties the one that is there: an array of no rows.
    ///
    /// - Throws: `unwritable`.
    package init(path: String, rowShape: [Int]) throws(ImageError) {
        require(rowShape.allSatisfy { $0 >= 1 }, "rows of shape \(rowShape)")
        self.path = path
        self.rowShape = rowShape
        rowSize = rowShape.reduce(1, *)
        file = try OutputFile<ImageError>(creating: path)
        let head = NumPyHeader.encode(typeString: Scalar.numPyTypeString, shape: [0] + rowShape)
        end = head.count
        try write(head, at: 0)
    }

    /// What was appended is written even where `finish` was never reached; that this may fail is what `finish` is for.
    deinit {
        try? flush()
    }

    /// Adds one or more rows.
    ///
    /// - Precondition: whole rows.
    /// - Throws: `unwritable` (a full disk, say); the rows of earlier flushes stay.
    package func append(_ rows: [Scalar]) throws(ImageError) {
        require(rows.count % rowSize == 0, "\(rows.count) values for rows of shape \(rowShape)")
        pending.append(contentsOf: rows)
        rowCount += rows.count / rowSize
        if pending.count * MemoryLayout<Scalar>.stride >= Self.pieceSize { try flush() }
    }

    /// Writes what is pending, and then the number of rows.
    ///
    /// - Throws: `unwritable`.
    package func flush() throws(ImageError) {
        guard flushedRows < rowCount else { return }
        try write(pending, at: end)
        // The head keeps its length, whatever the number.
        try write(NumPyHeader.encode(typeString: Scalar.numPyTypeString, shape: [rowCount] + rowShape), at: 0)
        end += pending.count * MemoryLayout<Scalar>.stride
        pending.removeAll(keepingCapacity: true)
        flushedRows = rowCount
    }

    /// Writes what is pending and waits for the disk.
    ///
    /// - Throws: `unwritable`.
    package func finish() throws(ImageError) {
        try flush()
        try file.synchronize()
    }

    private func write<Value>(_ values: [Value], at offset: Int) throws(ImageError) {
        try values.withUnsafeBufferPointer { (values) throws(ImageError) in
            try file.write(UnsafeRawBufferPointer(values), at: offset)
        }
    }
}
