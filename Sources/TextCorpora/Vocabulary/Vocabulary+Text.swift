import Foundation

/// A text under a vocabulary.
package struct EncodedText: Sendable, Equatable {
    package let ids: [Int32]
    /// Units that the vocabulary lacks, in order of first appearance, and how often each was met. They became the
    /// replacement symbol, or were left out where there is none.
    package let unknown: [UnitCount]
    /// Whether they were left out.
    package let leavesUnknownOut: Bool
    /// How often a unit must stand in the training text for the vocabulary to list it.
    package let minimumCount: Int
    /// Whether the vocabulary has some of the unknown ones in another of Unicode's normalization forms.
    package let isInAnotherForm: Bool

    /// What a user is told of the unknown ones; nil where there are none.
    package var note: String? {
        guard !unknown.isEmpty else { return nil }
        let listed = unknown.prefix(8).map { "\($0.label) (\($0.count)×)" }.joined(separator: ", ")
        let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
        let why = minimumCount > 1 ? "has seen fewer than \(minimumCount) times" : "has never seen"
        return "the model \(why) \(listed)\(more): it "
            + (leavesUnknownOut ? "leaves them out" : "reads them as unknown characters")
            + (isInAnotherForm ? "; " + Vocabulary.normalizationAdvice : "")
    }
}

extension Vocabulary {
    /// The ids of a text. Units that are not listed never fail: see `EncodedText.unknown`.
    package func encode(_ text: String) -> EncodedText { encode(Array(text.utf8)) }

    /// The ids of a text in UTF-8, or of any bytes where bytes are the units.
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
        return EncodedText(
            ids: ids, unknown: order.map { UnitCount(bytes: $0, count: counts[$0] ?? 0) },
            leavesUnknownOut: !hasReplacement, minimumCount: minimumCount,
            isInAnotherForm: order.contains(where: isListedInAnotherForm))
    }

    /// What to do about units of which `isListedInAnotherForm` is true.
    package static let normalizationAdvice =
        "it knows some in another normalization form: write them as its text does, in NFC or in NFD"

    /// Whether a unit that is not listed is canonically equivalent to units that are, or is a mark of one.
    package func isListedInAnotherForm(_ unit: some Collection<UInt8>) -> Bool {
        guard self.unit != .byte, unit.contains(where: { $0 >= 0x80 }) else { return false }
        let text = String(decoding: unit, as: UTF8.self)
        let others = [text.decomposedStringWithCanonicalMapping, text.precomposedStringWithCanonicalMapping]
        let isRespelled = others.contains { other in
            let bytes = Array(other.utf8)
            return !bytes.elementsEqual(unit) && Self.units(of: bytes, self.unit).allSatisfy { id(ofUnit: $0) != nil }
        }
        guard !isRespelled, let mark = text.unicodeScalars.first, mark.properties.generalCategory == .nonspacingMark
        else { return isRespelled }
        return (0..<table.count).contains { id in
            let listed = String(decoding: table[id], as: UTF8.self)
            return listed.decomposedStringWithCanonicalMapping.unicodeScalars.dropFirst().contains(mark)
        }
    }

    /// The text that ids stand for. The replacement symbol and bytes that are not UTF-8 become U+FFFD.
    package func decode(_ ids: some Sequence<Int32>) -> String {
        String(decoding: ids.lazy.flatMap { bytes(of: $0) }, as: UTF8.self)
    }

    /// The units of a text as it spells them.
    package func units(of text: [UInt8]) -> [[UInt8]] { Self.units(of: text, unit) }

    /// Whether a unit has an id, its own or that of the replacement symbol: else it is left out.
    package func isRead(_ unit: [UInt8]) -> Bool { hasReplacement || id(ofUnit: unit) != nil }

    private static func units(of text: [UInt8], _ unit: TextUnit) -> [[UInt8]] {
        switch unit {
        case .scalar: String(decoding: text, as: UTF8.self).unicodeScalars.map { Array(String($0).utf8) }
        case .byte: text.map { [$0] }
        case .grapheme: String(decoding: text, as: UTF8.self).map { Array($0.utf8) }
        }
    }
}

/// Texts that people type for a model to read or to stop at.
extension Vocabulary {
    /// A text with the line ends of the text that the model was trained on: CR LF and CR become LF where it has seen
    /// none.
    package func foldingLineEnds(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\r")), missing(from: [UInt8(ascii: "\r")]).count > 0 else { return text }
        var filter = LineEndFilter(), input = text, folded: [UInt8] = []
        input.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            // It throws what the closure throws.
            try? filter.apply(base, count: buffer.count, isLast: true) { folded.append(contentsOf: $0) }
        }
        return folded
    }

    package func foldingLineEnds(_ text: String) -> String {
        String(decoding: foldingLineEnds(Array(text.utf8)), as: UTF8.self)
    }

    /// Labels of what no text of the model can hold, as no unit of the vocabulary does: characters of `text`, or bytes.
    package func missing(from text: [UInt8]) -> [String] {
        guard unit != .byte else { return encode(text).unknown.map(\.label) }
        let parts = Set(String(decoding: text, as: UTF8.self).unicodeScalars)
        var absent = parts
        for id in 0..<table.count {
            for scalar in String(decoding: table[id], as: UTF8.self).unicodeScalars { absent.remove(scalar) }
        }
        return absent.sorted().map { unitLabel(Array(String($0).utf8)) }
    }
}

/// Turns ids into text as they arrive, in pieces that can be printed at once.
///
///     var decoder = StreamingDecoder(vocabulary)
///     for id in sampled { print(decoder.append(id), terminator: "") }
///     print(decoder.finish())
///
/// With `TextUnit.byte` a character is given out when its last byte has arrived; bytes that cannot become one turn
/// into U+FFFD. The pieces joined are the text that `Vocabulary.decode` gives.
package struct StreamingDecoder: Sendable {
    private let vocabulary: Vocabulary
    private var pending: [UInt8] = []

    package init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    /// The text that one more id completes; often empty with bytes, never otherwise.
    package mutating func append(_ id: Int32) -> String { String(decoding: appendBytes(id), as: UTF8.self) }

    /// What is left when no more ids come: U+FFFD where they end inside a character.
    package mutating func finish() -> String { String(decoding: finishBytes(), as: UTF8.self) }

    /// The bytes that one more id completes, valid UTF-8 or not: the pieces joined are the bytes of all ids.
    package mutating func appendBytes(_ id: Int32) -> ArraySlice<UInt8> { append(vocabulary.bytes(of: id)) }

    /// The bytes that one more unit completes, as it is spelled.
    package mutating func append(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard vocabulary.unit == .byte else { return bytes }
        pending.append(contentsOf: bytes)
        let whole = pending.withUnsafeBufferPointer { Self.completeCount($0) }
        defer { pending.removeFirst(whole) }
        return pending[..<whole]
    }

    package mutating func finishBytes() -> ArraySlice<UInt8> {
        defer { pending = [] }
        return pending[...]
    }

    /// Bytes before a character that more bytes could still complete.
    private static func completeCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var start = 0
        while true {
            switch UTF8Validation.check(UnsafeBufferPointer(rebasing: bytes[start...])) {
            case .valid: return bytes.count
            case .incomplete(let index): return start + index
            case .invalid(let index): start += index + 1
            }
        }
    }
}
