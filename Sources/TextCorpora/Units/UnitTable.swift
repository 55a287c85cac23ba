/// The spelling of every unit, by id: one block of bytes and the places where units begin.
package struct UnitTable: Sendable, Equatable {
    private(set) var bytes: [UInt8] = []
    private(set) var starts: [Int] = [0]

    package init() {}

    package var count: Int { starts.count - 1 }

    /// The bytes of unit `id`: its UTF-8, or the byte itself.
    package subscript(id: Int) -> ArraySlice<UInt8> { bytes[starts[id]..<starts[id + 1]] }

    package func byteCount(_ id: Int) -> Int { starts[id + 1] - starts[id] }

    package mutating func append(_ unit: some Sequence<UInt8>) {
        bytes.append(contentsOf: unit)
        starts.append(bytes.count)
    }
}

/// A unit as messages show it: quoted, invalid bytes and characters that cannot be seen or told apart by number.
package func unitLabel(_ unit: some Collection<UInt8>) -> String {
    let text = String(decoding: unit, as: UTF8.self)
    guard text.utf8.elementsEqual(unit) else {
        return unit.map { "byte 0x" + hexadecimal(UInt32($0), width: 2) }.joined(separator: " ")
    }
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        case .nonspacingMark, .enclosingMark, .spacingMark: text.unicodeScalars.count > 1
        // Other blanks look like the common one.
        case .spaceSeparator: scalar == " "
        default: !scalar.properties.isDefaultIgnorableCodePoint
        }
    }
    if text == "\n" { return "line feed" }
    return isPlain
        ? "\"\(text)\"" : text.unicodeScalars.map { "U+" + hexadecimal($0.value, width: 4) }.joined(separator: " ")
}

private func hexadecimal(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
