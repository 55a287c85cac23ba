import FileTrees

extension ImageCollection {
    /// Something in a folder that is not among the pictures.
    package struct Skipped: Sendable {
        package let path: String
        package let reason: SkipReason
        /// The error that reading it gave, where it was tried.
        package let error: ImageError?
    }

    package enum SkipReason: String, Sendable, CaseIterable {
        /// A picture by its name or content that cannot be read: cut short, damaged, too large, without permission.
        case unreadable
        /// A picture of a kind that is not read here.
        case unsupported
        /// An array that holds no pictures, or none that can be used.
        case array
        /// Neither a picture nor anything else that is known here.
        case unknown
        case notAPicture
        /// An array of labels.
        case labels
        /// An array of codes.
        case codes
        /// Made by `ae` itself, among pictures that were not.
        case output
        /// A file that was reached before, by another path.
        case repeated
        case hidden
        /// A pipe, socket or device.
        case special
        /// A link to nothing, or to a folder that was walked already.
        case link

        /// Whether somebody who asked to be told of every picture left out wants to hear of it.
        package var isFault: Bool { [.unreadable, .unsupported, .array, .unknown].contains(self) }

        func text(_ count: Int) -> String {
            switch self {
            case .unreadable: "\(count) unreadable"
            case .unsupported: "\(count) of a kind that is not read"
            case .array: count == 1 ? "1 array that is not read" : "\(count) arrays that are not read"
            case .unknown: "\(count) of no known kind"
            case .notAPicture: count == 1 ? "1 file that is no picture" : "\(count) files that are no pictures"
            case .labels: count == 1 ? "1 file of labels" : "\(count) files of labels"
            case .codes: count == 1 ? "1 file of codes" : "\(count) files of codes"
            case .output: count == 1 ? "1 file that ae has made" : "\(count) files that ae has made"
            case .repeated: count == 1 ? "1 file reached twice" : "\(count) files reached twice"
            case .hidden: "\(count) hidden"
            case .special: count == 1 ? "1 pipe or device" : "\(count) pipes or devices"
            case .link: count == 1 ? "1 link" : "\(count) links"
            }
        }
    }

    /// "2 unreadable, 1 hidden"; empty where nothing was skipped.
    package var skippedSummary: String { Self.summary(of: skipped[...]) }

    /// The files that may hold pictures and cannot be read.
    package var faults: [Skipped] { skipped.filter(\.reason.isFault) }
    /// A summary of what else was skipped: "1 hidden, 2 files that are no pictures".
    package var otherSkippedSummary: String { Self.summary(of: skipped.filter { !$0.reason.isFault }[...]) }

    static func summary(of skipped: ArraySlice<Skipped>) -> String {
        SkipReason.allCases.compactMap { reason in
            let count = skipped.count { $0.reason == reason }
            return count > 0 ? reason.text(count) : nil
        }.joined(separator: ", ")
    }
}

extension ImageCollection.SkipReason {
    init(_ reason: FileTree.SkipReason) {
        switch reason {
        case .hidden: self = .hidden
        case .unreadable: self = .unreadable
        case .special: self = .special
        case .link: self = .link
        }
    }

    /// Why a file in a folder is left out.
    init(_ error: ImageError, _ path: RawPath) {
        let kind = try? ContentKind.of(path)
        switch (error, kind) {
        case (.notAPicture, _) where Self.isNamedLikeAPicture(path): self = .unreadable
        case (.notAPicture, .unknown): self = .unknown
        case (.notAPicture, _): self = .notAPicture
        case (.unsupported, .idx), (.unsupported, .npy), (.unsupported, .gzip): self = .array
        case (.unsupported, _): self = .unsupported
        default: self = .unreadable
        }
    }

    /// A file that ends like pictures or arrays do was meant to be one.
    static func isNamedLikeAPicture(_ path: RawPath) -> Bool {
        let read = ["png", "apng", "jpg", "jpeg", "jpe", "jfif", "npy", "idx"]
        return read.contains(path.ending) || UnreadKind(named: path) != nil
    }
}
