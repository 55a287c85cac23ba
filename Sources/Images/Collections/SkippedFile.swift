extension ImageCollection {
    /// Something in a folder that is not among the pictures.
    public struct Skipped: Sendable {
        public let path: String
        public let reason: SkipReason
        /// What reading it said, where it was tried.
        public let error: ImageError?
    }

    public enum SkipReason: String, Sendable, CaseIterable {
        /// A picture by its name or content that cannot be read: cut short, damaged, too large, without permission.
        case unreadable
        /// A picture of a kind that is not read here.
        case unsupported
        case notAPicture
        /// An array of labels.
        case labels
        case hidden
        /// A pipe, socket or device.
        case special
        /// A link to nothing, or to a folder that was walked already.
        case link

        /// Whether somebody who asked to be told of every picture left out wants to hear of it.
        public var isFault: Bool { self == .unreadable || self == .unsupported }

        func text(_ count: Int) -> String {
            switch self {
            case .unreadable: "\(count) unreadable"
            case .unsupported: "\(count) of a kind that is not read"
            case .notAPicture: count == 1 ? "1 file that is no picture" : "\(count) files that are no pictures"
            case .labels: count == 1 ? "1 file of labels" : "\(count) files of labels"
            case .hidden: "\(count) hidden"
            case .special: count == 1 ? "1 pipe or device" : "\(count) pipes or devices"
            case .link: count == 1 ? "1 link" : "\(count) links"
            }
        }
    }

    /// "2 unreadable, 1 hidden"; empty where nothing was skipped.
    public var skippedSummary: String { Self.summary(of: skipped[...]) }

    /// Pictures that cannot be read.
    public var faults: [Skipped] { skipped.filter(\.reason.isFault) }
    /// What was skipped besides: "1 hidden, 2 files that are no pictures".
    public var otherSkippedSummary: String { Self.summary(of: skipped.filter { !$0.reason.isFault }[...]) }

    static func summary(of skipped: ArraySlice<Skipped>) -> String {
        SkipReason.allCases.compactMap { reason in
            let count = skipped.count { $0.reason == reason }
            return count > 0 ? reason.text(count) : nil
        }.joined(separator: ", ")
    }
}
