import Foundation

/// One training run, as the store knows it.
public struct Run: Identifiable, Sendable, Equatable {
    public struct ID: Hashable, Sendable {
        package let rawValue: Int64
    }

    public enum Status: String, Sendable, CaseIterable {
        case running, finished, interrupted, failed
    }

    public let id: ID
    public let name: String
    /// The program it belongs to: `charnn`, `ae`.
    public let kind: String
    public let createdAt: Date
    public let status: Status
    /// JSON with sorted keys.
    public let configuration: Data
    /// JSON with sorted keys.
    public let corpus: Data

    /// - Throws: `json`, when the run was made with other fields.
    public func configuration<Value: Decodable>(as type: Value.Type) throws(StoreError) -> Value {
        try CanonicalJSON.decode(type, from: configuration, what: "the configuration of the run '\(name)'")
    }

    /// - Throws: `json`, when the run was made with other fields.
    public func corpus<Value: Decodable>(as type: Value.Type) throws(StoreError) -> Value {
        try CanonicalJSON.decode(type, from: corpus, what: "the corpus description of the run '\(name)'")
    }
}

/// A run that is about to begin.
public struct RunDescription: Sendable {
    public var name: String?
    /// What a name is made of when none is given: `tinyshakespeare` gives `tinyshakespeare-1`.
    public var baseName: String
    public var kind: String
    /// Written as JSON with sorted keys.
    public var configuration: any Encodable & Sendable
    public var corpus: any Encodable & Sendable

    public init(
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
public enum RunSelection: Sendable, Equatable {
    case named(String)
    /// The newest one.
    case latest
    /// The newest one that has a best checkpoint: what one samples from when nothing is said.
    case newestWithBest

    /// What a user typed: nothing, `latest`, or a name.
    public init(_ text: String?) {
        switch text {
        case nil: self = .newestWithBest
        case "latest": self = .latest
        case let name?: self = .named(name)
        }
    }
}
