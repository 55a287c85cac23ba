/// What people type for a model to read or to stop at.
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
