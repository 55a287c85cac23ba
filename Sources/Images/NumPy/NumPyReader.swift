import ByteStreams
package import FileTrees
import Requirements

/// An open NumPy file (`.npy`), read row by row: whatever its size, no more memory is used than for the rows asked for.
/// May be used from several threads at once.
package final class NumPyReader: Sendable {
    package let header: NumPyHeader
    private let file: InputFile<ImageError>

    package var path: String { file.path }
    /// The first size of the shape; 1 for a single value.
    package var rowCount: Int { header.shape.first ?? 1 }
    package var rowShape: [Int] { Array(header.shape.dropFirst()) }
    /// Values in a row.
    package var rowSize: Int { rowCount == 0 ? rowShape.reduce(1, *) : header.valueCount / rowCount }

    /// Bytes read at a time.
    private static let pieceSize = 256 << 10

    /// Opens a file and reads its head.
    ///
    /// - Throws: `noSuchFile`, `unreadable`, `unsupported`, `damaged`; `truncated` where the file is too short for its
    ///   shape. What lies behind the values is left alone, as NumPy does.
    package convenience init(path: String) throws(ImageError) { try self.init(RawPath(path)) }

    package init(_ path: RawPath) throws(ImageError) {
        file = try InputFile<ImageError>(path)
        guard let size = file.size else {
            throw .unsupported(path: file.path, reason: "it is a pipe or device; NumPy arrays are read from files")
        }
        let prefix = try file.bytes(0..<NumPyHeader.prefixLength)
        let range = try NumPyHeader.dictionaryRange(prefix, path: file.path)
        let dictionary = try file.bytes(range)
        guard dictionary.count == range.count else {
            throw .truncated(path: file.path, reason: "the data end in the head")
        }
        header = try NumPyHeader(dictionary: dictionary, dataOffset: range.upperBound, path: file.path)
        let needed = header.valueCount * header.type.byteCount
        let present = size - header.dataOffset
        guard present >= needed else {
            throw .truncated(
                path: file.path,
                reason:
                    "it holds \(present) of the \(needed) bytes that its shape \(NumPyHeader.text(header.shape)) needs")
        }
    }

    /// Rows, each of the values of `rowShape` in row-major order, whatever the order in the file.
    ///
    /// Cost: in a file of Fortran order up to one passage through the whole file.
    ///
    /// - Precondition: the rows are there.
    /// - Throws: `unreadable`, `outOfMemory`; `truncated` where the file has become shorter.
    package func read(rows: Range<Int>) throws(ImageError) -> [Float] {
        require(
            rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows \(rows) of an array of \(rowCount) rows")
        let count = rows.count * rowSize
        try Memory.check(bytes: 4 * count, for: path)
        var failure: ImageError?
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            let target = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
            target.initialize(repeating: 0)
            initialized = count
            guard count > 0 else { return }
            do throws(ImageError) {
                if header.isFortranOrder && header.shape.count > 1 {
                    try readFortran(rows, into: target)
                } else {
                    try readPieces(from: rows.lowerBound * rowSize, into: target)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }

    /// Calls `body` with all values, in the order of the file, a piece at a time.
    ///
    /// - Parameter body: whether to go on.
    func forEachPiece(_ body: (UnsafeBufferPointer<Float>) -> Bool) throws(ImageError) {
        var values = [Float](repeating: 0, count: min(Self.pieceSize / 4, header.valueCount))
        for first in stride(from: 0, to: header.valueCount, by: max(1, values.count)) {
            let count = min(values.count, header.valueCount - first)
            let goesOn = try values.withUnsafeMutableBufferPointer { (buffer) throws(ImageError) in
                let piece = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
                try readPieces(from: first, into: piece)
                return body(UnsafeBufferPointer(piece))
            }
            if !goesOn { return }
        }
    }

    /// Reads consecutive values of the file.
    private func readPieces(
        from first: Int, into target: UnsafeMutableBufferPointer<Float>
    ) throws(ImageError) {
        let size = header.type.byteCount
        let piece = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(Self.pieceSize, target.count * size), alignment: 16)
        defer { piece.deallocate() }
        var done = 0
        while done < target.count {
            let count = min(piece.count / size, target.count - done)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * size)])
            try readExactly(bytes, at: first + done)
            header.type.convert(UnsafeRawBufferPointer(bytes), into: .init(rebasing: target[done..<done + count]))
            done += count
        }
    }

    /// In Fortran order all first elements of the rows come first, then all second ones (counted with the second index
    /// fastest), and so on: columns. Several are read at once where they are short.
    private func readFortran(_ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(ImageError) {
        let size = header.type.byteCount
        let atOnce = max(1, min(rowSize, Self.pieceSize / (rowCount * size)))
        var place = FortranPlace(shape: rowShape)
        var values = [Float](repeating: 0, count: (atOnce - 1) * rowCount + rows.count)
        for column in stride(from: 0, to: rowSize, by: atOnce) {
            let columns = min(atOnce, rowSize - column)
            try values.withUnsafeMutableBufferPointer { (buffer) throws(ImageError) in
                let span = (columns - 1) * rowCount + rows.count
                try readPieces(from: column * rowCount + rows.lowerBound, into: .init(rebasing: buffer[..<span]))
            }
            for index in 0..<columns {
                for row in 0..<rows.count { target[row * rowSize + place.offset] = values[index * rowCount + row] }
                place.advance()
            }
        }
    }

    private func readExactly(_ bytes: UnsafeMutableRawBufferPointer, at value: Int) throws(ImageError) {
        let count = try file.read(into: bytes, at: header.dataOffset + value * header.type.byteCount)
        guard count == bytes.count else { throw .truncated(path: path, reason: "it has become shorter") }
    }
}

/// Walks a shape with the first index fastest and tells the row-major offset of each place.
private struct FortranPlace {
    private let shape: [Int]
    private let strides: [Int]
    private var indices: [Int]
    private(set) var offset = 0

    init(shape: [Int]) {
        self.shape = shape
        indices = [Int](repeating: 0, count: shape.count)
        var strides = indices
        var stride = 1
        for axis in shape.indices.reversed() {
            strides[axis] = stride
            stride *= shape[axis]
        }
        self.strides = strides
    }

    mutating func advance() {
        for axis in shape.indices {
            indices[axis] += 1
            offset += strides[axis]
            guard indices[axis] == shape[axis] else { return }
            offset -= shape[axis] * strides[axis]
            indices[axis] = 0
        }
    }
}
