/// Which encodings make sense of data that are not valid UTF-8.
///
/// Every encoding that people used is tried, and what comes out is weighed (`TextLikelihood`). Encodings that give the
/// same text count as one, under the first name of the list. Where the best reading does not stand out from the next,
/// both are returned: a name that stands alone is right in 95 of 100 cases.
package enum EncodingGuess {
    /// The encodings tried; those that came later, hold more characters, or were more common come first.
    package static let candidates = [
        "windows-1252", "windows-1250", "windows-1251", "windows-1253", "windows-1254", "windows-1255",
        "windows-1256", "windows-1257", "windows-1258", "shift-jis", "euc-jp", "euc-kr", "gb18030", "big5", "tis-620",
        "cp874", "cp949", "cp950", "cp932", "big5-hkscs", "euc-tw", "johab", "iso-8859-1", "iso-8859-15", "iso-8859-2",
        "iso-8859-16", "iso-8859-5", "iso-8859-7", "iso-8859-6", "iso-8859-8", "iso-8859-9", "iso-8859-13",
        "iso-8859-4", "iso-8859-3", "koi8-r", "koi8-u", "macintosh", "mac-centraleurope", "mac-cyrillic",
        "cp850", "cp437", "cp852", "cp866", "cp1125", "cp855", "cp737", "cp869", "cp857", "cp862", "cp775", "cp861",
        "cp865", "cp860", "viscii", "tcvn",
    ]
    /// The encodings tried for data with NUL bytes, which no other encoding has in a text.
    static let wideCandidates = ["utf-16le", "utf-16be", "utf-32le", "utf-32be"]

    /// What all candidates are weighed by, and what the best of them are weighed by once more: some encodings differ in
    /// a character that is rare.
    private static let sampleSizes = [6 << 10, 64 << 10]
    /// Two readings this near to each other (in nats) are not told apart.
    private static let leastMargin = 6.0
    /// Worse than this a character or a byte, on the average, is no text in any language listed. Chance costs 6 and
    /// more where a character is a byte, and 9 and more where it is two.
    private static let largestCosts = (character: 8.0, byte: 5.5)

    /// The encodings that fit, the best first: one where it stands out, up to three where it does not, none where
    /// nothing makes sense. The encoding that was `tried` in vain is left out; those of `wideCandidates` are tried alone
    /// where `isWide`.
    static func likely(_ data: UnsafeRawBufferPointer, except tried: String, isWide: Bool = false) -> [String] {
        guard !isWide || data.count >= 16 else { return [] }
        let tried = EncodingName.plain(tried)
        var names = (isWide ? wideCandidates : candidates).filter { EncodingName.plain($0) != tried }
        var sample: [UInt8] = []
        for size in sampleSizes {
            sample = isWide ? Array(data.prefix(size)) : telling(data, upTo: size)
            names = fitting(names, sample)
        }
        return Array(unlike(names, in: sample).prefix(3))
    }

    /// The first of all that read a sample alike. Screens were drawn with cp437, whatever reads them too.
    private static func unlike(_ names: [String], in sample: [UInt8]) -> [String] {
        var texts: [[UInt8]] = []
        var unlike: [String] = []
        for name in names {
            guard let text = decode(sample, as: name) else { continue }
            if let place = texts.firstIndex(of: text) {
                let isDrawn = String(decoding: text, as: UTF8.self).unicodeScalars.contains {
                    CharacterKind($0).sort == .drawing
                }
                if name == "cp437" && isDrawn { unlike[place] = name }
            } else {
                texts.append(text)
                unlike.append(name)
            }
        }
        return unlike
    }

    /// Of some encodings those that make as much sense of a sample as the best, that first.
    private static func fitting(_ names: [String], _ sample: [UInt8]) -> [String] {
        var kinds: [Unicode.Scalar: CharacterKind] = [:]
        var costs: [[UInt8]: Double] = [:]
        var readings: [(name: String, cost: Double)] = []
        for name in names {
            guard let text = decode(sample, as: name) else { continue }
            let cost = costs[text] ?? self.cost(of: text, from: sample.count, kinds: &kinds)
            costs[text] = cost
            if cost.isFinite { readings.append((name, cost)) }
        }
        // The sort is not stable, so readings that draw keep their order by index.
        let ranked = readings.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
        let best = ranked.first?.element.cost ?? 0
        return ranked.prefix { $0.element.cost - best < leastMargin }.map(\.element.name)
    }

    /// The cost in nats of a text that was decoded from `byteCount` bytes; infinite where it makes no sense.
    private static func cost(
        of text: [UInt8], from byteCount: Int, kinds: inout [Unicode.Scalar: CharacterKind]
    ) -> Double {
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        let cost = TextLikelihood.cost(of: scalars, kinds: &kinds)
        let limit = min(largestCosts.character * Double(scalars.count), largestCosts.byte * Double(byteCount))
        return cost < limit ? cost : .infinity
    }

    /// The lines that hold something beside ASCII, as many as fit a sample: the others tell nothing.
    private static func telling(_ data: UnsafeRawBufferPointer, upTo size: Int) -> [UInt8] {
        var sample: [UInt8] = []
        var lineStart = data.startIndex
        while lineStart < data.endIndex, sample.count < size {
            let rest = data[lineStart...]
            let lineEnd = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.endIndex
            let line = data[lineStart..<lineEnd]
            if line.contains(where: { $0 >= 0x80 }) { sample += line.prefix(size) }
            lineStart = lineEnd
        }
        return sample
    }

    private static func decode(_ sample: [UInt8], as name: String) -> [UInt8]? {
        guard let converter = try? EncodingConverter(encoding: name) else { return nil }
        var input = sample
        var output = [UInt8](repeating: 0, count: 4 * sample.count + 16)
        return input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target in
                let (outcome, consumed, produced) = converter.convert(source, into: target)
                // The sample may end inside a character, which does not speak for the encoding.
                guard outcome == .done || (outcome == .incomplete && consumed + 4 > source.count) else { return nil }
                // Some hold back a character, which a mark may follow.
                let rest = UnsafeMutableRawBufferPointer(rebasing: target[produced...])
                let text = Array(target.prefix(produced + converter.finish(into: rest)))
                return outcome == .done ? text : text + Array("\u{fffd}".utf8)
            }
        }
    }
}
