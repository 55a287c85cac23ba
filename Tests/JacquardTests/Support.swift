import Foundation
import Jacquard

/// A folder that is deleted with its test.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/jacquard-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String) throws -> String { try file(name, Data(text.utf8)) }

    func file(_ name: String, _ data: Data) throws -> String {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
        return url.path
    }
}

/// Numbers by chance, the same in every run: a linear congruential generator (Knuth's MMIX).
struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// In -1…1.
    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / Double(1 << 52) - 1
    }

    mutating func row(_ count: Int) -> [Float] { (0..<count).map { _ in Float(next()) } }
}

/// Points of the plane in three clouds, and which cloud each is of.
func clouds(_ count: Int, seed: UInt64) -> Dataset {
    var chance = Chance(seed)
    let centers: [(Double, Double)] = [(2, 0), (-1, 1.7), (-1, -1.7)]
    let labels = (0..<count).map { $0 % 3 }
    let points = labels.map { label in
        [Float(centers[label].0 + chance.next()), Float(centers[label].1 + chance.next())]
    }
    return Dataset(inputs: points, labels: labels, classes: ["east", "north", "south"])
}

func bits(_ model: any Layer) -> [[UInt32]] {
    model.weights.map { $0.tensor.values.map(\.bitPattern) }
}
