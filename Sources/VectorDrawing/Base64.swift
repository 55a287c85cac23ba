/// Base 64 (RFC 4648), for pictures inside text.
package enum Base64 {
    package static func encoded(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for first in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[first..<min(first + 3, bytes.count)]
            var bits: UInt32 = 0
            for position in 0..<3 { bits = bits << 8 | UInt32(position < group.count ? group[first + position] : 0) }
            for position in 0..<4 {
                let isFilled = position > group.count
                text.append(isFilled ? UInt8(ascii: "=") : digits[Int(bits >> UInt32(18 - 6 * position) & 63)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
