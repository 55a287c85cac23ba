import ByteStreams
import Digests
package import FileTrees

/// A list of the files that this program wrote into a folder: they may be replaced, and are no pictures to learn from.
///
/// A hidden file beside the outputs lists them as `sha256sum` does. A file counts as made here for as long as it is, byte
/// for byte, as it was written; one that somebody has changed, or has put in its place, is theirs. Nothing in the content
/// of a file can tell as much: a mark inside stays there when another program saves it again.
///
/// A comment among the lines says of some bytes which weights made them: of codes, which mean something to those alone.
package struct OutputManifest {
    package static let fileName = Array(".jacquard-outputs".utf8)
    private static let title =
        "# Files written by Jacquard, which it replaces without being asked as long as they are as it wrote them.\n"

    private let path: RawPath
    /// The digests of each file by its name, the newest last.
    private var digests: [[UInt8]: [String]] = [:]
    /// The fingerprints of weights by the digest of what they made: by that and not by a name, so that a file may have
    /// another name by now.
    private var weights: [String: [String]] = [:]
    /// Whether the last line was cut short, by a full disk or a power cut: what follows begins a line of its own.
    private var endsWithinALine = false

    /// The list in a folder; one of nothing where there is none that can be read.
    package init(of folder: RawPath) {
        path = folder.appending(Self.fileName)
        guard let file = try? InputFile<ImageError>(path), let bytes = try? file.bytes(0..<(file.size ?? 0)) else {
            return
        }
        endsWithinALine = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if let (name, digest) = Self.entry(line) {
                digests[name, default: []].append(digest)
            } else if let (digest, fingerprint) = Self.remark(line) {
                weights[digest, default: []].append(fingerprint)
            }
        }
    }

    package var isEmpty: Bool { digests.isEmpty }

    /// Whether a file of the folder is one that was made here, and unchanged since.
    package func holds(_ file: RawPath) -> Bool {
        guard let known = digests[Array(file.lastComponent)] else { return false }
        return Self.digest(ofFile: file).map(known.contains) ?? false
    }

    /// Whether a file of this name was made here once.
    package func names(_ file: RawPath) -> Bool { digests[Array(file.lastComponent)] != nil }

    /// The names of all files that were made here once, whether they are there or not, in no order.
    package var listedNames: some Collection<[UInt8]> { digests.keys }

    /// The fingerprints of the weights that made a file of the folder; none where that is not known, as of a file from
    /// elsewhere or one that was changed.
    package func weights(of file: RawPath) -> [String] {
        guard !weights.isEmpty, let digest = Self.digest(ofFile: file) else { return [] }
        return weights[digest] ?? []
    }

    /// Lists a file. Before it is written: a power cut in between leaves a line too many, not an output that nobody owns.
    ///
    /// - Parameter fingerprint: of the weights that made it, where it means something to those alone: 64 hexadecimal
    ///   digits.
    /// - Throws: `unwritable`.
    package mutating func add(
        _ file: RawPath, digest: String, weights fingerprint: String? = nil
    ) throws(ImageError) {
        let name = Array(file.lastComponent)
        let isListed = digests[name]?.contains(digest) == true
        let remark = fingerprint.flatMap { weights[digest]?.contains($0) == true ? nil : $0 }
        guard !isListed || remark != nil else { return }
        let list = try OutputFile<ImageError>(appending: path)
        // In one piece: another process may be writing here too.
        let beginning = list.isNew ? Array(Self.title.utf8) : endsWithinALine ? [UInt8(ascii: "\n")] : []
        let lines =
            beginning + (isListed ? [] : Self.line(name, digest)) + (remark.map { Self.remark(digest, $0) } ?? [])
        endsWithinALine = true
        try lines.withUnsafeBufferPointer { (bytes) throws(ImageError) in
            try list.append(UnsafeRawBufferPointer(bytes))
        }
        endsWithinALine = false
        if !isListed { digests[name, default: []].append(digest) }
        if let remark { weights[digest, default: []].append(remark) }
    }

    /// Forgets what files were before they were replaced, where that has come to be most of the list.
    ///
    /// - Throws: `unwritable`.
    package mutating func compact() throws(ImageError) {
        let lines = (Array(digests.values) + Array(weights.values)).reduce(0) { $0 + $1.count }
        guard lines > 2 * digests.count + 1000 else { return }
        endsWithinALine = false
        digests = digests.mapValues { $0.suffix(1) }
        let kept = Set(digests.values.joined())
        weights = weights.filter { kept.contains($0.key) }
        let names = digests.keys.sorted { $0.lexicographicallyPrecedes($1) }
        let remarks = weights.keys.sorted().flatMap { digest in
            weights[digest, default: []].flatMap { Self.remark(digest, $0) }
        }
        let text = Array(Self.title.utf8) + names.flatMap { Self.line($0, digests[$0]?.last ?? "") } + remarks
        try text.withUnsafeBufferPointer { (bytes) throws(ImageError) in
            try OutputFile<ImageError>.replace(path.text, with: UnsafeRawBufferPointer(bytes))
        }
    }

    // MARK: Digests

    package static func digest(of bytes: [UInt8]) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of a file; nil where there is none that can be read to its end.
    package static func digest(ofFile path: RawPath) -> String? {
        guard FileTree.isRegularFile(path) == true, let file = try? InputFile<ImageError>(path) else { return nil }
        var hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            guard let count = try? file.read(into: buffer) else { return nil }
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if count < buffer.count { return hash.finish() }
        }
    }

    // MARK: Lines

    private static let backslash = UInt8(ascii: "\\")
    private static let escapes: [UInt8: [UInt8]] = [
        backslash: Array("\\\\".utf8), UInt8(ascii: "\n"): Array("\\n".utf8), UInt8(ascii: "\r"): Array("\\r".utf8),
    ]

    private static func line(_ name: [UInt8], _ digest: String) -> [UInt8] {
        let escaped = name.flatMap { escapes[$0] ?? [$0] }
        return (escaped == name ? [] : [backslash]) + Array("\(digest)  ".utf8) + escaped + [UInt8(ascii: "\n")]
    }

    /// A comment to `sha256sum` and to older programs: "# " + digest + " was made by weights " + fingerprint.
    private static func remark(_ digest: String, _ fingerprint: String) -> [UInt8] {
        Array("# \(digest)\(madeBy)\(fingerprint)\n".utf8)
    }

    private static let madeBy = " was made by weights "

    private static func remark(_ line: ArraySlice<UInt8>) -> (digest: String, fingerprint: String)? {
        guard line.starts(with: Array("# ".utf8)) else { return nil }
        let text = String(decoding: line.dropFirst(2), as: UTF8.self), parts = text.split(separator: madeBy)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) }) else {
            return nil
        }
        return (String(parts[0]), String(parts[1]))
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> (name: [UInt8], digest: String)? {
        let isEscaped = line.first == backslash
        let rest = isEscaped ? line.dropFirst() : line
        let digest = String(decoding: rest.prefix(64), as: UTF8.self)
        guard digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit),
            rest.dropFirst(64).prefix(2).elementsEqual([32, 32])
        else { return nil }
        var name: [UInt8] = [], isAfterBackslash = false
        for byte in rest.dropFirst(66) {
            if isAfterBackslash {
                name.append(byte == UInt8(ascii: "n") ? 10 : byte == UInt8(ascii: "r") ? 13 : byte)
                isAfterBackslash = false
            } else if isEscaped && byte == backslash {
                isAfterBackslash = true
            } else {
                name.append(byte)
            }
        }
        return (name, digest)
    }
}
