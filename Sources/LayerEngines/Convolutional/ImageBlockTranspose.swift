package import Autodiff
import CKernels
import Kernels
import Requirements
package import TensorCore

/// Rows of images [N, C, H, W] into blocks [B, C, H, W, 16]. Places beyond the last image become zeros.
package struct ImagesToBlocks: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Int) {
        let x = inputs[0]
        require(x.shape.rank == 4 && x.count > 0, "images are [N, C, H, W], one or more, not \(x.shape)")
        return ([ImageBlockTranspose.blocks(of: x, in: context)], x.shape[0])
    }

    package func backward(
        _ gradients: [Tensor?], saved count: Int, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        [gradients[0].map { ImageBlockTranspose.rows(of: $0, count: count, in: context) }]
    }
}

/// Blocks [B, C, H, W, 16] back into rows of images [N, C, H, W]. The gradient of places beyond the last image is zero.
package struct BlocksToImages: Operation {
    /// N
    package let count: Int

    package init(count: Int) { self.count = count }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([ImageBlockTranspose.rows(of: inputs[0], count: count, in: context)], ())
    }

    package func backward(
        _ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        [gradients[0].map { ImageBlockTranspose.blocks(of: $0, in: context) }]
    }
}

extension Variable {
    /// Images as rows [N, C, H, W], put into blocks.
    package func inBlocks() -> ImageBlocks { ImageBlocks(tape(ImagesToBlocks(), self), count: shape[0]) }
}

extension ImageBlocks {
    /// The images as rows again: [N, C, H, W].
    package func rows() -> Variable { variable.tape(BlocksToImages(count: count), variable) }
}

/// The copies themselves: 16 x 16 transposes, a strip of some elements of all 16 images of a block at a time.
enum ImageBlockTranspose {
    /// Elements of an image in a strip: a multiple of 16.
    private static let strip = 512

    /// [N, C, H, W] to [B, C, H, W, 16].
    static func blocks(of images: Tensor, in context: ComputeContext) -> Tensor {
        let count = images.shape[0], size = images.count / count, blocks = ImageBlocks.blocks(for: count)
        let strips = (size + strip - 1) / strip, kernels = context.kernels, source = images.pointer
        var result = Tensor(
            uninitialized: Shape([blocks] + images.shape.dimensions.dropFirst() + [16]), in: context.workspace)
        var padded = Tensor(uninitialized: [context.workers.count, 16, strip], in: context.workspace)
        let target = result.mutablePointer, scratch = padded.mutablePointer
        withExtendedLifetime((images, padded)) {
            context.parallel(over: blocks * strips, work: result.count) { thread, range in
                for index in range {
                    let block = index / strips, first = index % strips * strip, length = min(strip, size - first)
                    let present = min(16, count - block * 16), to = target + (block * size + first) * 16
                    let from = source + block * 16 * size + first
                    if present == 16 {
                        kernels.transpose(from, size, 16, length, to, 16)
                        continue
                    }
                    let rows = scratch + thread * 16 * strip
                    for image in 0..<16 {
                        let row = rows + image * strip
                        if image < present {
                            row.update(from: from + image * size, count: length)
                        } else {
                            row.update(repeating: 0, count: length)
                        }
                    }
                    kernels.transpose(rows, strip, 16, length, to, 16)
                }
            }
        }
        return result
    }

    /// [B, C, H, W, 16] to [N, C, H, W].
    static func rows(of blocked: Tensor, count: Int, in context: ComputeContext) -> Tensor {
        let dimensions = blocked.shape.dimensions
        require(
            dimensions.count == 5 && dimensions[4] == 16 && dimensions[0] == ImageBlocks.blocks(for: count),
            "\(count) images in blocks of shape \(blocked.shape)")
        let blocks = dimensions[0], size = blocked.count / blocks / 16, strips = (size + strip - 1) / strip
        let kernels = context.kernels, source = blocked.pointer
        var result = Tensor(uninitialized: Shape([count] + dimensions[1..<4]), in: context.workspace)
        var padded = Tensor(uninitialized: [context.workers.count, 16, strip], in: context.workspace)
        let target = result.mutablePointer, scratch = padded.mutablePointer
        withExtendedLifetime((blocked, padded)) {
            context.parallel(over: blocks * strips, work: blocked.count) { thread, range in
                for index in range {
                    let block = index / strips, first = index % strips * strip, length = min(strip, size - first)
                    let present = min(16, count - block * 16), from = source + (block * size + first) * 16
                    let to = target + block * 16 * size + first
                    if present == 16 {
                        kernels.transpose(from, 16, length, 16, to, size)
                        continue
                    }
                    let rows = scratch + thread * 16 * strip
                    kernels.transpose(from, 16, length, 16, rows, strip)
                    for image in 0..<present { (to + image * size).update(from: rows + image * strip, count: length) }
                }
            }
        }
        return result
    }
}
