/// Reads the dictionary in the head of a NumPy file: exactly the keys descr, fortran_order and shape, in any order, with
/// any spacing.
struct NumPyDictionaryParser {
    enum TypeEntry: Equatable {
        case text(String)
        /// A list of fields.
        case structure

        var description: String {
            switch self {
            case .text(let text) where text.hasSuffix("O"): "Python objects"
            case .text(let text): "of type \"\(text)\""
            case .structure: "records"
            }
        }
    }

    struct Entries {
        var type: TypeEntry
        var isFortranOrder: Bool
        var shape: [Int]
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The entries; nil where the text is anything but such a dictionary.
    mutating func parse() -> Entries? {
        var type: TypeEntry?
        var isFortranOrder: Bool?
        var shape: [Int]?
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = text(), take(":") else { return nil }
            switch key {
            case "descr" where type == nil:
                if peek("[") { return structured() }
                guard let value = text() else { return nil }
                type = .text(value)
            case "fortran_order" where isFortranOrder == nil:
                if take("True") {
                    isFortranOrder = true
                } else if take("False") {
                    isFortranOrder = false
                } else {
                    return nil
                }
            case "shape" where shape == nil:
                shape = tuple()
                if shape == nil { return nil }
            default:
                return nil
            }
            guard take(",") || peek("}") else { return nil }
        }
        skipSpace()
        guard position == bytes.count, let type, let isFortranOrder, let shape else { return nil }
        return Entries(type: type, isFortranOrder: isFortranOrder, shape: shape)
    }

    /// Records are not read, so where their list ends does not matter.
    private func structured() -> Entries { Entries(type: .structure, isFortranOrder: false, shape: []) }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    private mutating func peek(_ word: String) -> Bool {
        skipSpace()
        return bytes[position...].starts(with: word.utf8)
    }

    private mutating func take(_ word: String) -> Bool {
        guard peek(word) else { return false }
        position += word.utf8.count
        return true
    }

    /// A Python string without escapes.
    private mutating func text() -> String? {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "'") || bytes[position] == UInt8(ascii: "\"")
        else { return nil }
        let start = position + 1
        guard let end = bytes[start...].firstIndex(of: bytes[position]),
            !bytes[start..<end].contains(UInt8(ascii: "\\"))
        else { return nil }
        position = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// A tuple of sizes. Python 2 wrote an L after long ones.
    private mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var sizes: [Int] = []
        var hasComma = false
        while !take(")") {
            guard sizes.isEmpty || hasComma, sizes.count < 64, let size = integer() else { return nil }
            _ = take("L")
            sizes.append(size)
            hasComma = take(",")
        }
        // "(3)" is no tuple.
        return sizes.count == 1 && !hasComma ? nil : sizes
    }

    private mutating func integer() -> Int? {
        skipSpace()
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        position += digits.count
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
