import Foundation
import Testing

/// Texts to train on, made here.
package enum Texts {
    /// About so many characters of sentences that a small model can learn something of.
    package static func sentences(_ count: Int) -> String {
        let subjects = ["the weaver", "a thread", "the loom", "an old card", "the pattern"]
        let verbs = ["follows", "turns", "remembers", "pulls", "answers"]
        let objects = ["the shuttle", "a red line", "every knot", "the light", "what was cut"]
        var text = "", number = 12_345
        while text.count < count {
            number = (number &* 1_103_515_245 &+ 12_345) & 0x7fff_ffff
            let pick = number >> 8
            text += "\(subjects[pick % 5]) \(verbs[pick / 5 % 5]) \(objects[pick / 25 % 5]).\n"
        }
        return String(text.prefix(count))
    }

    /// Chinese, for encodings.
    package static let chinese = String(repeating: "织机织出花纹，线在梭中。旧卡片记得每一个结，光落在布上。\n", count: 30)
}

extension Program.Result {
    package var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]) ?? [:]
    }

    package var jsonArray: [[String: Any]] {
        (try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]]) ?? []
    }
}

/// A small model's options: a second of training or less.
package let tiny = ["--hidden", "32", "--layers", "1", "--embedding", "8", "--batch", "4", "--window", "16"]

extension Workplace {
    /// Trains a small model on `text.txt`, which is made if need be.
    @discardableResult
    package func train(_ options: String..., environment: [String: String] = [:]) throws -> Program.Result {
        try train(options, environment: environment)
    }

    @discardableResult
    package func train(_ options: [String], environment: [String: String] = [:]) throws -> Program.Result {
        if !exists("text.txt") { try write(Texts.sentences(4000), to: "text.txt") }
        return try start(["train", "text.txt"] + tiny + options, environment: environment).wait()
    }

    /// The fingerprint of a run's latest weights.
    package func fingerprint(_ run: String = "latest") throws -> String {
        let shown = try self.run("show", run, "--json", "--checkpoint", "latest")
        return try #require(shown.json["weights_sha256"] as? String, "\(shown.errors)")
    }
}
