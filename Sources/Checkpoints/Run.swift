public import Foundation

/// One training run, as the store knows it.
public struct Run: Identifiable, Sendable, Equatable {
    /// What tells a run from all others of its store, also when it is renamed.
    public struct ID: Hashable, Sendable {
        package let rawValue: Int64
    }

    /// How far a run is. One that says `running` may have been killed.
    public enum Status: String, Sendable, CaseIterable {
        /// It is being trained, or was when its process ended without a word.
        case running
        /// It came to its end.
        case finished
        /// It was stopped and can go on.
        case interrupted
        /// It diverged.
        case failed
    }

    /// Its number in the store.
    public let id: ID
    /// Its name, unique in the store.
    public let name: String
    /// What it trains: `charnn` (text), `ae` (pictures), `network` (a `Trainer`'s).
    public let kind: String
    /// When it was begun.
    public let createdAt: Date
    /// How far it is.
    public let status: Status
    /// JSON with sorted keys.
    package let configuration: Data
    /// JSON with sorted keys.
    package let corpus: Data

    /// - Throws: `json`, when the run was made with other fields.
    package func configuration<Value: Decodable>(as type: Value.Type) throws(StoreError) -> Value {
        try CanonicalJSON.decode(type, from: configuration, what: "the configuration of the run '\(name)'")
    }

    /// - Throws: `json`, when the run was made with other fields.
    package func corpus<Value: Decodable>(as type: Value.Type) throws(StoreError) -> Value {
        try CanonicalJSON.decode(type, from: corpus, what: "the corpus description of the run '\(name)'")
    }
}

/// A run that is about to begin.
package struct RunDescription: Sendable {
    package var name: String?
    /// What a name is made of when none is given: `tinyshakespeare` gives `tinyshakespeare-1`.
    package var baseName: String
    package var kind: String
    /// Written as JSON with sorted keys.
    package var configuration: any Encodable & Sendable
    package var corpus: any Encodable & Sendable

    package init(
        name: String? = nil, baseName: String, kind: String,
        configuration: any Encodable & Sendable, corpus: any Encodable & Sendable
    ) {
        self.name = name
        self.baseName = baseName
        self.kind = kind
        self.configuration = configuration
        self.corpus = corpus
    }
}

/// Names one run of a store.
package enum RunSelection: Sendable, Equatable {
    case named(String)
    /// The newest one.
    case latest
    /// The newest one that has a best checkpoint: what one samples from when nothing is said.
    case newestWithBest

    /// The run that a user means who typed nothing, `latest`, or a name.
    package init(_ text: String?) {
        switch text {
        case nil: self = .newestWithBest
        case "latest": self = .latest
        case let name?: self = .named(name)
        }
    }
}

/// Names of runs: which are allowed, and how one is made up.
enum RunNames {
    static let longest = 200

    static func validate(_ name: String) throws(StoreError) {
        func refuse(_ reason: String) -> StoreError { .invalidRunName(name: name, reason: reason) }
        if name.isEmpty { throw refuse("it is empty.") }
        if name.count > longest { throw refuse("it has more than \(longest) characters.") }
        if ["latest", "best"].contains(name) { throw refuse("the word has a meaning of its own.") }
        if name.hasPrefix("-") { throw refuse("it would be taken for an option.") }
        if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
            throw refuse("it begins or ends with white space.")
        }
        let isControl = { (scalar: Unicode.Scalar) in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
        if name.unicodeScalars.contains(where: isControl) { throw refuse("it has control characters or line breaks.") }
    }

    /// `base-1`, or with the number after the greatest in use.
    static func generate(base: String, kind: String, taken: [String]) -> String {
        let stem = stem(of: base, kind: kind)
        let numbers = taken.compactMap { name -> Int? in
            guard name.hasPrefix(stem + "-") else { return nil }
            let number = name.dropFirst(stem.count + 1)
            return number.allSatisfy { $0.isASCII && $0.isNumber } ? Int(number) : nil
        }
        // A number of many digits, given by hand, must not overflow.
        let greatest = numbers.filter { $0 < 1_000_000_000 }.max() ?? 0
        return "\(stem)-\(greatest + 1)"
    }

    /// Letters, digits, `.` and `_` of any script; everything else becomes a hyphen.
    private static func stem(of base: String, kind: String) -> String {
        var result = ""
        for character in base.prefix(60) {
            if character.isLetter || character.isNumber || character == "_" || character == "." {
                result.append(character)
            } else if !result.isEmpty, !result.hasSuffix("-") {
                result.append("-")
            }
        }
        while result.hasSuffix("-") { result.removeLast() }
        return result.isEmpty ? kind : result
    }
}

/// JSON with sorted keys: equal values give equal bytes.
package enum CanonicalJSON {
    /// - Throws: `json`, for a number that is not finite, for instance.
    package static func encode(_ value: some Encodable, what: String) throws(StoreError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(value)
        } catch {
            throw .json(what: what, reason: "\(error)")
        }
    }

    /// Bytes that are JSON, as they are.
    ///
    /// - Throws: `json`.
    static func validated(_ data: Data, what: String) throws(StoreError) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        } catch {
            throw .json(what: what, reason: "\(error)")
        }
        // JSON in UTF-16 may be valid UTF-8 as well, full of NULs.
        guard let text = String(validating: data, as: UTF8.self), !text.utf8.contains(0) else {
            throw .json(what: what, reason: "it is not UTF-8")
        }
        return text
    }

    /// - Throws: `json`.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from data: Data, what: String
    ) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw .json(what: what, reason: "\(error)")
        }
    }
}
