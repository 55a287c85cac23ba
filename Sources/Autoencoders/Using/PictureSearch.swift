package import Images
import Requirements
package import TensorCore

/// Pictures of a collection that can be searched by their codes.
package struct PictureSearch {
    package let codes: PictureCodes
    private let items: [ImageCollection.Item]
    /// The item that each row of codes belongs to; pictures that cannot be read have no row.
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

    /// Reads a picture that was found, at its own size.
    ///
    /// - Throws: `ImageError` where it can no longer be read.
    package func picture(_ neighbor: NearPictures.Neighbor) throws(ImageError) -> Picture {
        try items[itemOfRow[neighbor.index]].picture(over: background)
    }
}

/// The pictures whose codes are nearest to that of another.
package struct NearPictures: Sendable, Equatable {
    package struct Neighbor: Sendable, Equatable {
        /// The row among the codes that were searched.
        package var index: Int
        package var name: String
        package var label: String?
        package var distance: Float
    }

    /// The pictures found, the nearest first.
    package let neighbors: [Neighbor]

    /// - Parameters:
    ///   - query: a code [K].
    ///   - excluded: rows that are not to be found: the query itself.
    /// - Throws: ``AnalysisError`` for codes that are not finite.
    package init(
        to query: [Float], among codes: PictureCodes, count: Int,
        metric: NearestNeighbors.Metric = .euclidean, excluding excluded: Set<Int> = [], in context: ComputeContext
    ) throws {
        require(query.count == codes.length, "a query of \(query.count) numbers among codes of \(codes.length)")
        let found = try NearestNeighbors.find(
            Tensor(query, shape: [1, query.count]), in: codes.codes, count: count + excluded.count, metric: metric,
            context: context)
        neighbors = found.neighbors(of: 0).filter { !excluded.contains($0.index) }.prefix(count).map {
            Neighbor(
                index: $0.index, name: codes.names[$0.index], label: codes.labels[$0.index], distance: $0.distance)
        }
    }
}

/// One picture, named by a user: a file, or a picture of an array by its number: `digits.idx#12`.
package enum PictureReference {
    /// - Returns: a collection of one.
    /// - Throws: ``AutoencoderError/notOnePicture(path:found:)`` where a path leads to several,
    ///   ``AutoencoderError/noSuchPicture(path:number:count:)``, `ImageError` where it leads to none.
    package static func find(_ text: String) throws -> ImageCollection {
        guard let (array, number) = position(text) else {
            let collection = try ImageCollection.scan([text])
            guard collection.items.count == 1 else {
                throw AutoencoderError.notOnePicture(path: text, found: collection.items.count)
            }
            return collection
        }
        let collection = try ImageCollection.scan([array])
        guard number < collection.items.count else {
            throw AutoencoderError.noSuchPicture(path: array, number: number, count: collection.items.count)
        }
        return collection.subset([number])
    }

    /// A file whose own name ends in a number like that goes first.
    private static func position(_ text: String) -> (array: String, number: Int)? {
        guard let mark = text.lastIndex(of: "#"), let number = Int(text[text.index(after: mark)...]), number >= 0,
            (try? ContentKind.of(path: text)) == nil
        else { return nil }
        return (String(text[..<mark]), number)
    }
}

/// A picture and those that are near it: it alone at the left, they in rows beside it.
package enum NeighborSheet {
    private static let across = 8

    /// - Parameter neighbors: nearest first.
    package static func picture(of query: Picture, neighbors: [Picture]) -> Picture {
        var sheet = ContactSheet()
        let shown = sheet.reduced(query)
        // As large as a picture that is there anyway: it takes no room of its own.
        let blank = Picture(width: shown.width, height: shown.height, channels: 1, filledWith: sheet.background.red)
        let across = max(1, min(across, neighbors.count))
        var cells: [Picture] = []
        for (position, neighbor) in neighbors.enumerated() {
            if position % across == 0 { cells += [position == 0 ? shown : blank, blank] }
            cells.append(sheet.reduced(neighbor))
        }
        if neighbors.isEmpty { cells = [shown] }
        sheet.columns = min(cells.count, across + 2)
        return sheet.picture(of: cells)
    }
}
