package import Images
package import TensorCore

/// The way from one picture to another through the space of codes.
package struct CodeWalk {
    package let start: [Float]
    package let end: [Float]
    private let saved: SavedAutoencoder
    /// Where both pictures lay in the model's format, if they did so at the same place: those between them do too.
    private let placement: Placement?

    /// - Parameters:
    ///   - first: a collection of one picture, and second.
    /// - Throws: `ImageError` where one cannot be read.
    package init(
        from first: ImageCollection, to second: ImageCollection, with saved: SavedAutoencoder,
        in context: ComputeContext
    ) throws {
        let (a, b) = (try saved.code(of: first, in: context), try saved.code(of: second, in: context))
        (start, end, self.saved) = (a.code, b.code, saved)
        placement = a.placement == b.placement ? a.placement : nil
    }

    /// So many pictures, the reconstructions of both ends among them: of the size of both where they have the same, else
    /// of the model's.
    package func pictures(_ path: Interpolation, count: Int, in context: ComputeContext) -> [Picture] {
        saved.pictures(from: path.steps(from: start, to: end, count: count), at: placement, in: context)
    }
}
