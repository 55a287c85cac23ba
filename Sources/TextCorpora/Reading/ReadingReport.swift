import FileTrees

/// The files that were read and those that were passed over, in order.
package struct ReadingReport: Codable, Sendable, Equatable {
    package struct File: Codable, Sendable, Equatable {
        package let path: String
        /// Bytes taken from the file, before decompression.
        package let bytes: Int
        /// Bytes of the file after decompression.
        package let decodedBytes: Int
        /// As a reader would name it: "UTF-8", "UTF-16LE", "gb18030".
        package let encoding: String
        package let isCompressed: Bool
        /// Units that the file added to the corpus, without the newline before it.
        package let units: Int
        /// Bytes that are not valid, and what was done with them.
        package let invalidBytes: Int
        package let invalidBytesBecame: InvalidBytePolicy
        /// Byte-order marks that were left out, but for the one at the beginning.
        package let marksInside: Int
        /// CR LF that became LF.
        package let pairedLineEnds: Int
        /// CR alone that became LF.
        package let loneLineEnds: Int
        /// The format of which the bytes are, where they are taken as they are.
        package let takenAs: String?
        /// Why the text may have been read otherwise than it was written.
        package let doubt: String?
    }

    package enum SkipReason: String, Codable, Sendable, CaseIterable {
        case hidden, binary, empty, unreadable
        /// A pipe, socket or device inside a folder.
        case special
        /// A link to a folder that was read already, or to nothing.
        case link
        /// Its text was read already from another file.
        case duplicate

        init(_ reason: FileTree.SkipReason) {
            switch reason {
            case .hidden: self = .hidden
            case .unreadable: self = .unreadable
            case .special: self = .special
            case .link: self = .link
            }
        }
    }

    package struct Skipped: Codable, Sendable, Equatable {
        package let path: String
        package let reason: SkipReason
        /// What else is known about the file: "a zip archive"; nil if nothing.
        package let detail: String?
    }

    package internal(set) var files: [File] = []
    package internal(set) var skipped: [Skipped] = []

    package init() {}

    /// Bytes of all files, after decompression.
    package var bytes: Int { files.reduce(0) { $0 + $1.decodedBytes } }

    /// Bytes that were replaced or left out, not being valid.
    package var invalidBytes: Int { files.reduce(0) { $0 + $1.invalidBytes } }

    /// "2 hidden, 1 binary", or an empty string.
    package var skippedSummary: String { Self.summary(of: skipped[...]) }

    static func summary(of skipped: ArraySlice<Skipped>) -> String {
        SkipReason.allCases.compactMap { reason in
            let count = skipped.count { $0.reason == reason }
            return count == 0 ? nil : "\(count) \(reason.rawValue)"
        }.joined(separator: ", ")
    }
}

extension ReadingReport: CustomStringConvertible {
    /// One line: "3 files, 1204 bytes, UTF-8; skipped 2 hidden".
    package var description: String {
        var encodings: [String] = []
        for file in files where !encodings.contains(file.encoding) { encodings.append(file.encoding) }
        let compressed = files.reduce(0) { $0 + ($1.isCompressed ? $1.bytes : 0) }
        let from = compressed > 0 ? " (from \(compressed) of gzip)" : ""
        let base =
            "\(files.count) \(files.count == 1 ? "file" : "files"), \(bytes) bytes\(from), "
            + encodings.joined(separator: ", ")
        return skipped.isEmpty ? base : base + "; skipped \(skippedSummary)"
    }

    /// What was changed or passed over, in sentences: of many of a kind the first few, and how many more.
    package var notes: [String] {
        func some(_ notes: [String], _ more: String) -> [String] {
            notes.count <= Self.shown + 1
                ? notes : notes.prefix(Self.shown) + ["and \(notes.count - Self.shown) more \(more)"]
        }
        let passedOver = skipped.filter { $0.reason != .hidden }.map { entry in
            "left out: \(entry.path): \(entry.detail ?? entry.reason.rawValue)"
        }
        return some(files.flatMap(\.notes), "of the kind") + some(passedOver, "left out")
    }

    private static let shown = 5
}

extension ReadingReport.File {
    fileprivate var notes: [String] {
        func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
        var notes: [String] = []
        if invalidBytes > 0 {
            notes.append(
                count(invalidBytes, "byte") + " that \(invalidBytes == 1 ? "is" : "are") not valid \(encoding), "
                    + (invalidBytesBecame == .skip ? "left out" : "read as U+FFFD"))
        }
        if loneLineEnds > 0 { notes.append(count(loneLineEnds, "line end") + " of CR alone, read as LF") }
        if pairedLineEnds > 0 { notes.append(count(pairedLineEnds, "line end") + " of CR LF, read as LF") }
        if marksInside > 0 { notes.append(count(marksInside, "byte-order mark") + " inside the text, left out") }
        if let takenAs { notes.append("\(takenAs), taken byte by byte as it is") }
        if let doubt { notes.append(doubt) }
        return notes.map { "\(path): \($0)" }
    }
}
