/// Bytes that are meant to be UTF-8 and may not be, carried by a `String` there and back without loss.
///
/// The system's names and arguments are bytes; a `String` holds valid Unicode only. A byte that is not part of valid
/// UTF-8 therefore stands in a text as a *carrier*, the private-use scalar U+10FE00 + byte: 0xE9 is U+10FEE9. Should the
/// bytes hold the UTF-8 of a carrier, each of its bytes is carried likewise, so that different bytes are always
/// different texts. (Python does the same with surrogates, which a Swift string cannot hold.)
package enum ByteText {
    private static let base: UInt32 = 0x10_FE00

    /// The text that stands for some bytes.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        var position = bytes.startIndex
        while position < bytes.endIndex {
            var decoder = UTF8(), iterator = bytes[position...].makeIterator()
            if case .scalarValue(let scalar) = decoder.decode(&iterator), byte(carriedBy: scalar) == nil {
                text.append(scalar)
                position = bytes.index(position, offsetBy: UTF8.width(scalar))
            } else {
                text.append(Unicode.Scalar(base + UInt32(bytes[position]))!)
                position = bytes.index(after: position)
            }
        }
        return String(text)
    }

    /// The bytes that a text stands for: its UTF-8, carriers replaced by what they carry.
    package static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if let byte = byte(carriedBy: scalar) {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
        return bytes
    }

    /// The byte that a scalar carries; nil for one that is no carrier.
    package static func byte(carriedBy scalar: Unicode.Scalar) -> UInt8? {
        (base + 0x80...base + 0xFF).contains(scalar.value) ? UInt8(scalar.value - base) : nil
    }

    /// Whether a text stands for valid UTF-8.
    package static func isUTF8(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { byte(carriedBy: $0) == nil }
    }
}
