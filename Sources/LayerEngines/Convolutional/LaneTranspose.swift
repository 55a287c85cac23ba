package import Autodiff
import CKernels
import Kernels
import Requirements
package import TensorCore

/// Rows of images [N, C, H, W] into lanes [B, C, H, W, 16]. Lanes beyond the last image become zeros.
package struct ImagesToLanes: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Int) {
        let x = inputs[0]
        require(x.shape.rank == 4 && x.count > 0, "images are [N, C, H, W], not \(x.shape)")
        return ([LaneTranspose.lanes(of: x, in: context)], x.shape[0])
    }

    package func backward(
        _ gradients: [Tensor?], saved count: Int, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        [gradients[0].map { LaneTranspose.rows(of: $0, count: count, in: context) }]
    }
}

/// Lanes [B, C, H, W, 16] back into rows of images [N, C, H, W]. The gradient of lanes beyond the last image is zero.
package struct LanesToImages: Operation {
    /// N
    package let count: Int

    package init(count: Int) { self.count = count }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([LaneTranspose.rows(of: inputs[0], count: count, in: context)], ())
    }

    package func backward(
        _ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        [gradients[0].map { LaneTranspose.lanes(of: $0, in: context) }]
    }
}

extension Variable {
    /// Images as rows [N, C, H, W], put into lanes.
    package func inBlocks() -> ImageBlocks { ImageBlocks(tape(ImagesToLanes(), self), count: shape[0]) }
}

extension ImageBlocks {
    /// The images as rows again: [N, C, H, W].
    package func rows() -> Variable { variable.tape(LanesToImages(count: count), variable) }
}

/// The copies themselves: 16 x 16 transposes, a strip of some elements of all 16 images at a time.
enum LaneTranspose {
    /// Elements of an image in a strip: a multiple of 16.
    private static let strip = 512

    static func lanes(of images: Tensor, in context: ComputeContext) -> Tensor {
        let count = images.shape[0], size = images.count / count, blocks = ImageBlocks.blocks(for: count)
        let strips = (size + strip - 1) / strip, kernels = context.kernels, source = images.pointer
        var result = Tensor(
            uninitialized: Shape([blocks] + images.shape.dimensions.dropFirst() + [16]), in: context.workspace)
        var padded = Tensor(uninitialized: [context.workers.count, 16, strip], in: context.workspace)
        let target = result.mutablePointer, scratch = padded.mutablePointer
        withExtendedLifetime((images, padded)) {
            forStrips(blocks * strips, work: result.count, in: context) { thread, index in
                let block = index / strips, first = index % strips * strip, length = min(strip, size - first)
                let present = min(16, count - block * 16), to = target + (block * size + first) * 16
                let from = source + block * 16 * size + first
                guard present < 16 else { return kernels.transpose(from, size, 16, length, to, 16) }
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
        return result
    }

    static func rows(of lanes: Tensor, count: Int, in context: ComputeContext) -> Tensor {
        let dimensions = lanes.shape.dimensions
        require(
            dimensions.count == 5 && dimensions[4] == 16 && dimensions[0] == ImageBlocks.blocks(for: count),
            "\(count) images in lanes of shape \(lanes.shape)")
        let blocks = dimensions[0], size = lanes.count / blocks / 16, strips = (size + strip - 1) / strip
        let kernels = context.kernels, source = lanes.pointer
        var result = Tensor(uninitialized: Shape([count] + dimensions[1..<4]), in: context.workspace)
        var padded = Tensor(uninitialized: [context.workers.count, 16, strip], in: context.workspace)
        let target = result.mutablePointer, scratch = padded.mutablePointer
        withExtendedLifetime((lanes, padded)) {
            forStrips(blocks * strips, work: lanes.count, in: context) { thread, index in
                let block = index / strips, first = index % strips * strip, length = min(strip, size - first)
                let present = min(16, count - block * 16), from = source + (block * size + first) * 16
                let to = target + block * 16 * size + first
                guard present < 16 else { return kernels.transpose(from, 16, length, 16, to, size) }
                let rows = scratch + thread * 16 * strip
                kernels.transpose(from, 16, length, 16, rows, strip)
                for image in 0..<present { (to + image * size).update(from: rows + image * strip, count: length) }
            }
        }
        return result
    }

    @inline(__always)
    private static func forStrips(
        _ total: Int, work: Int, in context: ComputeContext, _ body: (_ thread: Int, _ index: Int) -> Void
    ) {
        let workers = context.workers
        guard work >= 16_384, workers.count > 1 else {
            for index in 0..<total { body(0, index) }
            return
        }
        workers.run { thread in
            for index in workers.share(of: total, thread: thread) { body(thread, index) }
        }
    }
}
