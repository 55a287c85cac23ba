import CKernels
import Kernels
import TensorCore

/// One step of a layer with weights of bytes on plain pointers, the only thing allowed inside of a parallel region.
///
/// For each panel: sums of whole numbers in a small block of scratch; then, in single precision, bias, gathered columns and the
/// sums times their scales; then the cell, and its states as bytes for the products that follow.
struct BytePass {
    let kernels: CKKernels
    let layout: PanelLayout
    let batch: Int
    /// Nil where columns are gathered.
    let input: ByteOperand?
    /// With the states before.
    let recurrent: ByteOperand
    let scales, bias: UnsafePointer<Float>
    /// [panel][V][width]; nil where the input is multiplied.
    let columns: UnsafePointer<Float>?
    /// From the columns of a panel to those of the next.
    let columnsStep: Int
    /// [G, N, 16], in place.
    let h, c: UnsafeMutablePointer<Float>
    /// The states after the step, [N][G 16].
    let states: UnsafeMutablePointer<UInt8>
    /// Of a GRU whose reset gate acts before the product: the states that it has acted on, and their product's operand.
    let reset: Reset?

    struct Reset {
        let states: UnsafeMutablePointer<UInt8>
        let operand: ByteOperand
        /// [panel][N][64], between the two products.
        let sums: UnsafeMutablePointer<Float>
    }

    /// Numbers of scratch that a thread needs: sums, and what they become.
    static func scratchSize(batch: Int) -> Int { 2 * batch * 64 }

    /// Bytes of a row of states.
    private var row: Int { layout.groups * 16 }

    /// - Parameter ids: of the columns that are gathered.
    func advance(
        ids: UnsafePointer<Int32>?, panels: Range<Int>, _ scratch: UnsafeMutablePointer<Float>
    ) {
        let sums = Self.wholes(scratch)
        for panel in panels {
            let numbers = reset.map { $0.sums + panel * batch * 64 } ?? scratch + batch * 64
            kernels.start_accumulators(
                numbers, batch, bias + panel * 64, columns.map { $0 + panel * columnsStep }, layout.width, layout.width,
                ids)
            sums.update(repeating: 0, count: batch * 64)
            input?.add(panel: panel, columns: 0..<layout.width, rows: batch, to: sums, kernels)
            // The state's part of n waits for the reset gate.
            recurrent.add(
                panel: panel, columns: 0..<(reset == nil ? layout.width : 32), rows: batch,
                to: sums + layout.hiddenOffset, kernels)
            kernels.add_scaled_sums(sums, batch, scales + panel * 64, numbers)
            if let reset { self.reset(panel, numbers, reset) } else { cell(panel, numbers) }
        }
    }

    /// The second half of the step of a GRU whose reset gate acts before the product, once all panels have gone through the first.
    func finish(panels: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) {
        guard let reset else { return }
        let sums = Self.wholes(scratch)
        for panel in panels {
            let numbers = reset.sums + panel * batch * 64
            sums.update(repeating: 0, count: batch * 64)
            reset.operand.add(panel: panel, columns: 32..<48, rows: batch, to: sums + 48, kernels)
            kernels.add_scaled_sums(sums, batch, scales + panel * 64, numbers)
            cell(panel, numbers)
        }
    }

    /// r h as bytes; and since r has acted, it is one from here on.
    private func reset(_ panel: Int, _ numbers: UnsafeMutablePointer<Float>, _ reset: Reset) {
        let before = h + panel * batch * 16
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { gate in
            guard let gate = gate.baseAddress else { return }
            for row in 0..<batch {
                let r = numbers + row * 64 + 16
                kernels.sigmoid(r, gate, 16)
                kernels.multiply(gate, before + row * 16, gate, 16)
                kernels.byte_states(gate, 1, reset.states + row * self.row + panel * 16, self.row)
                // So large that its sigmoid is 1.
                r.update(repeating: 100, count: 16)
            }
        }
    }

    private func cell(_ panel: Int, _ numbers: UnsafePointer<Float>) {
        let groups = layout.groups(panel), first = groups.lowerBound * batch * 16, h = h + first, c = c + first
        switch layout.kind {
        case .lstm: kernels.lstm_forward(numbers, batch, c, nil, c, h)
        case .gru: kernels.gru_forward(numbers, batch, h, nil, h)
        case .rnn: kernels.tanh_forward(numbers, batch, h, batch * 16, groups.count)
        }
        for (place, group) in groups.enumerated() {
            kernels.byte_states(h + place * batch * 16, batch, states + group * 16, row)
        }
    }

    private static func wholes(_ numbers: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Int32.self)
    }
}

/// The dense layer after them, on plain pointers.
struct ByteHeadPass {
    let kernels: CKKernels
    let batch, outputs: Int
    let operand: ByteOperand
    let scales, bias: UnsafePointer<Float>

    /// Panels of 64 outputs.
    var panels: Int { (outputs + 63) / 64 }

    /// - Parameter result: [N, outputs], of which some panels are written.
    func run(
        panels: Range<Int>, _ scratch: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>
    ) {
        let sums = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Int32.self)
        let numbers = scratch + batch * 64
        for panel in panels {
            let columns = min(64, outputs - panel * 64)
            kernels.start_accumulators(numbers, batch, bias + panel * 64, nil, 0, 0, nil)
            sums.update(repeating: 0, count: batch * 64)
            operand.add(panel: panel, columns: 0..<(columns + 15) / 16 * 16, rows: batch, to: sums, kernels)
            kernels.add_scaled_sums(sums, batch, scales + panel * 64, numbers)
            for row in 0..<batch {
                (result + row * outputs + panel * 64).update(from: numbers + row * 64, count: columns)
            }
        }
    }
}
