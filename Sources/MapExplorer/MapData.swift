import FileTrees
import Foundation

/// What the explorer shows, as it reads it.
package struct MapData: Encodable, Equatable, Sendable {
    package struct Tile: Encodable, Equatable, Sendable {
        package let width: Int
        package let height: Int
    }

    /// The run whose codes they are.
    package let model: String
    /// The pixels of a small picture.
    package let tile: Tile
    /// Small pictures in a row of the picture that holds all.
    package let columns: Int
    /// x and y; up is more.
    package let points: [[Double]]
    /// nil where no picture has one.
    package let labels: [String?]?
    package let names: [String]
    /// Of each picture the nearest others, the nearest first.
    package let neighbors: [[Int]]
    package let distances: [[Double]]

    /// Names and labels are made harmless for a screen, numbers are rounded to what can be seen.
    package init(
        model: String, tile: (width: Int, height: Int), columns: Int, points: [(x: Float, y: Float)],
        labels: [String?], names: [String], neighbors: [[(index: Int, distance: Float)]]
    ) {
        (self.model, self.columns) = (VisibleText.line(model), columns)
        self.tile = Tile(width: tile.width, height: tile.height)
        self.points = points.map { [Self.rounded($0.x), Self.rounded($0.y)] }
        self.labels = labels.contains { $0 != nil } ? labels.map { $0.map(VisibleText.line) } : nil
        self.names = names.map(VisibleText.line)
        self.neighbors = neighbors.map { $0.map(\.index) }
        distances = neighbors.map { $0.map { Self.rounded($0.distance) } }
    }

    private enum Key: CodingKey { case model, tile, columns, points, labels, names, neighbors, distances }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(model, forKey: .model)
        try values.encode(tile, forKey: .tile)
        try values.encode(columns, forKey: .columns)
        try values.encode(points, forKey: .points)
        // Null where there are none.
        try values.encode(labels, forKey: .labels)
        try values.encode(names, forKey: .names)
        try values.encode(neighbors, forKey: .neighbors)
        try values.encode(distances, forKey: .distances)
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { fatalError("numbers of a map that are not finite") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Five digits; what is no number becomes 0.
    private static func rounded(_ value: Float) -> Double {
        value.isFinite ? Double(String(format: "%.5g", Double(value))) ?? 0 : 0
    }
}
