/// Deflate (RFC 1951) with the fixed code; runs of one byte, 3 to 10 at a time, are its only matches.
func deflate(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [], bits = 0
    func write(_ value: Int, _ count: Int) {
        for shift in (0..<count).reversed() {
            if bits % 8 == 0 { out.append(0) }
            out[out.count - 1] |= UInt8((value >> shift) & 1) << (bits % 8)
            bits += 1
        }
    }
    write(0b110, 3)  // the last block; of type 1, whose lower bit comes first
    var i = 0
    while i < bytes.count {
        var run = 0
        while i > 0, run < 10, i + run < bytes.count, bytes[i + run] == bytes[i - 1] { run += 1 }
        if run >= 3 {
            write(run - 2, 7)  // lengths 3…10 are symbols 257…264
            write(0, 5)  // from one byte back
            i += run
        } else {
            let value = Int(bytes[i])
            value < 144 ? write(0x30 + value, 8) : write(0x190 + value - 144, 9)
            i += 1
        }
    }
    write(0, 7)  // symbol 256: the end
    return out
}

func bigEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

/// A PNG file (RFC 2083) of 28×28 gray pixels, rows unfiltered, in a zlib stream (RFC 1950).
func plainPNG(_ pixels: [UInt8]) -> [UInt8] {
    func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        var crc: UInt32 = .max
        for byte in Array(type.utf8) + data {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return bigEndian(UInt32(data.count)) + Array(type.utf8) + data + bigEndian(~crc)
    }
    let rows = (0..<28).flatMap { [0] + pixels[28 * $0..<28 * $0 + 28] }
    var low: UInt32 = 1, high: UInt32 = 0  // Adler-32
    for byte in rows {
        low = (low + UInt32(byte)) % 65521
        high = (high + low) % 65521
    }
    let header = bigEndian(28) + bigEndian(28) + [8, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
        + chunk("IDAT", [0x78, 0x01] + deflate(rows) + bigEndian(high << 16 | low)) + chunk("IEND", [])
}
