/// Names of pictures as they stand in the fingerprint of a collection, which must stay as it is.
enum DisplayName {
    /// Bytes that are no UTF-8 become `\xNN`.
    static func text(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        var decoder = UTF8()
        var position = bytes.startIndex
        while position < bytes.endIndex {
            var iterator = bytes[position...].makeIterator()
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                text.unicodeScalars.append(scalar)
                position = bytes.index(position, offsetBy: UTF8.width(scalar))
            case .error, .emptyInput:
                let digits = String(bytes[position], radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
                position = bytes.index(after: position)
            }
            decoder = UTF8()
        }
        return text
    }
}
