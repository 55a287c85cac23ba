import Requirements
package import TensorCore

/// Pictures of a collection, fitted into a format.
package struct PictureBatch: Sendable {
    package let format: PictureFormat
    /// Which pictures of the collection these are, in the order asked for; those that could not be read are left out.
    package let indices: [Int]
    /// The pictures' bytes, planar: [count, channels, height, width].
    package internal(set) var pixels: [UInt8]
    /// Where each picture lies in the format, in the order of `indices`.
    package let placements: [Placement]
    /// The pictures that were asked for and could not be read.
    package let failures: [PictureFailure]

    package var count: Int { indices.count }

    init(
        format: PictureFormat, indices: [Int], pixels: [UInt8], placements: [Placement], failures: [PictureFailure]
    ) {
        require(
            pixels.count == indices.count * format.count && placements.count == indices.count,
            "\(pixels.count) values and \(placements.count) placements for \(indices.count) pictures of \(format)")
        self.format = format
        self.indices = indices
        self.pixels = pixels
        self.placements = placements
        self.failures = failures
    }

    /// The pixels as numbers, [N, C, H, W], byte / 255: 0 black and 1 white.
    package func tensor(in workspace: Workspace? = nil) -> Tensor {
        var tensor = Tensor(
            uninitialized: [count, format.channels, format.height, format.width], in: workspace)
        tensor.withUnsafeMutablePointer { target in
            pixels.withUnsafeBufferPointer { source in
                for i in 0..<source.count { target[i] = Float(source[i]) / 255 }
            }
        }
        return tensor
    }

    /// 1 where a pixel belongs to its picture and 0 in the filling around it, [N, 1, H, W].
    package func mask() -> Tensor {
        Tensor(placements.flatMap { $0.mask(in: format) }, shape: [count, 1, format.height, format.width])
    }

    /// A picture of the batch as the network sees it.
    package func picture(_ position: Int) -> Picture {
        Picture(planar: pixels[position * format.count..<(position + 1) * format.count], format: format)
    }
}

/// A picture of a collection that could not be read.
package struct PictureFailure: Error, Equatable, Sendable {
    /// The picture's place in the collection.
    package let index: Int
    package let name: String
    package let error: ImageError

    package init(index: Int, name: String, error: ImageError) {
        self.index = index
        self.name = name
        self.error = error
    }
}

extension PictureFailure: CustomStringConvertible {
    package var description: String { error.description }
}
