public import Foundation

/// A folder of its own for a test, removed with the value that holds it.
public final class TemporaryFolder: Sendable {
    public let path: String

    /// - Parameter place: the folder that it is made in.
    public init(in place: URL = FileManager.default.temporaryDirectory) throws {
        path = place.appendingPathComponent("jacquard-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A place for folders in memory, where the system has one: nobody waits for a disk there. What a process has written
    /// outlives its being killed all the same.
    public static let memory: URL = {
        let memory = URL(fileURLWithPath: "/dev/shm"), files = FileManager.default
        return files.isWritableFile(atPath: memory.path) ? memory : files.temporaryDirectory
    }()

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in the folder, which need not be there.
    public func file(_ name: String) -> String { path + "/" + name }
    public func callAsFunction(_ name: String) -> String { file(name) }

    /// The names in the folder, in order.
    public var contents: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
    public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
    public func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    /// Writes a file, making the folders above it, and returns its path.
    ///
    /// `Data.write` waits for the disk, and so do file systems where a file is emptied and written again; some tests
    /// write thousands.
    @discardableResult
    public func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let path = file(name), bytes = Array(bytes)
        if name.contains("/") {
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        }
        unlink(path)
        guard let file = fopen(path, "w") else { throw CocoaError(.fileWriteUnknown) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
        return path
    }

    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}
