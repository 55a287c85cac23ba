/// The type of the values in a NumPy file.
package struct NumPyType: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case boolean, signed, unsigned, float
    }

    package let kind: Kind
    /// Bytes of one value.
    package let byteCount: Int
    package let isBigEndian: Bool

    package init(_ kind: Kind, byteCount: Int, isBigEndian: Bool = false) {
        self.kind = kind
        self.byteCount = byteCount
        self.isBigEndian = isBigEndian
    }

    /// NumPy's type string, such as "<f4"; nil for types that are not read.
    init?(typeString: String) {
        var text = Substring(typeString)
        let order = text.first.flatMap { "<>=|".contains($0) ? $0 : nil }
        if order != nil { text = text.dropFirst() }
        let sizes: [Int]
        switch text.first {
        case "b": (kind, sizes) = (.boolean, [1])
        case "i": (kind, sizes) = (.signed, [1, 2, 4, 8])
        case "u": (kind, sizes) = (.unsigned, [1, 2, 4, 8])
        case "f": (kind, sizes) = (.float, [2, 4, 8])
        default: return nil
        }
        guard let size = Int(text.dropFirst()), sizes.contains(size) else { return nil }
        byteCount = size
        isBigEndian = order == ">" && size > 1
    }

    /// Values as they lie in a file, as single precision: 64-bit values, and 32-bit integers, are rounded to the
    /// nearest. True is 1.
    func convert(_ bytes: UnsafeRawBufferPointer, into result: UnsafeMutableBufferPointer<Float>) {
        switch (kind, byteCount) {
        case (.boolean, _): integers(bytes, result, UInt8.self) { $0 == 0 ? 0 : 1 }
        case (.unsigned, 1): integers(bytes, result, UInt8.self) { Float($0) }
        case (.unsigned, 2): integers(bytes, result, UInt16.self) { Float($0) }
        case (.unsigned, 4): integers(bytes, result, UInt32.self) { Float($0) }
        case (.unsigned, _): integers(bytes, result, UInt64.self) { Float($0) }
        case (.signed, 1): integers(bytes, result, Int8.self) { Float($0) }
        case (.signed, 2): integers(bytes, result, Int16.self) { Float($0) }
        case (.signed, 4): integers(bytes, result, Int32.self) { Float($0) }
        case (.signed, _): integers(bytes, result, Int64.self) { Float($0) }
        case (.float, 2): integers(bytes, result, UInt16.self) { Self.half($0) }
        case (.float, 4): integers(bytes, result, UInt32.self) { Float(bitPattern: $0) }
        case (.float, _): integers(bytes, result, UInt64.self) { Float(Double(bitPattern: $0)) }
        }
    }

    @inline(__always)
    private func integers<Integer: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ result: UnsafeMutableBufferPointer<Float>, _: Integer.Type,
        _ value: (Integer) -> Float
    ) {
        for index in result.indices {
            let stored = bytes.loadUnaligned(fromByteOffset: index * byteCount, as: Integer.self)
            result[index] = value(isBigEndian ? Integer(bigEndian: stored) : Integer(littleEndian: stored))
        }
    }

    /// IEEE 754 binary16. `Float16` is not on every platform.
    private static func half(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 0x1f)
        let fraction = UInt32(bits & 0x3ff)
        switch exponent {
        case 0: return Float(fraction) * 0x1p-24 * (sign == 0 ? 1 : -1)
        case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}

extension NumPyType: CustomStringConvertible {
    /// NumPy's name, such as "float32".
    package var description: String {
        switch kind {
        case .boolean: "bool"
        case .signed: "int\(8 * byteCount)"
        case .unsigned: "uint\(8 * byteCount)"
        case .float: "float\(8 * byteCount)"
        }
    }
}

/// A type that is written to NumPy files.
package protocol NumPyScalar: Sendable, BitwiseCopyable {
    static var numPyType: NumPyType { get }
    /// NumPy's type string.
    static var numPyTypeString: String { get }
}

extension Float: NumPyScalar {
    package static var numPyType: NumPyType { .init(.float, byteCount: 4) }
    package static var numPyTypeString: String { "<f4" }
}

extension UInt8: NumPyScalar {
    package static var numPyType: NumPyType { .init(.unsigned, byteCount: 1) }
    package static var numPyTypeString: String { "|u1" }
}

extension Int64: NumPyScalar {
    package static var numPyType: NumPyType { .init(.signed, byteCount: 8) }
    package static var numPyTypeString: String { "<i8" }
}
