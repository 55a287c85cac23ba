import Foundation
import CommandLineSupport
import LanguageModels
import ServedModels
import ServerRequests
import TextCorpora

extension FuzzTarget {
    /// The first byte chooses the route.
    static let requests = FuzzTarget(
        "requests",
        "Bodies of the server's requests. What is accepted asks for no more than an answer may hold",
        words: [
            "\"prompt\":", "\"max_tokens\":", "\"n\":", "\"logprobs\":", "\"stop\":[", "\"temperature\":", "\"top_p\":",
            "\"seed\":",
            "\"logit_bias\":{", "\"stream\":true", "\"echo\":true", "\"stream_options\":{\"include_usage\":true}",
            "\"best_of\":",
            "\"text\":", "\"alternatives\":", "\"codes\":[[", "\"code\":[", "\"images\":[\"", "\"index\":",
            "\"settings\":{",
            "\"revision\":", "\"title\":", "1e999", "9223372036854775807", "\\ud800", "-0.0",
        ],
        seeds: {
            [
                "\u{0}"
                    + #"{"model":"m","prompt":["ab","c"],"n":2,"max_tokens":5,"stop":["x","\n"],"temperature":0.5,"top_p":0,"logprobs":2,"seed":-3,"logit_bias":{"a":-100},"echo":true,"stream":true,"other":1}"#,
                "\u{0}"
                    + #"{"prompt":"a","top_k":3,"min_p":0.1,"repetition_penalty":1.2,"presence_penalty":-1,"frequency_penalty":1,"best_of":1,"user":"u"}"#,
                "\u{1}" + #"{"text":"abc","alternatives":3,"model":null}"#,
                "\u{2}" + #"{"title":"t","text":"x\u0000y","settings":{"a":[1,2.5,true,null]},"revision":7}"#,
                "\u{3}"
                    + #"{"images":["iVBORw0KGgo=","AA=="],"codes":[[1,2.5],[0]],"code":[1e30],"index":3,"count":4}"#,
                "\u{3}" + #"{"codes":[[1e308]],"code":[-1]}"#, "\u{3}\u{89}PNG",
            ].map { Array($0.utf8) }
        },
        run: { input in
            var input = InputReader(input)
            let route = input.choice(of: 4), body = Data(input.remainder())
            switch route {
            case 0:
                guard let request = try attempt({ try CompletionRequest(body, maxTokens: 4096) }) else { return }
                try demand(
                    (1...128).contains(request.prompts.count * request.count) && (0...4096).contains(request.length)
                        && (request.alternatives.map { $0 + 1 } ?? 0) * request.count * request.length <= 1 << 20,
                    "more is asked for than an answer may hold")
                guard let writings = try attempt({ try request.writing(with: letters) }) else { return }
                try demand(writings.count == request.prompts.count * request.count, "\(writings.count) texts")
                for writing in writings {
                    let options = writing.options
                    try demand(try attempt { try options.validate() } != nil, "options are accepted that cannot be")
                    _ = letters.encode(writing.prompt)
                }
            case 1:
                guard let request = try attempt({ try ScoreRequest(body) }) else { return }
                _ = letters.encode(Array(request.text.utf8))
            case 2:
                guard let request = try attempt({ try TextRequest(body) }) else { return }
                let settings = try attempt { try JSONDecoder().decode(JSONValue.self, from: request.settings) }
                guard case .object? = settings else { throw Contradiction("settings are kept that cannot be read") }
            default:
                guard case .json(var fields)? = try attempt({ try PictureBody(body) }) else { return }
                _ = try (
                    attempt { try fields.pictures("images") }, attempt { try fields.codes("codes") },
                    attempt { try fields.query() }, attempt { try fields.integer("count", in: 1...100) }
                )
                _ = fields.unknown
            }
        })

    private static let letters: Vocabulary = {
        guard let corpus = try? TextCorpus("abc\nde, fgh. ab"), let letters = try? Vocabulary(counting: corpus) else {
            fatalError("a vocabulary of a few letters")
        }
        return letters
    }()
}
