import FileTrees
package import Images

/// A folder that pictures are written into under the names of those they were made from.
package struct OutputFolder {
    package let path: String
    package let output: PictureOutput

    package init(_ path: String, output: PictureOutput) {
        self.path = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
        self.output = output
    }

    /// Checks the places of all pictures before the work for them begins.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError.unwritable` where the folder cannot be made.
    package func check(_ files: [String]) throws {
        for file in files { try output.overwriting.check("\(path)/\(file)") }
        try OutputGuard.makeFolder(path)
    }

    package func write(_ picture: Picture, as file: String) throws {
        try output.write(picture, to: "\(path)/\(file)", isDurable: false)
    }

    /// Waits until the disk has all that was written.
    ///
    /// - Throws: `ImageError.unwritable`
    package func finish() throws { try OutputFile.synchronizeAll(at: path) }

    /// A file for each name, below the folder whatever the name is, no two the same on any file system, and none where
    /// another needs a folder: `a/b.jpg` becomes `a/b.png`, and where that is taken `a/b.jpg.png`, `a/b.jpg-2.png`, …
    package static func files(for names: [String]) -> [String] {
        let paths = names.map(safePath)
        // Some file systems take upper and lower case for the same.
        var taken = Set(paths.flatMap(folders).map { $0.lowercased() })
        return paths.map { path in
            var candidates = [withoutEnding(path), path].makeIterator(), number = 1
            while true {
                let candidate: String
                if let next = candidates.next() {
                    candidate = next + ".png"
                } else {
                    number += 1
                    candidate = "\(path)-\(number).png"
                }
                if taken.insert(candidate.lowercased()).inserted { return candidate }
            }
        }
    }

    /// The folders that a path leads through: "a" and "a/b" for "a/b/c".
    private static func folders(of path: String) -> [String] {
        let parts = path.unicodeScalars.split(separator: "/").map(String.init)
        return parts.indices.dropFirst().map { parts[..<$0].joined(separator: "/") }
    }

    /// Without anything that leads out of the folder, and no part longer than a file system takes with an ending.
    private static func safePath(_ name: String) -> String {
        // By scalars: a slash and a mark behind it are one character, and two names to the system.
        let parts = name.unicodeScalars.split { $0 == "/" || $0 == "\0" }.map(String.init)
            .filter { $0 != "." && $0 != ".." }
        return parts.isEmpty ? "picture" : parts.map(shortened).joined(separator: "/")
    }

    private static func shortened(_ part: String) -> String {
        var part = part
        while RawPath(part).bytes.count > longestName { part.removeLast() }
        return part
    }

    /// Bytes: 255, less what a number and an ending take.
    private static let longestName = 240

    private static func withoutEnding(_ path: String) -> String {
        for ending in [".png", ".jpg", ".jpeg"] where path.lowercased().hasSuffix(ending) {
            let stem = path.dropLast(ending.count)
            if !stem.isEmpty && !stem.hasSuffix("/") { return String(stem) }
        }
        return path
    }
}
