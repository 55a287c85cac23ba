import Autodiff
import CKernels
import TensorCore

/// One recurrent layer over one window, as one operation with a hand-written backward pass.
///
/// Letters: N lanes, T steps, D inputs, H hidden units, P panels of the layout.
/// Inputs: x [T, N, D] (absent when `ids` is given), W_ih [gates H, D], W_hh [gates H, H], b_ih [gates H],
/// b_hh [gates H] (GRU only), h0 [N, H], c0 [N, H] (LSTM only).
/// Outputs: y [T, N, H], h [N, H], c [N, H] (LSTM only), the state after the last step.
///
/// With `ids` (T N integers in 0 ..< D) the input is one-hot: a row of W_ih is gathered, nothing is multiplied.
struct RecurrentWindow: Operation {
    let layout: PanelLayout
    let steps: Int
    let lanes: Int
    let ids: [Int32]?
    /// False when nothing will be differentiated: gates are not kept.
    let keepsActivations: Bool
    let cache: RecurrentPackCache
    let versions: [Int]

    struct Saved {
        let inputs: Inputs
        let y: Tensor
        /// h before each step, in the order of ``GroupedSequence``.
        let grouped: Tensor
        let gates: Tensor
        let cells: Tensor
        let cellTanh: Tensor
    }

    /// The inputs by name.
    struct Inputs {
        let x: Tensor?
        let weightIH, weightHH, biasIH: Tensor
        let biasHH: Tensor?
        let h0: Tensor
        let c0: Tensor?

        init(_ tensors: [Tensor], kind: CellKind, hasSequence: Bool) {
            var rest = tensors[...]
            x = hasSequence ? rest.removeFirst() : nil
            weightIH = rest.removeFirst()
            weightHH = rest.removeFirst()
            biasIH = rest.removeFirst()
            biasHH = kind.hasHiddenBias ? rest.removeFirst() : nil
            h0 = rest.removeFirst()
            c0 = kind.hasCellState ? rest.removeFirst() : nil
        }
    }

    func forward(_ tensors: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved) {
        let inputs = Inputs(tensors, kind: layout.kind, hasSequence: ids == nil)
        let packs = cache.packs(for: versions) {
            RecurrentPacks.forward(
                layout, weightIH: inputs.weightIH, weightHH: inputs.weightHH, biasIH: inputs.biasIH,
                biasHH: inputs.biasHH, in: context)
        }
        let workspace = context.workspace, p = layout.count, kind = layout.kind
        var y = Tensor(uninitialized: [steps, lanes, layout.hidden], in: workspace)
        // Kept for the backward pass: gates of every step; without it one slot of cells is written over.
        let kept = keepsActivations
        var gates = Tensor(uninitialized: [kept ? steps : 0, p, lanes, 64], in: workspace)
        var cells = Tensor(
            uninitialized: [kind.hasCellState ? (kept ? steps + 1 : 2) : 0, p, lanes, 16], in: workspace)
        var cellTanh = Tensor(uninitialized: [kept && kind.hasCellState ? steps : 0, p, lanes, 16], in: workspace)
        let sequence = GroupedSequence(steps: steps, lanes: lanes, columns: layout.hidden)
        var grouped = Tensor(uninitialized: [kept ? sequence.count : 0], in: workspace)
        if kept { sequence.regroup(inputs.h0.pointer, step: 0, into: grouped.mutablePointer) }
        if let c0 = inputs.c0 { Self.pack(c0, into: &cells, panels: p) }

        let pass = RecurrentForwardPass(
            kernels: context.kernels, layout: layout, steps: steps, lanes: lanes, depth: inputs.weightIH.shape.columns,
            x: inputs.x?.pointer, inputPanels: packs.input.pointer, recurrentPanels: packs.recurrent.pointer,
            bias: packs.bias.pointer, h0: inputs.h0.pointer, y: y.mutablePointer,
            grouped: kept ? grouped.mutablePointer : nil,
            gates: kept && kind != .rnn ? gates.mutablePointer : nil, cells: cells.mutablePointer,
            cellTanh: kept ? cellTanh.mutablePointer : nil, cellSlots: kept ? steps + 1 : 2)
        withExtendedLifetime((inputs, packs)) {
            if let ids {
                ids.withUnsafeBufferPointer { pass.run(ids: $0.baseAddress, in: context) }
            } else {
                pass.run(ids: nil, in: context)
            }
        }
        var outputs = [y, lastStep(of: y, in: context)]
        if kind.hasCellState {
            outputs.append(
                Self.unpack(cells, slot: kept ? steps : steps % 2, lanes: lanes, hidden: layout.hidden, panels: p))
        }
        return (outputs, Saved(inputs: inputs, y: y, grouped: grouped, gates: gates, cells: cells, cellTanh: cellTanh))
    }

    func backward(_ gradients: [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
        precondition(keepsActivations, "the forward pass of this recurrent window kept no activations")
        return RecurrentBackwardPass(
            operation: self, saved: saved, dy: gradients[0], dh: gradients[1],
            dc: layout.kind.hasCellState ? gradients[2] : nil, wanted: wanted, context: context
        ).run()
    }

    private func lastStep(of y: Tensor, in context: ComputeContext) -> Tensor {
        var last = Tensor(uninitialized: [lanes, layout.hidden], in: context.workspace)
        let size = lanes * layout.hidden
        last.mutablePointer.update(from: y.pointer + (steps - 1) * size, count: size)
        return last
    }

    /// [N, H] to slot 0 of [slot][panel][N][16], zeros past H.
    static func pack(_ state: Tensor, into slots: inout Tensor, panels: Int) {
        let lanes = state.shape[0], hidden = state.shape[1], target = slots.mutablePointer, source = state.pointer
        for panel in 0..<panels {
            for lane in 0..<lanes {
                let row = target + (panel * lanes + lane) * 16, used = min(16, hidden - panel * 16)
                row.update(from: source + lane * hidden + panel * 16, count: used)
                if used < 16 { (row + used).update(repeating: 0, count: 16 - used) }
            }
        }
    }

    /// One slot of [slot][panel][N][16] to [N, H].
    static func unpack(_ slots: Tensor, slot: Int, lanes: Int, hidden: Int, panels: Int) -> Tensor {
        var state = Tensor(uninitialized: [lanes, hidden])
        let target = state.mutablePointer, source = slots.pointer + slot * panels * lanes * 16
        for panel in 0..<panels {
            for lane in 0..<lanes {
                (target + lane * hidden + panel * 16)
                    .update(from: source + (panel * lanes + lane) * 16, count: min(16, hidden - panel * 16))
            }
        }
        return state
    }
}
