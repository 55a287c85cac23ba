/// Which encodings make sense of data that are not valid UTF-8.
enum EncodingGuess {
    /// An encoding, and characters that make up much of any text for which people use it.
    private struct Candidate {
        let name: String
        let common: Set<Unicode.Scalar>

        init(_ name: String, _ common: String) {
            self.name = name
            self.common = Set(common.unicodeScalars)
        }
    }

    /// Data beyond this are not looked at.
    private static let sampleSize = 64 << 10

    /// Up to three names, most likely first; empty where nothing makes sense.
    ///
    /// The encoding that was `tried` in vain is left out. A candidate must decode the whole sample. Its score is the share of common characters of its language among
    /// the scalars outside ASCII.
    static func likely(_ data: UnsafeRawBufferPointer, except tried: String) -> [String] {
        let sample = Array(data.prefix(sampleSize))
        var scores: [(name: String, score: Double)] = []
        for candidate in candidates() where EncodingName.plain(candidate.name) != EncodingName.plain(tried) {
            guard let text = decode(sample, as: candidate.name) else { continue }
            let foreign = text.unicodeScalars.filter { !$0.isASCII }
            let controls = text.unicodeScalars.contains {
                $0.value < 0x20 && !(7...13).contains($0.value) && $0.value != 0x1b
            }
            guard !foreign.isEmpty, !controls else { continue }
            let common = foreign.count { candidate.common.contains($0) }
            scores.append((candidate.name, Double(common) / Double(foreign.count)))
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
            Candidate("gb18030", simplified), Candidate("big5", traditional), Candidate("shift-jis", kana),
            Candidate("euc-jp", kana), Candidate("euc-kr", korean), Candidate("windows-1251", russian),
            Candidate("koi8-r", russian), Candidate("windows-1252", western), Candidate("iso-8859-1", western),
            Candidate("utf-16le", simplified + kana + western), Candidate("utf-16be", simplified + kana + western),
        ]
    }
}
