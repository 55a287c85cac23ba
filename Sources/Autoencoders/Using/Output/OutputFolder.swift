public import Images

/// A folder that pictures are written into under the names of those they were made from.
public struct OutputFolder: Sendable {
    public let path: String
    public let output: PictureOutput

    public init(_ path: String, output: PictureOutput) {
        self.path = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
        self.output = output
    }

    /// Checks the places of all pictures before the work for them begins.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError.unwritable` where the folder cannot be made.
    public func check(_ files: [String]) throws {
        try OutputGuard.makeFolder(path)
        for file in files { try output.overwriting.check("\(path)/\(file)") }
    }

    public func write(_ picture: Picture, as file: String) throws { try output.write(picture, to: "\(path)/\(file)") }

    /// A file for each name, below the folder whatever the name is, no two the same on any file system: `a/b.jpg` becomes
    /// `a/b.png`, and where that is taken `a/b.jpg.png`, `a/b.jpg-2.png`, …
    public static func files(for names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            let path = safePath(name)
            var candidates = [withoutEnding(path), path].makeIterator(), number = 1
            while true {
                let candidate: String
                if let next = candidates.next() {
                    candidate = next
                } else {
                    number += 1
                    candidate = "\(path)-\(number)"
                }
                // Some file systems take upper and lower case for the same.
                if taken.insert(candidate.lowercased()).inserted { return candidate + ".png" }
            }
        }
    }

    /// Without anything that leads out of the folder.
    private static func safePath(_ name: String) -> String {
        // By scalars: a slash and a mark behind it are one character, and two names to the system.
        let parts = name.unicodeScalars.split { $0 == "/" || $0 == "\0" }.map(String.init)
            .filter { $0 != "." && $0 != ".." }
        return parts.isEmpty ? "picture" : parts.joined(separator: "/")
    }

    private static func withoutEnding(_ path: String) -> String {
        for ending in [".png", ".jpg", ".jpeg"] where path.lowercased().hasSuffix(ending) {
            let stem = path.dropLast(ending.count)
            if !stem.isEmpty && !stem.hasSuffix("/") { return String(stem) }
        }
        return path
    }
}
