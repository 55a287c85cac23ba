import ByteStreams
import FileTrees
import Foundation
package import Images

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Stands between a command and the files that are there: what was written here before, and is as it was written, may be
/// replaced; all else only if that was asked for; what the command reads never.
///
/// All that `ae` writes apart from its store goes through one of these. For one command, one after the other.
package final class OutputGuard {
    package let replacesAll: Bool
    private var inputs: Set<FileIdentity> = []
    /// What was written through it.
    private var written: Set<FileIdentity> = []
    /// The manifests of the folders written to, each read once.
    private var manifests: [RawPath: OutputManifest] = [:]

    package init(replacesAll: Bool = false) { self.replacesAll = replacesAll }

    /// The name of the program, as the files that it writes give it.
    package static let software = "Jacquard ae"

    // MARK: Before

    /// Takes the files that pictures are read from under protection.
    package func protect(_ collection: ImageCollection) { inputs.formUnion(collection.files) }

    /// Takes a file that is read under protection.
    package func protect(path: String) { FileIdentity(RawPath(path)).map { _ = inputs.insert($0) } }

    /// Whether a place for a file is free, or free to be replaced.
    ///
    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``, ``AutoencoderError/outputIsInput(path:)``
    package func check(_ path: String) throws(AutoencoderError) {
        let place = RawPath(path)
        guard let status = FileTree.status(place) else {
            guard !Self.isLink(place) else {
                throw .outputExists(path: path, reason: "is a link that leads nowhere")
            }
            return try Self.checkFolder(place.folder)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw .outputExists(path: path, reason: "is a folder")
        case S_IFREG: break
        default: return
        }
        if let file = FileIdentity(place), inputs.contains(file) { throw .outputIsInput(path: path) }
        guard !replacesAll else { return }
        let manifest = manifest(of: place)
        guard !manifest.holds(place) else { return }
        throw .outputExists(
            path: path,
            reason: manifest.names(place)
                ? "is there already, and is no longer as this program wrote it"
                : "is there already, and was not made by this program, or not to its end")
    }

    /// Checks that a folder is there or can be made: no file lies on the way to it.
    private static func checkFolder(_ folder: RawPath) throws(AutoencoderError) {
        guard let status = FileTree.status(folder) else {
            // Behind a file there is nothing either.
            return folder.folder == folder ? () : try checkFolder(folder.folder)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else { return }
        throw .outputExists(path: folder.text, reason: "is a file, and a folder is needed there")
    }

    private static func isLink(_ place: RawPath) -> Bool {
        var status = stat()
        return place.withCString { lstat($0, &status) } == 0
    }

    private func manifest(of place: RawPath) -> OutputManifest {
        let folder = place.folder
        if let known = manifests[folder] { return known }
        let manifest = OutputManifest(of: folder)
        manifests[folder] = manifest
        return manifest
    }

    // MARK: Writing

    /// Writes a whole file, the folders that it lies in made where they are missing.
    ///
    /// - Parameter isDurable: waits for the disk; of many files, ``OutputFolder/finish()`` waits once.
    /// - Throws: as ``check(_:)``; `ImageError.unwritable`
    package func write(_ bytes: [UInt8], to path: String, isDurable: Bool = true) throws {
        try check(path)
        try Self.makeFolder(of: path)
        try list(path, digest: OutputManifest.digest(of: bytes))
        try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
            try OutputFile<ImageError>.replace(path, with: UnsafeRawBufferPointer(bytes), isDurable: isDurable)
        }
        FileIdentity(RawPath(path)).map { _ = written.insert($0) }
    }

    /// Lists a file that was written piece by piece, and is done.
    ///
    /// - Parameter weights: the fingerprint of those that made it, where it means something to those alone.
    /// - Throws: `ImageError.unwritable`
    func listWritten(_ path: String, weights: String? = nil) throws(ImageError) {
        guard let digest = OutputManifest.digest(ofFile: RawPath(path)) else { return }
        try list(path, digest: digest, weights: weights)
    }

    private func list(_ path: String, digest: String, weights: String? = nil) throws(ImageError) {
        let place = RawPath(path)
        // A pipe or device is nobody's.
        guard FileTree.isRegularFile(place) ?? true else { return }
        var manifest = manifest(of: place)
        try manifest.compact()
        try manifest.add(place, digest: digest, weights: weights)
        manifests[place.folder] = manifest
    }

    // MARK: What earlier commands wrote

    /// How many pictures that were written here before are still there beside those that were written now, in the folders
    /// below one that were looked at.
    func olderPictures(below folder: RawPath) -> Int {
        manifests.reduce(0) { count, entry in
            let (place, manifest) = entry
            guard place == folder || place.bytes.starts(with: folder.appending([]).bytes) else { return count }
            return count
                + manifest.listedNames.count { name in
                    let file = place.appending(name)
                    guard file.ending == "png", let identity = FileIdentity(file) else { return false }
                    return !written.contains(identity)
                }
        }
    }

    /// Removes the pictures below a folder that were written here before and are as they were written, but for some. What the
    /// command reads stays, and what lies behind a link.
    ///
    /// - Returns: how many were removed.
    /// - Throws: `ImageError.unwritable`
    func removePictures(below folder: RawPath, except kept: Set<RawPath>) throws(ImageError) -> Int {
        guard let resolved = folder.resolved, let tree = try? FileTree(folder: folder) else { return 0 }
        var removed = 0
        for file in tree.files where file.ending == "png" && !kept.contains(file) {
            let below = file.bytes.dropFirst(folder.appending([]).bytes.count)
            guard file.resolved == resolved.appending(Array(below)), manifest(of: file).holds(file),
                let identity = FileIdentity(file), !inputs.contains(identity)
            else { continue }
            guard file.withCString({ unlink($0) }) == 0 else {
                throw .unwritable(path: file.text, reason: systemMessage(errno))
            }
            removed += 1
        }
        return removed
    }

    // MARK: Folders

    /// Makes the folder that a file is to lie in.
    ///
    /// - Throws: `ImageError.unwritable`
    package static func makeFolder(of path: String) throws(ImageError) { try makeFolder(RawPath(path).folder) }

    static func makeFolder(_ path: String) throws(ImageError) { try makeFolder(RawPath(path)) }

    private static func makeFolder(_ folder: RawPath) throws(ImageError) {
        let code = folder.makeFolder()
        guard code != 0 else { return }
        throw .unwritable(
            path: folder.text,
            reason: code == EEXIST || code == ENOTDIR
                ? "it is a file, and a folder is needed there" : systemMessage(code))
    }
}
