import Requirements

/// A picture in memory: 8 bits a channel, rows from the top, pixels interleaved.
///
/// What a file holds beyond that is reduced when it is read: 16 bits are rounded to 8, a palette is looked up,
/// transparent parts are laid over white, the orientation of a camera is applied.
package struct Picture: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// 1 (grey) or 3 (red, green, blue; sRGB as it stands in the file).
    package let channels: Int
    /// height × width × channels, row-major.
    package var pixels: [UInt8]

    /// - Precondition: at least one pixel, 1 or 3 channels, and as many values as that makes.
    package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        require(width >= 1 && height >= 1, "a picture of \(width) × \(height) pixels")
        require(channels == 1 || channels == 3, "a picture has 1 or 3 channels, not \(channels)")
        require(
            pixels.count == width * height * channels,
            "\(pixels.count) values for \(width) × \(height) pixels of \(channels) channels")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// One color.
    package init(width: Int, height: Int, channels: Int, filledWith value: UInt8) {
        self.init(
            width: width, height: height, channels: channels,
            pixels: [UInt8](repeating: value, count: width * height * channels))
    }

    package subscript(x: Int, y: Int, channel: Int) -> UInt8 {
        get { pixels[(y * width + x) * channels + channel] }
        set { pixels[(y * width + x) * channels + channel] = newValue }
    }
}
