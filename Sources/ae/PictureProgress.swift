import CommandLineSupport

/// Reading pictures, as a line of progress.
enum PictureProgress {
    /// - Returns: whether to go on.
    static func show(_ done: Int, of count: Int, on console: Console) -> Bool {
        if done < count {
            console.progress { "read \(NumberText.grouped(done)) of \(NumberText.count(count, "picture"))" }
        } else {
            console.status("Comparing \(NumberText.count(count, "picture"))")
        }
        return !console.isClosed
    }
}
