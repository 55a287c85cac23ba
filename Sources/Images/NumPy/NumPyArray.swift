import ByteStreams
import Requirements

/// An array of NumPy's format `.npy`, in memory.
package struct NumPyArray: Sendable, Hashable {
    /// Row-major sizes; empty for a single value.
    package let shape: [Int]
    /// The values, row-major.
    package var values: [Float]
    /// The type that the values had in the file.
    package let storedType: NumPyType

    /// - Precondition: as many values as the shape makes.
    package init(shape: [Int], values: [Float]) {
        require(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
        self.init(shape: shape, values: values, storedType: Float.numPyType)
    }

    private init(shape: [Int], values: [Float], storedType: NumPyType) {
        (self.shape, self.values, self.storedType) = (shape, values, storedType)
    }

    /// Reads a file of versions 1.0 to 3.0: booleans, integers of up to 64 bits, floats of 16, 32 and 64; either byte
    /// order, either order of indices.
    ///
    /// - Throws: as `NumPyReader`.
    package static func read(path: String) throws(ImageError) -> NumPyArray {
        let reader = try NumPyReader(path: path)
        return NumPyArray(
            shape: reader.header.shape, values: try reader.read(rows: 0..<reader.rowCount),
            storedType: reader.header.type)
    }

    /// Where the names of what the rows of an array stand for are, by our own habit: `codes.names.csv` beside `codes.npy`.
    package static func namesPath(beside path: String) -> String {
        (path.lowercased().hasSuffix(".npy") ? String(path.dropLast(4)) : path) + ".names.csv"
    }

    /// Writes the values in single precision; the file is replaced as a whole.
    ///
    /// - Throws: `unwritable`.
    package func write(path: String) throws(ImageError) {
        try Self.write(values, shape: shape, path: path)
    }

    /// Writes an array, byte for byte as NumPy does (version 1.0, row-major, little-endian); the file is replaced as a
    /// whole.
    ///
    /// - Precondition: as many values as the shape makes.
    /// - Throws: `unwritable`.
    package static func write<Scalar: NumPyScalar>(
        _ values: [Scalar], shape: [Int], path: String
    ) throws(ImageError) {
        let bytes = encode(values, shape: shape)
        try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
            try OutputFile<ImageError>.replace(path, with: UnsafeRawBufferPointer(bytes))
        }
    }

    /// The bytes of a file as ``write(_:shape:path:)`` writes it.
    ///
    /// - Precondition: as many values as the shape makes.
    package static func encode<Scalar: NumPyScalar>(_ values: [Scalar], shape: [Int]) -> [UInt8] {
        require(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
        return NumPyHeader.encode(typeString: Scalar.numPyTypeString, shape: shape) + values.withUnsafeBytes(Array.init)
    }
}
