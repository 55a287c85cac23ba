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

    /// The same as it is, valid UTF-8 or not: the pieces joined are the bytes of all ids.
    package mutating func appendBytes(_ id: Int32) -> ArraySlice<UInt8> {
        let bytes = vocabulary.bytes(of: id)
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
