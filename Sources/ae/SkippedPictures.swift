import CommandLineSupport
import Images

/// What was found and is not used, by name.
struct SkippedPictures {
    /// What is wrong with each picture that cannot be read, in order.
    let messages: [String]
    /// "1 hidden, 2 files that are no pictures"
    private let others: [String]

    /// - Parameter failures: those whose pixels could not be read although their headers could.
    init(_ collections: [ImageCollection], failures: [PictureFailure]) {
        messages =
            collections.flatMap { collection in
                collection.faults.map { $0.error?.description ?? "\($0.path): \($0.reason.rawValue)" }
            } + failures.map(\.error.description)
        others = collections.map(\.otherSkippedSummary).filter { !$0.isEmpty }
    }

    /// A line that counts, then the first few by name; none where nothing was skipped.
    /// - Parameter indentation: of the lines after the first.
    func lines(label: String = "Skipped", indentation: Int = 10, names: Int = 3) -> [String] {
        let unreadable =
            messages.isEmpty ? [] : ["\(NumberText.count(messages.count, "picture")) that cannot be read"]
        let summary = (unreadable + others).joined(separator: ", ")
        guard !summary.isEmpty else { return [] }
        let margin = String(repeating: " ", count: indentation)
        var lines = [label.padding(toLength: indentation, withPad: " ", startingAt: 0) + summary]
        lines += messages.prefix(names).map { margin + $0 }
        if messages.count > names { lines.append("\(margin)and \(messages.count - names) more") }
        return lines
    }
}
