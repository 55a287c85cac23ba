import FileTrees

/// The head of an IDX file, the format of the MNIST data: two zero bytes, a type, the number of dimensions, and the
/// dimensions as 32-bit integers, most significant byte first. The values follow, row-major.
package struct IDXHeader: Sendable, Hashable {
    /// Byte 2: 0x08 stands for unsigned bytes.
    package let typeCode: UInt8
    package let dimensions: [Int]

    /// Names of the type codes.
    static let typeCodes: [UInt8: String] = [
        0x08: "unsigned bytes", 0x09: "signed bytes", 0x0b: "16-bit integers", 0x0c: "32-bit integers",
        0x0d: "32-bit floats", 0x0e: "64-bit floats",
    ]

    /// Images by what the head says: unsigned bytes of three or four dimensions.
    package var holdsImages: Bool { typeCode == 0x08 && (3...4).contains(dimensions.count) }
    /// Labels by what the head says: unsigned bytes of one dimension.
    package var holdsLabels: Bool { typeCode == 0x08 && dimensions.count == 1 }

    /// How many values the dimensions make; nil where that is beyond what a machine can address.
    var valueCount: Int? {
        dimensions.reduce(1 as Int?) { product, dimension in
            guard let product else { return nil }
            let (next, overflows) = product.multipliedReportingOverflow(by: dimension)
            return overflows ? nil : next
        }
    }

    /// Reads the head from the beginning of the data.
    init(_ stream: DataStream) throws(ImageError) {
        let mark = try Self.take(4, from: stream)
        guard !mark.isEmpty else { throw .truncated(path: stream.path, reason: "it is empty") }
        guard mark.count == 4, mark[0] == 0, mark[1] == 0, Self.typeCodes[mark[2]] != nil, mark[3] > 0 else {
            throw .unsupported(path: stream.path, reason: "it is no IDX file: it does not begin like one")
        }
        let sizes = try Self.take(4 * Int(mark[3]), from: stream)
        guard sizes.count == 4 * Int(mark[3]) else {
            throw .truncated(path: stream.path, reason: "the data end inside the dimensions")
        }
        typeCode = mark[2]
        dimensions = (0..<Int(mark[3])).map { index in
            sizes[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) }
        }
    }

    private static func take(_ count: Int, from stream: DataStream) throws(ImageError) -> [UInt8] {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { bytes.deallocate() }
        return Array(bytes.prefix(try stream.read(into: bytes)))
    }
}
