import Autoencoders
import BookLessons
import Images
import Jacquard
import VectorDrawing

/// Writes the figures of lessons into a folder. What somebody else has put there stays as it is.
struct FigureFiles {
    private let folder: String
    private let overwriting = OutputGuard()

    init(folder: String) throws {
        self.folder = folder.hasSuffix("/") && folder.count > 1 ? String(folder.dropLast()) : folder
        try OutputGuard.makeFolder(of: self.folder + "/figure")
    }

    /// - Returns: the path of the file.
    func write(_ figure: Figure) throws -> String {
        let path = "\(folder)/\(figure.name)"
        switch figure.content {
        case .curves(let curves, let x, let y):
            let plot = LinePlot(curves.map { .init($0.name, points: $0.points) }, xLabel: x, yLabel: y)
            return try write(Array(plot.svg.utf8), to: path + ".svg")
        case .map(let points):
            var plot = ScatterPlot(points.map { .init(x: $0.x, y: $0.y, label: $0.label) })
            (plot.width, plot.height) = (800, 640)
            return try write(PNG.encode(plot.picture()), to: path + ".png")
        case .pictures(let tensor, let columns):
            let sheet = ContactSheet(columns: columns).picture(of: Self.pictures(tensor))
            return try write(PNG.encode(sheet), to: path + ".png")
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws -> String {
        try overwriting.check(path)
        try overwriting.write(bytes, to: path)
        return path
    }

    /// [N, C, H, W] in 0…1; what lies outside of it is black or white.
    private static func pictures(_ tensor: Tensor) -> [Picture] {
        let (channels, height, width) = (tensor.shape[1], tensor.shape[2], tensor.shape[3]), area = height * width
        return (0..<tensor.shape[0]).map { index in
            let values = tensor.row(index).values
            let pixels = (0..<area).flatMap { pixel in
                (0..<channels).map { UInt8(max(0, min(1, values[$0 * area + pixel])) * 255 + 0.5) }
            }
            return Picture(width: width, height: height, channels: channels, pixels: pixels)
        }
    }
}
