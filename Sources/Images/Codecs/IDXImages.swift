import Requirements

/// The pictures in an IDX file.
package struct IDXImages: Sendable {
    package let count: Int
    package let height: Int
    package let width: Int
    /// 1 or 3.
    package let channels: Int
    /// The channels of a picture lie one after another, not interleaved.
    let isPlanar: Bool
    let values: [UInt8]

    init(_ file: IDXFile) throws(ImageError) {
        let sizes = file.header.dimensions
        let isChannels = { (size: Int) in size == 1 || size == 3 }
        switch sizes.count {
        case 3:
            (height, width, channels, isPlanar) = (sizes[1], sizes[2], 1, false)
        // Three numbers side by side are a color, rather than a picture three pixels wide.
        case 4 where sizes[3] == 3 || isChannels(sizes[3]) && !isChannels(sizes[1]):
            (height, width, channels, isPlanar) = (sizes[1], sizes[2], sizes[3], false)
        case 4 where isChannels(sizes[1]):
            (height, width, channels, isPlanar) = (sizes[2], sizes[3], sizes[1], true)
        default:
            throw .unsupported(
                path: file.path,
                reason: "its dimensions \(file.header.text) are not those of pictures (count × height × width, "
                    + "or with 1 or 3 channels besides)")
        }
        count = sizes[0]
        guard count == 0 || height > 0 && width > 0 else {
            throw .damaged(path: file.path, reason: "its pictures have \(width) × \(height) pixels")
        }
        values = file.values
    }

    /// Picture `index` in the order of the file.
    package subscript(index: Int) -> Picture {
        require(index >= 0 && index < count, "picture \(index) of \(count)")
        let size = height * width * channels
        let own = values[index * size..<(index + 1) * size]
        guard isPlanar && channels > 1 else {
            return Picture(width: width, height: height, channels: channels, pixels: Array(own))
        }
        let plane = height * width
        var picture = Picture(width: width, height: height, channels: channels, pixels: Array(own))
        for channel in 0..<channels {
            for pixel in 0..<plane {
                picture.pixels[pixel * channels + channel] = own[own.startIndex + channel * plane + pixel]
            }
        }
        return picture
    }
}
