package import Autodiff
import Requirements
import TensorCore

/// A batch of images on a tape in blocks of sixteen, the images of a block side by side as the lanes of a vector: what
/// convolution, pooling, resampling and normalization work on. Every element is computed for 16 images at once, so that
/// one channel and seven, edges and insides, all run the same code at full width.
package struct ImageBlocks {
    /// Images in a block, and lanes in a vector.
    package static let blockSize = 16

    /// [blocks, channels, height, width, 16]; image i is place i % 16 of block i / 16. The places of the last block
    /// beyond ``count`` hold something finite that means nothing; their gradient is zero.
    package let variable: Variable
    /// N, images.
    package let count: Int

    /// - Precondition: rank 5 and 16 places, in just the blocks that `count` images need; at least one image, channel and
    ///   pixel.
    package init(_ variable: Variable, count: Int) {
        let shape = variable.shape
        require(
            shape.rank == 5 && shape[4] == Self.blockSize, "images in blocks are [B, C, H, W, 16], not \(shape)")
        require(
            count >= 1 && shape[0] == Self.blocks(for: count), "\(count) images in \(shape[0]) blocks of 16")
        require(shape.count > 0, "images without a channel or a pixel: \(shape)")
        self.variable = variable
        self.count = count
    }

    /// Blocks that so many images need.
    package static func blocks(for count: Int) -> Int { (count + blockSize - 1) / blockSize }

    package var blocks: Int { variable.shape[0] }
    package var channels: Int { variable.shape[1] }
    package var height: Int { variable.shape[2] }
    package var width: Int { variable.shape[3] }

    /// The same images after an operation on each element.
    package func map(_ operation: (Variable) -> Variable) -> ImageBlocks {
        ImageBlocks(operation(variable), count: count)
    }
}
