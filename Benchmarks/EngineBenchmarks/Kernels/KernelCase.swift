import CKernels
import Kernels

/// One kernel on operands of one size.
struct KernelCase {
    /// As in the table of kernels: `panel_product`.
    let kernel: String
    /// "25×64×512".
    let shape: String
    /// Floating-point operations of a call: two for a fused multiply-add, one for any other, comparisons of a clamp
    /// included; moving and choosing bits is none.
    let operations: Double
    /// Read and written by a call; what is read and written again counts twice.
    let bytes: Int
    /// The passes over memory that move data in most nearly the same way.
    let traffic: Traffic
    /// Bytes that calls return to again and again: where they are found depends on this.
    let workingSet: Int
    /// Whose peak is the limit of arithmetic.
    let precision: ProductPrecision
    /// Makes a call, with buffers for one thread.
    let prepare: (CKKernels, Arena) -> Call

    struct Call {
        let run: () -> Void
        /// Puts back what the kernel overwrites and would otherwise wear out; its own time is taken off.
        var restore: (() -> Void)?
    }

    enum Traffic: String {
        /// Only read.
        case read
        /// Only written.
        case write
        /// As much written, elsewhere, as read.
        case copy
        /// What is read is written again.
        case update
        /// Twice as much read as written.
        case triad
    }

    init(
        _ kernel: String, _ shape: String, operations: Double, bytes: Int, _ traffic: Traffic, workingSet: Int? = nil,
        precision: ProductPrecision = .single, prepare: @escaping (CKKernels, Arena) -> Call
    ) {
        (self.kernel, self.shape, self.operations, self.bytes) = (kernel, shape, operations, bytes)
        (self.traffic, self.workingSet, self.precision) = (traffic, workingSet ?? bytes, precision)
        self.prepare = prepare
    }
}
