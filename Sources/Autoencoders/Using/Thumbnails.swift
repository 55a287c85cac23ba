package import Images

/// Pictures small enough for a map.
package struct Thumbnails {
    /// Pixels of the longer side.
    package let side: Int

    package init(side: Int) { self.side = side }

    /// A picture of a batch without the filling around it.
    package func thumbnail(of batch: PictureBatch, _ position: Int) -> Picture {
        let place = batch.placements[position], fitted = batch.picture(position)
        let own = fitted.cropped(x: place.x, y: place.y, width: place.width, height: place.height)
        return reduced(place.originalChannels == 1 ? own.grey : own)
    }

    package func reduced(_ picture: Picture) -> Picture {
        let longer = max(picture.width, picture.height)
        guard longer > side else { return picture }
        return picture.resized(
            width: max(1, picture.width * side / longer), height: max(1, picture.height * side / longer))
    }
}
