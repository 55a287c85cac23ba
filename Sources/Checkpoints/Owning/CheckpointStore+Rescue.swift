import FileTrees
import Foundation
import GRDB

extension CheckpointStore {
    /// A new store with all that this one held when it was last at rest: for when its path no longer leads to it.
    ///
    /// - Throws: `moved` if nothing was kept, `notWritable`, `full`, `corrupt`; nothing is left behind then.
    package func salvage(to path: String) throws(StoreError) -> CheckpointStore {
        let file = StoreFile(path)
        try copyKept(to: file)
        do throws(StoreError) {
            let copy = try CheckpointStore.open(at: path, access: .readWrite, options: options)
            // Another process may have been writing when the file went away.
            let found = try copy.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
            guard found == "ok" else { throw StoreError.corrupt(path: path, detail: found ?? "no answer") }
            return copy
        } catch {
            Self.discard(path)
            throw error
        }
    }

    /// Deletes a store that nobody has open, with the files beside it.
    package static func discard(_ path: String) {
        let file = StoreFile(path)
        for ending in [""] + StoreFile.endings { _ = file.beside(ending).withCString { unlink($0) } }
    }

    /// Names of files that do not exist, in which work can be kept that this store cannot take: beside it, in the
    /// current folder, and among temporary files.
    package var rescuePaths: [String] {
        let own = RawPath(path), here = RawPath(".")
        let folders = [own.folder, here, RawPath(FileManager.default.temporaryDirectory.path)]
        return folders.enumerated().compactMap { index, folder in
            guard FileTree.isFolder(folder), !folders[..<index].contains(folder) else { return nil }
            let paths = (1...1000).lazy.map { number in
                let name = own.stem + Array("-rescued-\(number).sqlite".utf8)
                return (folder == here ? RawPath(bytes: name) : folder.appending(Array(name))).text
            }
            return paths.first { StoreFile($0).identity == nil }
        }
    }
}
