import CKernels
import Kernels
import TensorCore

/// A weight rounded to bytes, in the order in which products of bytes read it: [panel][K / 4][width][4].
struct BytePanels {
    /// K / 4
    let steps: Int
    /// Columns of a panel.
    let width: Int
    /// Bytes, four in the place of a number.
    private let values: Tensor
    /// [panel][width], in whole numbers: what the bytes of a column add up to.
    private let columnSums: Tensor

    /// - Parameters:
    ///   - factors: of the columns of each panel, `factorsStep` apart from panel to panel.
    ///   - pack: writes a panel in single precision, [K][width].
    init(
        panels: Int, rows: Int, width: Int, factors: UnsafePointer<Float>, factorsStep: Int, in context: ComputeContext,
        pack: (_ panel: Int, _ target: UnsafeMutablePointer<Float>) -> Void
    ) {
        let steps = (rows + 3) / 4, workers = context.workers, kernels = context.kernels
        (self.steps, self.width) = (steps, width)
        var values = Tensor(uninitialized: [panels, steps * width], in: context.workspace, isKept: true)
        var columnSums = Tensor(uninitialized: [panels, width], in: context.workspace, isKept: true)
        var scratch = Tensor(uninitialized: [workers.count, rows * width], in: context.workspace)
        let target = values.mutablePointer, sums = columnSums.mutablePointer, block = scratch.mutablePointer
        workers.run { thread in
            let numbers = block + thread * rows * width
            for panel in workers.share(of: panels, thread: thread) {
                pack(panel, numbers)
                kernels.byte_rows(
                    numbers, width, rows, width, factors + panel * factorsStep,
                    Self.bytes(target + panel * steps * width), Self.wholes(sums + panel * width))
            }
        }
        withExtendedLifetime(scratch) {}
        (self.values, self.columnSums) = (values, columnSums)
    }

    /// Valid as long as these panels.
    func operand(_ states: ByteStates) -> ByteOperand {
        ByteOperand(
            states: UnsafePointer(states.pointer), row: states.row, steps: steps, width: width,
            panels: UnsafePointer(Self.bytes(UnsafeMutablePointer(mutating: values.pointer))),
            columnSums: UnsafePointer(Self.wholes(UnsafeMutablePointer(mutating: columnSums.pointer))))
    }

    private static func bytes(_ numbers: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Int8> {
        UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Int8.self)
    }

    private static func wholes(_ numbers: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Int32.self)
    }
}

/// Hidden states of some rows, or what is multiplied in their place, as bytes: 127 times as large, and 128 more.
final class ByteStates {
    /// Bytes from one row to the next: whole groups of 16 units, those past the last stand for zero.
    let row: Int
    let pointer: UnsafeMutablePointer<UInt8>

    init(batch: Int, units: Int) {
        row = GroupedSequence.groups(of: units) * 16
        let memory = UnsafeMutableRawPointer.allocate(byteCount: batch * row, alignment: 64)
        pointer = memory.initializeMemory(as: UInt8.self, repeating: 128, count: batch * row)
    }

    deinit { pointer.deallocate() }
}

/// The operands of products of bytes on plain pointers.
struct ByteOperand {
    let states: UnsafePointer<UInt8>
    let row: Int
    let steps: Int
    let width: Int
    let panels: UnsafePointer<Int8>
    let columnSums: UnsafePointer<Int32>

    /// sums += states W for some columns of a panel.
    /// - Parameter sums: [rows][64], from the column on where the first of these goes.
    func add(
        panel: Int, columns: Range<Int>, rows: Int, to sums: UnsafeMutablePointer<Int32>, _ kernels: CKKernels
    ) {
        var product = CKByteProduct()
        (product.a, product.a_row, product.steps) = (states, row, steps)
        (product.b, product.b_step) = (panels + panel * steps * width * 4 + columns.lowerBound * 4, width * 4)
        product.b_sums = columnSums + panel * width + columns.lowerBound
        (product.c, product.c_row) = (sums, 64)
        (product.rows, product.columns) = (rows, columns.count)
        kernels.byte_product(&product)
    }
}
