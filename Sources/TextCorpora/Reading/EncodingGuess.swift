/// Which encodings make sense of data that are not valid UTF-8.
enum EncodingGuess {
    /// An encoding, and characters that make up much of any text for which people use it.
    private struct Candidate {
        let name: String
        let common: Set<Unicode.Scalar>
        /// One in thousands of characters is in the set by chance where characters take two bytes, but one in two or
        /// three where they take one.
        let weight: Double

        init(_ name: String, _ common: String, weight: Double) {
            self.name = name
            self.common = Set(common.unicodeScalars)
            self.weight = weight
        }

        /// The weighted share of common characters among those outside ASCII, or nil where there are none. A capital
        /// after a small letter, or a Cyrillic letter after a Latin one, does not count.
        func score(_ text: String) -> Double? {
            var foreign = 0
            var plausible = 0
            var previous: Unicode.Scalar = " "
            for scalar in text.unicodeScalars {
                defer { previous = scalar }
                guard !scalar.isASCII else { continue }
                foreign += 1
                let isCyrillic = (0x400...0x52f).contains(scalar.value)
                let breaksCase = scalar.properties.isUppercase && previous.properties.isLowercase
                let breaksScript = isCyrillic && previous.isASCII && previous.properties.isAlphabetic
                if common.contains(scalar) && !breaksCase && !breaksScript { plausible += 1 }
            }
            return foreign == 0 ? nil : min(1, weight * Double(plausible) / Double(foreign))
        }
    }

    /// Data beyond this are not looked at.
    private static let sampleSize = 64 << 10

    /// Up to three names, most likely first; empty where nothing makes sense.
    ///
    /// The encoding that was `tried` in vain is left out. A candidate must decode the whole sample, and the more of it
    /// is common in its language, the better.
    static func likely(_ data: UnsafeRawBufferPointer, except tried: String) -> [String] {
        let sample = Array(data.prefix(sampleSize))
        var scores: [(name: String, score: Double)] = []
        for candidate in candidates() where EncodingName.plain(candidate.name) != EncodingName.plain(tried) {
            guard let text = decode(sample, as: candidate.name) else { continue }
            let hasControls = text.unicodeScalars.contains {
                $0.value < 0x20 && !(7...13).contains($0.value) && $0.value != 0x1b
            }
            guard !hasControls, let score = candidate.score(text) else { continue }
            scores.append((candidate.name, score))
        }
        // The sort is not stable, so candidates that draw keep their order by index.
        let ranked = scores.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
        let best = ranked.first?.element.score ?? 0
        return ranked.filter { $0.element.score >= max(0.1, best / 2) }.prefix(3).map(\.element.name)
    }

    private static func decode(_ sample: [UInt8], as name: String) -> String? {
        guard let converter = try? EncodingConverter(encoding: name) else { return nil }
        var input = sample
        var output = [UInt8](repeating: 0, count: 4 * sample.count + 16)
        return input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target in
                let (outcome, consumed, produced) = converter.convert(source, into: target)
                // The sample may end inside a character.
                guard outcome == .done || (outcome == .incomplete && consumed + 4 > source.count) else { return nil }
                return String(decoding: target.prefix(produced), as: UTF8.self)
            }
        }
    }

    private static func candidates() -> [Candidate] {
        let kana = "のにはをたがでてとしれさあるいもなかっらこりくすんまそうけきみつよ、。「」ー・ンスルトイアラリクタシ"
        let simplified = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事，。、：；！？“”"
        let traditional = "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於起還發成事，。、：；！？「」"
        let korean = "이다는에의가을를고하지한로도은서기나사그아자리어있시일해들대인수정"
        let russian = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОЕАИНТСРВЛКМДПУЯГЗБ"
        let western = "éèêëàâáãäåçñïîíóôöõøùûúüßæÉÈÀÂÄÖÜÅØÇÑœ’‘“”–—…«»°§£€©·"
        return [
            Candidate("gb18030", simplified, weight: 2), Candidate("big5", traditional, weight: 2),
            Candidate("shift-jis", kana, weight: 2),
            Candidate("euc-jp", kana, weight: 2), Candidate("euc-kr", korean, weight: 2),
            Candidate("windows-1251", russian, weight: 1),
            Candidate("koi8-r", russian, weight: 1), Candidate("windows-1252", western, weight: 1),
            Candidate("iso-8859-1", western, weight: 1),
            Candidate("utf-16le", simplified + kana + western, weight: 1),
            Candidate("utf-16be", simplified + kana + western, weight: 1),
        ]
    }
}
