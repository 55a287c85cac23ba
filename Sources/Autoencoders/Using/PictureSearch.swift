package import Images
package import TensorCore

/// Pictures of a collection that can be searched by their codes.
package struct PictureSearch {
    package let codes: PictureCodes
    private let items: [ImageCollection.Item]
    /// Which item each code is of: those that cannot be read have none.
    private let itemOfRow: [Int]
    private let background: Color

    /// - Returns: nil if the observer ended it.
    /// - Throws: as ``PicturePass/run(_:_:)``.
    package init?(
        _ source: any PictureSource, with saved: SavedAutoencoder, in context: ComputeContext,
        _ observer: PicturePass.Observer = .init()
    ) throws {
        var rows: [Int] = []
        let codes = try saved.codes(of: PicturePass(source), in: context, observer) { rows += $0.indices }
        guard let codes else { return nil }
        (self.codes, items, itemOfRow) = (codes, source.collection.items, rows)
        background = source.format.background
    }

    /// The pictures nearest to another, that one itself not among them if it is one of the collection.
    ///
    /// - Throws: ``AnalysisError`` for codes that are not finite.
    package func neighbors(
        of query: ImageCollection.Item, code: [Float], count: Int, metric: NearestNeighbors.Metric = .euclidean,
        in context: ComputeContext
    ) throws -> NearPictures {
        let own = itemOfRow.indices.filter { items[itemOfRow[$0]].isSame(as: query) }
        return try NearPictures(
            to: code, among: codes, count: count, metric: metric, excluding: Set(own), in: context)
    }

    /// A neighbor, at its own size.
    ///
    /// - Throws: `ImageError` where it can no longer be read.
    package func picture(_ neighbor: NearPictures.Neighbor) throws(ImageError) -> Picture {
        try items[itemOfRow[neighbor.index]].picture(over: background)
    }
}
