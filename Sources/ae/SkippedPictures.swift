import CommandLineSupport
import Foundation
import Images

/// What was found and is not used, by name.
struct SkippedPictures {
    /// What is wrong with each file that may hold pictures and cannot be read, in order.
    let messages: [String]
    /// "2 pictures that cannot be read, 1 array that is not read, 1 hidden, 2 files that are no pictures"
    let summary: String
    /// "1 hidden, 2 files that are no pictures"
    let others: String

    /// - Parameter failures: those whose pixels could not be read although their headers could.
    init(_ collections: [ImageCollection], failures: [PictureFailure]) {
        let faults = collections.flatMap(\.faults)
        messages =
            faults.map { $0.error?.description ?? "\($0.path): \($0.reason.rawValue)" }
            + failures.map(\.error.description)
        func count(_ reasons: ImageCollection.SkipReason...) -> Int { faults.count { reasons.contains($0.reason) } }
        let pictures = count(.unreadable, .unsupported) + failures.count
        let kinds: [(count: Int, noun: String, what: String)] = [
            (pictures, "picture", "that cannot be read"), (count(.array), "array", "that cannot be used"),
            (count(.unknown), "file", "of no known kind"),
        ]
        others = collections.map(\.otherSkippedSummary).filter { !$0.isEmpty }.joined(separator: ", ")
        let parts = kinds.filter { $0.count > 0 }.map { "\(NumberText.count($0.count, $0.noun)) \($0.what)" }
        summary = (parts + (others.isEmpty ? [] : [others])).joined(separator: ", ")
    }

    /// A line that counts, then the first few by name; none where nothing was skipped.
    /// - Parameter indentation: of the lines after the first.
    func lines(label: String = "Skipped", indentation: Int = 10, names: Int = 3) -> [String] {
        guard !summary.isEmpty else { return [] }
        let margin = String(repeating: " ", count: indentation)
        var lines = [label.padding(toLength: indentation, withPad: " ", startingAt: 0) + summary]
        lines += messages.prefix(names).map { margin + $0 }
        if messages.count > names { lines.append("\(margin)and \(messages.count - names) more") }
        return lines
    }
}
