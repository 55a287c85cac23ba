import Foundation
import Images

/// Whether files may be written over. Those that were made here before may; all others only if that was asked for.
public struct OutputGuard: Sendable {
    public let replacesAll: Bool

    public init(replacesAll: Bool = false) { self.replacesAll = replacesAll }

    /// What pictures that are written say of the program that made them.
    public static let software = "Jacquard ae"
    /// How many first bytes of a file are looked at.
    private static let headLength = 2048

    /// - Throws: ``AutoencoderError/outputExists(path:reason:)``
    public func check(_ path: String) throws(AutoencoderError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        guard !isFolder.boolValue else { throw .outputExists(path: path, reason: "is a folder") }
        guard replacesAll || Self.wasMadeHere(path) || Self.isDevice(path) else {
            throw .outputExists(path: path, reason: "is there already, and was not made by ae")
        }
    }

    /// Makes the folder that a file is to lie in.
    ///
    /// - Throws: `ImageError.unwritable`
    public static func makeFolder(of path: String) throws(ImageError) {
        try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    static func makeFolder(_ path: String) throws(ImageError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(path: path, reason: (error as NSError).localizedDescription)
        }
    }

    /// A picture that names this program, a table or array of codes, a ranking, a map.
    static func wasMadeHere(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        let head = (try? file.read(upToCount: headLength)) ?? Data()
        func begins(_ text: String) -> Bool { head.starts(with: text.utf8) }
        func holds(_ text: String) -> Bool { head.range(of: Data(text.utf8)) != nil }
        return switch URL(fileURLWithPath: path).pathExtension.lowercased() {
        case "png": holds("iTXtSoftware\0\0\0\0\0\(software)")
        case "svg": begins("<svg") && holds("<desc>\(software)")
        case "npy": FileManager.default.fileExists(atPath: CodeFile.namesPath(besideArray: path))
        case "csv":
            begins("name,label,c0") || begins("name,label\n") || begins(AnomalyReport.tableHeader)
        default: false
        }
    }

    private static func isDevice(_ path: String) -> Bool {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        return type != .typeRegular && type != .typeSymbolicLink
    }
}
