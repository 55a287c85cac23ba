import ByteStreams
import FileTrees
package import Images
import VectorDrawing

/// Writes pictures that say how they were made, without harming any that were there.
package struct PictureOutput {
    /// What the pictures say of themselves: "ae sample, run 'digits-1', step 1,500, seed 7".
    package let description: String
    package let overwriting: OutputGuard

    package init(description: String, overwriting: OutputGuard = OutputGuard()) {
        (self.description, self.overwriting) = (description, overwriting)
    }

    private var texts: [PNGText] {
        [PNGText("Software", OutputGuard.software), PNGText("Description", description)]
    }

    /// Checks a place for a picture before the work for it begins.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``,
    ///   ``AutoencoderError/outputKind(path:expected:)``
    package func check(_ path: String, endings: [String] = ["png"]) throws(AutoencoderError) {
        guard endings.contains(RawPath(path).ending) else {
            throw .outputKind(path: path, expected: endings.map { ".\($0)" }.joined(separator: " or "))
        }
        try overwriting.check(path)
    }

    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError`.
    package func write(_ picture: Picture, to path: String) throws { try write(picture, to: path, isDurable: true) }

    func write(_ picture: Picture, to path: String, isDurable: Bool) throws {
        try overwriting.write(PNG.encode(picture, texts: texts), to: path, isDurable: isDurable)
    }

    /// A plot as PNG or, by its name, as SVG.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError`.
    package func write(_ plot: ScatterPlot, to path: String) throws {
        guard path.lowercased().hasSuffix(".svg") else { return try write(plot.picture(), to: path) }
        var lines = try plot.svg().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines.insert("<desc>\(OutputGuard.software): \(SVG.escaped(description))</desc>", at: 1)
        try overwriting.write(Array(lines.joined(separator: "\n").utf8), to: path)
    }

    /// A ranking.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, `ImageError`.
    package func write(_ report: AnomalyReport, to path: String) throws {
        try overwriting.write(Array(report.table.utf8), to: path)
    }
}

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

    /// Whether a path leads to one of its files, some of which may not be there yet.
    package func holds(_ place: String, among files: [String]) -> Bool {
        func resolved(_ path: String) -> RawPath {
            let path = RawPath(path).absolute
            return (path.folder.resolved ?? path.folder).appending(Array(path.lastComponent))
        }
        let wanted = resolved(place)
        return files.contains { resolved("\(path)/\($0)") == wanted }
    }

    package func write(_ picture: Picture, as file: String) throws {
        try output.write(picture, to: "\(path)/\(file)", isDurable: false)
    }

    /// How many pictures of earlier commands lie beside those that were written now.
    package var olderPictures: Int { output.overwriting.olderPictures(below: RawPath(path)) }

    /// Removes what earlier commands wrote below one of the folders in it, as long as it is as they wrote it.
    ///
    /// - Parameter files: that stay.
    /// - Returns: how many were removed.
    /// - Throws: `ImageError.unwritable`
    func removePictures(below name: String, except files: [String]) throws(ImageError) -> Int {
        try output.overwriting.removePictures(
            below: RawPath("\(path)/\(name)"), except: Set(files.map { RawPath("\(path)/\($0)") }))
    }

    /// Waits until the disk has all that was written.
    ///
    /// - Throws: `ImageError.unwritable`
    package func finish() throws { try OutputFile<ImageError>.synchronizeAll(at: path) }

    /// A file for each name, below the folder whatever the name is, no two the same on any file system, and none where
    /// another needs a folder: `a/b.jpg` becomes `a/b.png`, and where that is taken `a/b.jpg.png`, `a/b.jpg-2.png`, …
    /// What is called `a/b.png` already keeps its name, before all others.
    package static func files(for names: [String]) -> [String] {
        let paths = names.map(safePath)
        // Some file systems take upper and lower case for the same.
        var taken = Set(paths.flatMap(folders).map { $0.lowercased() })
        let own = paths.map { path in
            withoutEnding(path) + ".png" == path && taken.insert(path.lowercased()).inserted ? path : nil
        }
        return zip(paths, own).map { path, own in
            if let own { return own }
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
