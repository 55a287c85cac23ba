import CKernels
import Kernels
import Requirements
import TensorCore

/// A recurrent layer with packed weights and the state of some rows. h has two buffers, one read while the other is
/// written, as every unit of a step reads all of h; c is overwritten where it lies.
package struct SteppedLayer {
    let inputs: Int
    private let layout: PanelLayout
    private let batch: Int
    private let packs: RecurrentPacks
    /// Two of [G, N, 16].
    private var h: [Tensor]
    /// [G, N, 16]; empty for cells without.
    private var c: Tensor

    package init(kind: CellKind, inputs: Int, hidden: Int, packs: RecurrentPacks, batch: Int) {
        layout = PanelLayout(kind: kind, hidden: hidden)
        self.inputs = inputs
        self.batch = batch
        self.packs = packs
        let shape: Shape = [layout.groups, batch, 16]
        h = [Tensor(zeros: shape), Tensor(zeros: shape)]
        c = Tensor(zeros: kind.hasCellState ? shape : [0])
    }

    var hidden: Int { layout.hidden }

    /// For one row.
    var multiplyAdds: Int { layout.kind.gates * layout.hidden * (layout.hidden + inputs) }

    /// Reads h from buffer `parity` and writes the other.
    mutating func pass(
        input: UnsafePointer<Float>?, parity: Int, in context: ComputeContext
    ) -> RecurrentForwardPass {
        RecurrentForwardPass(
            kernels: context.kernels, layout: layout, steps: 1, batch: batch, inputGroups: packs.inputGroups,
            precision: .single, x: input,
            inputPanels: packs.input.pointer, recurrentPanels: packs.recurrent.pointer, bias: packs.bias.pointer,
            h0: UnsafePointer(h[parity].mutablePointer), hiddenPairs: nil, y: h[1 - parity].mutablePointer, gates: nil,
            cells: c.mutablePointer, cellSlots: 1)
    }

    func state(parity: Int) -> (h: Tensor, c: Tensor?) {
        (rows(h[parity]), layout.kind.hasCellState ? rows(c) : nil)
    }

    /// In place: the passes hold pointers.
    mutating func setState(h newH: Tensor, c newC: Tensor?, parity: Int) {
        let shape: Shape = [batch, layout.hidden]
        require(
            newH.shape == shape && (newC != nil) == layout.kind.hasCellState && (newC?.shape ?? shape) == shape,
            "a state of shapes \(newH.shape), \(newC.map { $0.shape.description } ?? "none") for \(layout.kind) \(shape)"
        )
        ColumnGroups.group(newH.pointer, batch: batch, columns: layout.hidden, into: h[parity].mutablePointer)
        if let newC { ColumnGroups.group(newC.pointer, batch: batch, columns: layout.hidden, into: c.mutablePointer) }
    }

    private func rows(_ groups: Tensor) -> Tensor {
        var result = Tensor(uninitialized: [batch, layout.hidden])
        ColumnGroups.ungroup(groups.pointer, batch: batch, columns: layout.hidden, into: result.mutablePointer)
        return result
    }
}
