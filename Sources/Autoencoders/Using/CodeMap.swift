package import Images
package import TensorCore

/// Codes in two dimensions.
package enum CodeMap {
    package enum Method: String, CaseIterable, Sendable {
        /// The two directions in which the codes vary most: distances mean something.
        case pca
        /// Near codes stay near, and groups come apart; how far apart means little.
        case tsne
    }

    /// [N, 2] of codes [N, K].
    ///
    /// - Parameters:
    ///   - seed: of t-SNE.
    ///   - onProgress: iterations of t-SNE done, of how many.
    /// - Returns: nil if it was stopped.
    /// - Throws: ``AnalysisError`` for codes that are not finite.
    package static func positions(
        of codes: Tensor, by method: Method, seed: UInt64 = 1, in context: ComputeContext,
        shouldStop: () -> Bool = { false }, onProgress: (_ done: Int, _ count: Int) -> Void = { _, _ in }
    ) throws -> Tensor? {
        switch method {
        case .pca: return try PrincipalComponents.map(codes, in: context)
        case .tsne:
            var options = TSNE.Options()
            options.seed = seed
            let map = try TSNE.embed(
                codes, options: options, in: context, progress: onProgress, shouldStop: shouldStop)
            return shouldStop() ? nil : map.positions
        }
    }
}

/// Pictures small enough for a map.
package struct Thumbnails {
    /// Pixels of the longer side.
    package let side: Int

    package init(side: Int) { self.side = side }

    /// A picture of a batch without the filling around it.
    package func thumbnail(of batch: PictureBatch, _ position: Int) -> Picture {
        let place = batch.placements[position], fitted = batch.picture(position)
        let own = fitted.cropped(x: place.x, y: place.y, width: place.width, height: place.height)
        return reduced(place.originalChannels == 1 ? own.gray : own)
    }

    package func reduced(_ picture: Picture) -> Picture {
        let longer = max(picture.width, picture.height)
        guard longer > side else { return picture }
        return picture.resized(
            width: max(1, picture.width * side / longer), height: max(1, picture.height * side / longer))
    }
}
