import Autoencoders
import Images
package import MapExplorer
import Synchronization
import TensorCore

/// The map of a model's pictures.
package struct ServedMap: Sendable {
    package let data: MapData
    /// Their small versions in one picture.
    package let pictures: [UInt8]
}

/// Makes maps on a thread of its own, one after the other.
actor MapMaker {
    private nonisolated let thread = ComputeThread(name: "maps")
    private let context: ComputeContext
    private nonisolated let isStopped = Mutex(false)

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private static let neighbors = 8

    init(context: sending ComputeContext) { self.context = context }

    nonisolated func stop() { isStopped.withLock { $0 = true } }

    func map(_ gallery: PictureGallery, of run: String) throws -> ServedMap {
        let codes = gallery.codes
        let positions = try CodeMap.positions(
            of: codes.codes, by: .tsne, in: context, shouldStop: { isStopped.withLock { $0 } })
        guard let positions else { throw ServedModelError.stopping }
        let nearest = try NearestNeighbors.find(
            codes.codes, in: codes.codes, count: Self.neighbors, excludingSelf: true, context: context)
        let tile = gallery.sheet.tile
        let data = MapData(
            model: run, tile: (tile.width, tile.height), columns: TileSheet.columns(for: codes.count),
            points: (0..<codes.count).map { (positions[$0, 0], positions[$0, 1]) }, labels: codes.labels,
            names: codes.names, neighbors: (0..<codes.count).map(nearest.neighbors(of:)))
        return ServedMap(data: data, pictures: try PNG.encode(gallery.sheet.picture(of: gallery.tiles)))
    }
}
