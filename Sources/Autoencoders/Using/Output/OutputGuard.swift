import FileTrees
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
        let rawPath = RawPath(path)
        guard FileTree.status(rawPath) != nil else { return }
        guard !FileTree.isFolder(rawPath) else { throw .outputExists(path: path, reason: "is a folder") }
        guard replacesAll || Self.isDevice(path) || Self.wasMadeHere(path) else {
            throw .outputExists(path: path, reason: "is there already, and was not made by ae")
        }
    }

    /// Makes the folder that a file is to lie in.
    ///
    /// - Throws: `ImageError.unwritable`
    public static func makeFolder(of path: String) throws(ImageError) {
        try makeFolder(RawPath(path).folder.text)
    }

    static func makeFolder(_ path: String) throws(ImageError) {
        let code = RawPath(path).makeFolder()
        guard code == 0 else { throw .unwritable(path: path, reason: String(cString: strerror(code))) }
    }

    /// A picture that names this program, a table or array of codes, a ranking, a map.
    static func wasMadeHere(_ path: String) -> Bool {
        var head = Data(count: headLength)
        guard let file = try? InputFile(RawPath(path)),
            let count = try? head.withUnsafeMutableBytes({ try file.read(into: $0) })
        else { return false }
        head = head.prefix(count)
        func begins(_ text: String) -> Bool { head.starts(with: text.utf8) }
        func holds(_ text: String) -> Bool { head.range(of: Data(text.utf8)) != nil }
        return switch RawPath(path).ending {
        case "png": holds("iTXtSoftware\0\0\0\0\0\(software)")
        case "svg": begins("<svg") && holds("<desc>\(software)")
        case "npy": FileTree.status(RawPath(CodeFile.namesPath(besideArray: path))) != nil
        case "csv":
            begins("name,label,c0") || begins("name,label\n") || begins(AnomalyReport.tableHeader)
        default: false
        }
    }

    private static func isDevice(_ path: String) -> Bool {
        FileTree.isRegularFile(RawPath(path)) == false
    }
}
