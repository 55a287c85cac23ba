import Foundation

/// The inputs that are kept of a target: `Corpora/NAME.inputs`, the few that reach what there is to be reached, and
/// `Corpora/NAME/`, a file for each fault that was found, called after what it was.
package enum Corpus {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Corpora").standardizedFileURL

    private static func packed(_ target: FuzzTarget) -> URL { folder.appendingPathComponent("\(target.name).inputs") }

    /// The names of the targets that inputs are kept of.
    package static func targets() throws -> Set<String> {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return Set(names.map { $0.hasSuffix(".inputs") ? String($0.dropLast(7)) : $0 })
    }

    /// All that are kept, each with a name for messages.
    package static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        try kept(of: target) + faults(of: target)
    }

    private static func kept(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        guard let data = try? Data(contentsOf: packed(target)) else { return [] }
        var rest = [UInt8](data)[...], inputs: [(String, [UInt8])] = []
        while rest.count >= 4 {
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            try demand(length <= rest.count, "\(packed(target).path) is cut short")
            inputs.append(("\(target.name).inputs, number \(inputs.count)", Array(rest.prefix(length))))
            rest = rest.dropFirst(length)
        }
        return inputs
    }

    private static func faults(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = folder.appendingPathComponent(target.name)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return try names.sorted().map {
            ("\(target.name)/\($0)", [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))))
        }
    }

    /// Keeps these instead of what was kept: each after its length in four bytes, the least significant first.
    package static func keep(_ inputs: [[UInt8]], of target: FuzzTarget) throws {
        let bytes = inputs.flatMap { withUnsafeBytes(of: UInt32($0.count).littleEndian, Array.init) + $0 }
        try Data(bytes).write(to: packed(target))
    }
}
