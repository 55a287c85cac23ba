import Foundation

/// Files that other programs have made, from `Tests/Fixtures/files`.
enum FixtureFiles {
    /// What stands there under the name `file`, in one of the lists of a fixture.
    static func named(_ fixture: String, _ list: String) throws -> [[UInt8]] {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fixtures/files/\(fixture).json")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
        let entries = json?[list] as? [[String: Any]] ?? []
        let files = entries.compactMap { ($0["file"] as? String).flatMap { Data(base64Encoded: $0) } }.map {
            [UInt8]($0)
        }
        try demand(!files.isEmpty, "\(fixture).json has no files in \(list)")
        return files
    }
}
