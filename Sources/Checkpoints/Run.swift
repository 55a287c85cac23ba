package import Foundation

/// One training run, as the store knows it.
package struct Run: Identifiable, Sendable, Equatable {
    package struct ID: Hashable, Sendable {
        package let rawValue: Int64
    }

    package enum Status: String, Sendable, CaseIterable {
        case running, finished, interrupted, failed
    }

    package let id: ID
    package let name: String
    /// The program it belongs to: `charnn`, `ae`.
    package let kind: String
    package let createdAt: Date
    package let status: Status
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

/// Which run is meant.
package enum RunSelection: Sendable, Equatable {
    case named(String)
    /// The newest one.
    case latest
    /// The newest one that has a best checkpoint: what one samples from when nothing is said.
    case newestWithBest

    /// What a user typed: nothing, `latest`, or a name.
    package init(_ text: String?) {
        switch text {
        case nil: self = .newestWithBest
        case "latest": self = .latest
        case let name?: self = .named(name)
        }
    }
}
