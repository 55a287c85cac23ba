public import Images

/// Pictures small enough for a map.
public struct Thumbnails {
    /// Pixels of the longer side.
    public let side: Int

    public init(side: Int) { self.side = side }

    /// A picture of a batch without the filling around it.
    public func thumbnail(of batch: PictureBatch, _ position: Int) -> Picture {
        let place = batch.placements[position], fitted = batch.picture(position)
        let own = fitted.cropped(x: place.x, y: place.y, width: place.width, height: place.height)
        return reduced(place.originalChannels == 1 ? own.grey : own)
    }

    public func reduced(_ picture: Picture) -> Picture {
        let longer = max(picture.width, picture.height)
        guard longer > side else { return picture }
        return picture.resized(
            width: max(1, picture.width * side / longer), height: max(1, picture.height * side / longer))
    }
}
