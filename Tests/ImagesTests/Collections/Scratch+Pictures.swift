import Foundation
import Images
import TestSupport

extension TemporaryFolder {
    /// Writes a file, making the folders above it, and returns its path.
    @discardableResult
    func add(_ name: String, _ bytes: [UInt8]) throws -> String {
        let folder = URL(fileURLWithPath: self(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try write(name, bytes)
    }

    @discardableResult
    func add(_ name: String, _ picture: Picture) throws -> String { try add(name, PNG.encode(picture)) }
}
