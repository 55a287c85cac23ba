import CKernels
import Requirements

/// An elementwise kernel of one operand: source, target, elements.
package typealias UnaryKernel = (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
/// An elementwise kernel of two operands: sources, target, elements.
package typealias BinaryKernel = (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) ->
    Void

extension ComputeContext {
    /// A tensor of the operand's shape, filled by a kernel on all threads: `context.map(x, context.kernels.tanh)`.
    package func map(_ x: Tensor, _ kernel: UnaryKernel) -> Tensor {
        var y = Tensor(uninitialized: x.shape, in: workspace)
        let target = y.mutablePointer, source = x.pointer
        withExtendedLifetime(x) {
            forElements(of: x.count) { start, count in kernel(source + start, target + start, count) }
        }
        return y
    }

    /// The same for two operands of one shape: `context.map(a, b, context.kernels.add)`.
    package func map(_ a: Tensor, _ b: Tensor, _ kernel: BinaryKernel) -> Tensor {
        require(a.shape == b.shape, "elementwise on shapes \(a.shape) and \(b.shape): broadcast one of them first")
        var y = Tensor(uninitialized: a.shape, in: workspace)
        let target = y.mutablePointer, left = a.pointer, right = b.pointer
        withExtendedLifetime((a, b)) {
            forElements(of: a.count) { start, count in kernel(left + start, right + start, target + start, count) }
        }
        return y
    }

    /// scale * x + shift, rounded once.
    package func affine(_ x: Tensor, scale: Float, shift: Float = 0) -> Tensor {
        map(x) { kernels.affine($0, scale, shift, $1, $2) }
    }
}
