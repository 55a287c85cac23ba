import Autodiff
import CKernels
package import TensorCore

/// Where an output row or column comes from: (1 - weight) first + weight second.
package struct ResamplingTap {
    let tap: CKTap

    package init(first: Int, second: Int, weight: Float) {
        tap = CKTap(first: Int32(first), second: Int32(second), weight: weight)
    }
}

/// Images in blocks at another size, by a table for each axis: [B, C, H, W, 16] to [B, C, rows, columns, 16].
/// A thread takes whole (block, channel) planes. Cost: a read for each tap and a write.
package struct Resampling: Operation {
    package enum Method { case nearest, linear }

    private let rows: [CKTap]
    private let columns: [CKTap]
    private let method: Method

    package init(rows: [ResamplingTap], columns: [ResamplingTap], method: Method) {
        self.rows = rows.map(\.tap)
        self.columns = columns.map(\.tap)
        self.method = method
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let x = inputs[0], planes = x.shape[0] * x.shape[1], size = x.shape[2] * x.shape[3] * ImageBlocks.blockSize
        var y = Tensor(
            uninitialized: [x.shape[0], x.shape[1], rows.count, columns.count, ImageBlocks.blockSize],
            in: context.workspace)
        let kernel = method == .nearest ? context.kernels.resample_nearest : context.kernels.resample_linear
        guard let kernel else { fatalError("the kernel table has no resampling") }
        let source = x.pointer, target = y.mutablePointer,
            targetSize = rows.count * columns.count * ImageBlocks.blockSize
        withTables(width: x.shape[3]) { tables in
            withExtendedLifetime(x) {
                context.parallel(over: planes, work: y.count) { range in
                    for plane in range { kernel(tables, source + plane * size, target + plane * targetSize) }
                }
            }
        }
        return ([y], x.shape)
    }

    /// Every output pixel's gradient is added to the pixels it came from, by the same weights, in scan order.
    package func backward(
        _ gradients: [Tensor?], saved shape: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil] }
        let planes = shape[0] * shape[1], size = shape[2] * shape[3] * ImageBlocks.blockSize
        var dx = Tensor(uninitialized: shape, in: context.workspace)
        let kernels = context.kernels
        let kernel = method == .nearest ? kernels.resample_nearest_gradient : kernels.resample_linear_gradient
        guard let kernel else { fatalError("the kernel table has no resampling") }
        let source = dy.pointer, target = dx.mutablePointer,
            sourceSize = rows.count * columns.count * ImageBlocks.blockSize
        withTables(width: shape[3]) { tables in
            withExtendedLifetime(dy) {
                context.parallel(over: planes, work: dy.count) { range in
                    for plane in range {
                        (target + plane * size).update(repeating: 0, count: size)
                        kernel(tables, source + plane * sourceSize, target + plane * size)
                    }
                }
            }
        }
        return [dx]
    }

    private func withTables(width: Int, _ body: (UnsafePointer<CKResampling>) -> Void) {
        rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
                var tables = CKResampling(
                    width: width, out_height: rows.count, out_width: columns.count, rows: rows.baseAddress,
                    columns: columns.baseAddress)
                withUnsafePointer(to: &tables, body)
            }
        }
    }
}
