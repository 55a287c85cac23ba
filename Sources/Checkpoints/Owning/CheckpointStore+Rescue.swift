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
        let own = URL(fileURLWithPath: path), stem = own.deletingPathExtension().lastPathComponent
        let folder = (path as NSString).deletingLastPathComponent
        let folders = [folder.isEmpty ? "." : folder, ".", FileManager.default.temporaryDirectory.path]
        return folders.enumerated().compactMap { index, folder in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
                !folders[..<index].contains(folder)
            else { return nil }
            let prefix = folder == "." ? "" : folder + "/"
            let paths = (1...1000).lazy.map { "\(prefix)\(stem)-rescued-\($0).sqlite" }
            return paths.first { StoreFile($0).identity == nil }
        }
    }
}
