import Requirements

/// The head of a file in NumPy's format `.npy` (NEP 1; versions 1.0, 2.0 and 3.0): a mark, a version, and a Python
/// dictionary of three entries.
package struct NumPyHeader: Sendable, Hashable {
    package let type: NumPyType
    /// Row-major sizes; empty for a single value.
    package let shape: [Int]
    /// The first index runs fastest in the file, not the last.
    package let isFortranOrder: Bool
    /// Where in the file the values begin.
    package let dataOffset: Int
    /// How many values the shape makes.
    package let valueCount: Int

    static let mark: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// Bytes from the beginning that are enough to know the dictionary's length, in any version.
    static let prefixLength = 12
    /// Longer dictionaries are refused, as NumPy does.
    private static let longest = 10_000

    /// - Parameter prefix: the first 12 bytes, or all there are.
    /// - Returns: where the dictionary lies in the file.
    static func dictionaryRange(_ prefix: some Collection<UInt8>, path: String) throws(ImageError) -> Range<Int> {
        let bytes = Array(prefix)
        guard bytes.starts(with: mark.prefix(bytes.count)) && !bytes.isEmpty else {
            let kind = bytes.withUnsafeBytes { ContentKind(head: $0) }
            throw .unsupported(path: path, reason: "it is no NumPy array (.npy): it is \(kind)")
        }
        guard bytes.count > 9 else { throw .truncated(path: path, reason: "the data end in the head") }
        let (start, length): (Int, Int)
        switch bytes[6] {
        case 1:
            (start, length) = (10, Int(bytes[8]) | Int(bytes[9]) << 8)
        case 2, 3:
            guard bytes.count >= 12 else { throw .truncated(path: path, reason: "the data end in the head") }
            (start, length) = (12, (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) })
        default:
            throw .unsupported(path: path, reason: "it is of version \(bytes[6]).\(bytes[7]) of the NumPy format")
        }
        guard length <= longest else {
            throw .damaged(path: path, reason: "its head claims to be \(length) bytes long")
        }
        return start..<start + length
    }

    /// - Parameters:
    ///   - dictionary: the bytes at `dictionaryRange`.
    ///   - dataOffset: the end of that range.
    init(dictionary: some Collection<UInt8>, dataOffset: Int, path: String) throws(ImageError) {
        var parser = NumPyDictionaryParser(Array(dictionary))
        guard let entries = parser.parse() else {
            throw .damaged(path: path, reason: "its head is not the dictionary that the NumPy format prescribes")
        }
        guard case .text(let typeString) = entries.type, let type = NumPyType(typeString: typeString) else {
            throw .unsupported(
                path: path, reason: "its values are \(entries.type.description); numbers of up to 64 bits are read")
        }
        var count = 1
        for size in entries.shape where size > 0 {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            // So that no number of bytes overflows either.
            guard !overflows, product <= Int.max >> 4 else {
                throw .damaged(path: path, reason: "its shape \(Self.text(entries.shape)) is impossible")
            }
            count = product
        }
        self.type = type
        self.shape = entries.shape
        self.dataOffset = dataOffset
        isFortranOrder = entries.isFortranOrder
        valueCount = shape.contains(0) ? 0 : count
    }

    /// The head that NumPy writes (version 1.0): the values begin at a multiple of 64, and the first size has room for
    /// 21 digits, so that it can be rewritten when rows are added.
    static func encode(typeString: String, shape: [Int]) -> [UInt8] {
        var text = "{'descr': '\(typeString)', 'fortran_order': False, 'shape': \(Self.text(shape)), }"
        if let rows = shape.first { text += String(repeating: " ", count: 21 - String(rows).count) }
        let unpadded = mark.count + 4 + text.utf8.count + 1
        text += String(repeating: " ", count: 64 - unpadded % 64) + "\n"
        let length = text.utf8.count
        require(length <= 0xffff, "a shape of \(shape.count) dimensions does not fit the head of a NumPy file")
        return mark + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
    }

    /// A shape as Python writes it: "()", "(3,)", "(3, 4)".
    static func text(_ shape: [Int]) -> String {
        "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
    }
}
