import FileTrees

/// What was read and what was passed over, in order.
public struct ReadingReport: Codable, Sendable, Equatable {
    public struct File: Codable, Sendable, Equatable {
        public let path: String
        /// Bytes taken from the file, before decompression.
        public let bytes: Int
        /// As a reader would name it: "UTF-8", "UTF-16LE", "gb18030".
        public let encoding: String
        public let isCompressed: Bool
        /// Units that the file added to the corpus, without the newline before it.
        public let units: Int
    }

    public enum SkipReason: String, Codable, Sendable, CaseIterable {
        case hidden, binary, empty, unreadable
        /// A pipe, socket or device inside a folder.
        case special
        /// A link to a folder that was read already, or to nothing.
        case link

        init(_ reason: FileTree.SkipReason) {
            switch reason {
            case .hidden: self = .hidden
            case .unreadable: self = .unreadable
            case .special: self = .special
            case .link: self = .link
            }
        }
    }

    public struct Skipped: Codable, Sendable, Equatable {
        public let path: String
        public let reason: SkipReason
    }

    public internal(set) var files: [File] = []
    public internal(set) var skipped: [Skipped] = []

    public init() {}

    /// Bytes taken from all files, before decompression.
    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// "2 hidden, 1 binary", or an empty string.
    public var skippedSummary: String { Self.summary(of: skipped[...]) }

    static func summary(of skipped: ArraySlice<Skipped>) -> String {
        SkipReason.allCases.compactMap { reason in
            let count = skipped.count { $0.reason == reason }
            return count == 0 ? nil : "\(count) \(reason.rawValue)"
        }.joined(separator: ", ")
    }
}

extension ReadingReport: CustomStringConvertible {
    /// One line: "3 files, 1204 bytes, UTF-8; skipped 2 hidden".
    public var description: String {
        var encodings: [String] = []
        for file in files where !encodings.contains(file.encoding) { encodings.append(file.encoding) }
        let base =
            "\(files.count) \(files.count == 1 ? "file" : "files"), \(bytes) bytes, \(encodings.joined(separator: ", "))"
        return skipped.isEmpty ? base : base + "; skipped \(skippedSummary)"
    }
}
