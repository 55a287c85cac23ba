import Foundation
import LanguageModels
import TextCorpora

extension FuzzTarget {
    static let vocabulary = FuzzTarget(
        "vocabulary",
        "Vocabularies as JSON: ours as stored with a run, and those of others. What is accepted is written and read again "
            + "as the same, and every unit of it has its id",
        words: [
            "\"unit\":\"scalar\"", "\"unit\":\"byte\"", "\"unit\":\"grapheme\"", "\"units\":\"", "\"clusters\":[",
            "\"minimum_count\":", "\"has_replacement\":true", "\"replaced_in_training\":", "<unk>", "\\u0000",
            "\\ud83d\\ude00",
        ],
        seeds: {
            [
                #"{"has_replacement":true,"minimum_count":1,"replaced_in_training":0,"unit":"scalar","units":"\n abc\u00e9"}"#,
                #"{"has_replacement":false,"minimum_count":2,"replaced_in_training":3,"unit":"byte","units":"0a2061ff"}"#,
                #"{"clusters":["a","e\u0301","\ud83d\udc68"],"has_replacement":true,"minimum_count":1,"replaced_in_training":0,"unit":"grapheme"}"#,
                #"["b","a","<unk>","\n"]"#, #"{"a":0,"b":1,"c":2}"#, #"{"0":"x","1":"yz"}"#, "plain text, as it is",
            ].map { Array($0.utf8) }
        },
        run: { input in
            if let vocabulary = try attempt({ try JSONDecoder().decode(Vocabulary.self, from: Data(input)) }) {
                try VocabularyChecks.check(vocabulary)
            }
            let path = try ScratchFolder.write(input, "vocabulary")
            _ = try attempt { try ForeignVocabulary(path: path) }
        })
}

enum VocabularyChecks {
    static func check(_ vocabulary: Vocabulary) throws {
        let ids = (0..<Int32(vocabulary.count)).map { $0 }
        for id in ids where id != vocabulary.replacementId {
            let unit = vocabulary.bytes(of: id)
            try demand(!unit.isEmpty && !vocabulary.label(of: id).isEmpty, "unit \(id) is nothing")
            try demand(vocabulary.id(ofUnit: unit) == id, "unit \(id) is not found")
        }
        var decoder = StreamingDecoder(vocabulary), pieces = "", bytes: [UInt8] = []
        for id in ids {
            pieces += decoder.append(id)
            bytes += vocabulary.bytes(of: id)
        }
        pieces += decoder.finish()
        try demand(Array(pieces.utf8) == Array(vocabulary.decode(ids).utf8), "pieces joined are another text")
        _ = (vocabulary.encode(bytes), vocabulary.missing(from: bytes), vocabulary.foldingLineEnds(bytes))
        let encoded = try JSONEncoder().encode(vocabulary)
        let again = try attempt { try JSONDecoder().decode(Vocabulary.self, from: encoded) }
        try demand(again == vocabulary, "written and read again it is another vocabulary")
    }
}
