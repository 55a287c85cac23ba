import Autodiff
import CKernels
import Kernels
import TensorCore

/// Back-propagation through time over one window, the counterpart of ``RecurrentForwardPass``.
///
/// Two parts: steps in reverse, where gates are overwritten by their gradients and dgates(t + 1), while in cache, is
/// multiplied by W_hh^T and W_ih^T; and the weight gradients, for each panel one sum over all (t, n) in increasing order,
/// so that no bit depends on how panels are shared out.
struct RecurrentBackwardPass {
    let operation: RecurrentWindow
    let saved: RecurrentWindow.Saved
    /// Gradients by y, h and c of the outputs, nil where unused.
    let dy, dh, dc: Tensor?
    let wanted: [Bool]
    let context: ComputeContext

    private var layout: PanelLayout { operation.layout }
    private var batch: Int { operation.batch }
    private var steps: Int { operation.steps }

    func run() -> [Tensor?] {
        let inputs = saved.inputs, kind = layout.kind, workspace = context.workspace
        let hasSequence = inputs.x != nil, first = hasSequence ? 1 : 0
        let stateIndex = first + 3 + (kind.hasHiddenBias ? 1 : 0)
        // The next window begins with other weights: their packs make room for the transposed ones.
        operation.cache.clear()
        // The saved gates are this operation's alone and die with the tape: they are written over where they lie.
        let gates = saved.gates
        var carried = Tensor(zeros: [1, layout.groups, batch, 16], in: workspace)
        // Only its pointer is used below: without this its buffer could be handed out again as the scratch block.
        defer { withExtendedLifetime(carried) {} }
        if let dc {
            ColumnGroups.group(dc.pointer, batch: batch, columns: layout.hidden, into: carried.mutablePointer)
        }
        let dgates = UnsafeMutablePointer(mutating: gates.pointer)

        var dx: Tensor?
        if let x = inputs.x, wanted[0] { dx = Tensor(uninitialized: x.shape, in: workspace) }
        var dh0 = Tensor(uninitialized: wanted[stateIndex] ? inputs.h0.shape : [0], in: workspace)
        let dxPointer = dx?.mutablePointer, dh0Pointer = wanted[stateIndex] ? dh0.mutablePointer : nil
        let precision = operation.precision
        let choice = StrassenChoice(
            layout: layout, batch: batch, inputGroups: inputs.x?.shape[1] ?? 0, precision: precision)
        withExtendedLifetime((saved, dx, dy, dh)) {
            let recurrent = PanelPacking(layout, inputs.weightHH, isInput: false, in: context)
            let input = dx == nil ? nil : PanelPacking(layout, inputs.weightIH, isInput: true, in: context)
            let needsPanels = !choice.steps || choice.leavesColumns
            let recurrentT = needsPanels ? recurrent.columnPanels(precision, in: context) : nil
            let inputT = needsPanels ? input?.columnPanels(precision, in: context) : nil
            var pairs = Tensor(
                uninitialized: [precision == .single ? 0 : 2, layout.count, batch, 32], in: workspace)
            let steps = RecurrentBackwardSteps(
                kernels: context.kernels, layout: layout, steps: self.steps, batch: batch, precision: precision,
                gates: dgates, gatePairs: pairs.mutablePointer, y: saved.y.pointer, h0: saved.h0.pointer,
                cells: saved.cells.pointer, carried: carried.mutablePointer,
                recurrentT: recurrentT?.pointer, inputT: inputT?.pointer, inputGroups: dx?.shape[1] ?? 0,
                dx: dxPointer, dy: dy?.pointer, dh: dh?.pointer, dh0: dh0Pointer)
            withExtendedLifetime((recurrentT, inputT, pairs)) {
                if choice.steps {
                    StrassenBackwardSteps(
                        ordinary: steps, recurrent: .columnPanels(recurrent, in: context),
                        input: input.map { .columnPanels($0, in: context) }
                    ).run(in: context)
                } else {
                    steps.run(in: context)
                }
            }
        }

        let weights = RecurrentWeightGradients(
            layout: layout, steps: steps, batch: batch, precision: precision, gates: UnsafePointer(dgates), x: inputs.x,
            ids: operation.ids,
            h0: saved.h0, y: saved.y, depth: inputs.weightIH.shape.columns, usesStrassen: choice.weightGradients,
            spent: saved.cells
        ).compute(in: context)

        return withExtendedLifetime(gates) {
            var result: [Tensor?] = hasSequence ? [dx] : []
            result += [weights.weightIH, weights.weightHH, weights.biasIH]
            if kind.hasHiddenBias { result.append(weights.biasHH) }
            result.append(wanted[stateIndex] ? dh0 : nil)
            if kind.hasCellState {
                result.append(wanted[stateIndex + 1] ? operation.state(carried, slot: 0) : nil)
            }
            return result
        }
    }
}
