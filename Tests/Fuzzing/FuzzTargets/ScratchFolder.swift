import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder for the files of this process, below `TMPDIR`: one in memory makes it quick. It goes when the process ends.
enum ScratchFolder {
    private static let path: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzzing-\(getpid())").path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: ScratchFolder.path) }
        return folder
    }()

    /// A file that no other target uses.
    static func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Puts these bytes, and nothing else, into a file.
    static func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = file(name), descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        guard descriptor >= 0, systemWrite(descriptor, bytes, bytes.count) == bytes.count else {
            throw Contradiction("\(path) cannot be written")
        }
        return path
    }

    static func remove(_ name: String) { unlink(file(name)) }
}

/// `write`, which inside a type with a method of that name can only be called by its module.
private func systemWrite(_ descriptor: Int32, _ bytes: [UInt8], _ count: Int) -> Int { write(descriptor, bytes, count) }
