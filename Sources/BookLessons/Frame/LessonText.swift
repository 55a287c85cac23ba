import Foundation

/// The text that lessons learn from.
enum LessonText {
    private static let ownText = "corpora/weavers.txt"

    static func read(_ path: String?) throws(LessonError) -> String {
        if let path {
            guard let data = FileManager.default.contents(atPath: path) else { throw .noText(path) }
            return String(decoding: data, as: UTF8.self)
        }
        guard let data = ownPaths.lazy.compactMap({ FileManager.default.contents(atPath: $0) }).first else {
            throw .noText(ownText)
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// In the folder one is in or above it, then above the program, which a build puts into the project.
    private static var ownPaths: [String] {
        let starts = [
            URL(fileURLWithPath: FileManager.default.currentDirectoryPath),
            URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath(),
        ]
        return starts.flatMap { start in
            sequence(first: start) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }.prefix(8)
                .map { $0.appendingPathComponent(ownText).path }
        }
    }
}
