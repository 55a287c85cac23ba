/// A text under a vocabulary.
package struct EncodedText: Sendable, Equatable {
    package let ids: [Int32]
    /// Units that the vocabulary lacks, in order of first appearance, and how often each was met. They became the
    /// replacement symbol, or were left out where there is none.
    package let unknown: [UnitCount]
}

extension Vocabulary {
    /// The ids of a text. Units that are not listed never fail: see `EncodedText.unknown`.
    package func encode(_ text: String) -> EncodedText { encode(Array(text.utf8)) }

    /// The same of UTF-8; of any bytes where they are the units.
    package func encode(_ text: [UInt8]) -> EncodedText {
        var ids: [Int32] = []
        var order: [[UInt8]] = []
        var counts: [[UInt8]: Int] = [:]
        for unit in Self.units(of: text, unit) {
            if let id = id(ofUnit: unit) {
                ids.append(id)
                continue
            }
            if let replacementId { ids.append(replacementId) }
            if counts[unit] == nil { order.append(unit) }
            counts[unit, default: 0] += 1
        }
        return EncodedText(ids: ids, unknown: order.map { UnitCount(bytes: $0, count: counts[$0] ?? 0) })
    }

    /// The text that ids stand for. The replacement symbol and bytes that are not UTF-8 become U+FFFD.
    package func decode(_ ids: some Sequence<Int32>) -> String {
        String(decoding: ids.lazy.flatMap { bytes(of: $0) }, as: UTF8.self)
    }

    private static func units(of text: [UInt8], _ unit: TextUnit) -> [[UInt8]] {
        switch unit {
        case .scalar: String(decoding: text, as: UTF8.self).unicodeScalars.map { Array(String($0).utf8) }
        case .byte: text.map { [$0] }
        case .grapheme: String(decoding: text, as: UTF8.self).map { Array($0.utf8) }
        }
    }
}
