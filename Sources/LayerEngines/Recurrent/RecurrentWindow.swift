import Autodiff
import CKernels
package import Kernels
import Requirements
package import TensorCore

/// One recurrent layer over one window, as one operation with a hand-written backward pass.
///
/// Letters: N rows, T steps, D inputs, H hidden units, G groups of 16 of them, P panels of the layout.
/// Inputs: x [T, D / 16, N, 16] (absent when `ids` is given), W_ih [gates H, D], W_hh [gates H, H], b_ih [gates H],
/// b_hh [gates H] (GRU only), h0 [N, H], c0 [N, H] (LSTM only).
/// Outputs: y [T, G, N, 16], h [N, H], c [N, H] (LSTM only), the state after the last step.
///
/// With `ids` (T N integers in 0 ..< D) the input is one-hot: a row of W_ih is gathered, nothing is multiplied.
package struct RecurrentWindow: Operation {
    let layout: PanelLayout
    let steps: Int
    let batch: Int
    let ids: [Int32]?
    /// Of the products, forward and backward.
    let precision: ProductPrecision
    /// False when nothing will be differentiated: gates are not kept.
    let keepsActivations: Bool
    let cache: RecurrentPackCache
    let versions: [Int]

    package init(
        layout: PanelLayout, steps: Int, batch: Int, ids: [Int32]?, precision: ProductPrecision,
        keepsActivations: Bool, cache: RecurrentPackCache, versions: [Int]
    ) {
        self.layout = layout
        self.steps = steps
        self.batch = batch
        self.ids = ids
        self.precision = precision
        self.keepsActivations = keepsActivations
        self.cache = cache
        self.versions = versions
    }

    package struct Saved {
        let inputs: Inputs
        /// h before the first step, [1, G, N, 16]
        let h0: Tensor
        /// [T, G, N, 16]
        let y: Tensor
        /// [T, P, N, 64]
        let gates: Tensor
        /// c before the first step and after each, [T + 1, G, N, 16]
        let cells: Tensor
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

    package func forward(_ tensors: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Saved) {
        let inputs = Inputs(tensors, kind: layout.kind, hasSequence: ids == nil)
        // Strassen's algorithm only in training: when texts are written or scored, no bit of one row's may depend on the
        // others. Its packs serve one window, and its ordinary ones what is left over.
        let inputGroups = ids == nil ? GroupedSequence.groups(of: inputs.weightIH.shape.columns) : 0
        let choice = StrassenChoice(layout: layout, batch: batch, inputGroups: inputGroups, precision: precision)
        let usesStrassen = keepsActivations && choice.steps
        func makePacks(withInput: Bool = true, withRecurrent: Bool = true) -> RecurrentPacks {
            RecurrentPacks.forward(
                layout, weightIH: inputs.weightIH, weightHH: inputs.weightHH, biasIH: inputs.biasIH,
                biasHH: inputs.biasHH, precision: precision, gathersInput: ids != nil, withInput: withInput,
                withRecurrent: withRecurrent,
                isKept: !usesStrassen && !versions.isEmpty, in: context)
        }
        let packs =
            usesStrassen
            ? makePacks(withInput: ids != nil || choice.leavesPanels, withRecurrent: choice.leavesPanels)
            : cache.value(for: RecurrentPackKey(versions: versions, precision: precision)) { makePacks() }
        let workspace = context.workspace, groups = layout.groups, kind = layout.kind
        let h0 = ColumnGroups.grouped(inputs.h0, in: context)
        var y = Tensor(uninitialized: [steps, groups, batch, 16], in: workspace)
        // Kept for the backward pass: gates of every step; without it one slot of cells is written over.
        let kept = keepsActivations, slots = kept ? steps + 1 : 2
        var gates = Tensor(uninitialized: [kept ? steps : 0, layout.count, batch, 64], in: workspace)
        var cells = Tensor(uninitialized: [kind.hasCellState ? slots : 0, groups, batch, 16], in: workspace)
        if let c0 = inputs.c0 {
            ColumnGroups.group(c0.pointer, batch: batch, columns: layout.hidden, into: cells.mutablePointer)
        }

        let x = inputs.x.map { precision == .single ? $0 : TensorPairs.columns(of: $0, in: context) }
        var pairs = Tensor(
            uninitialized: [precision == .single ? 0 : 2, groups, batch, 8], in: context.workspace)
        let hiddenPairs = precision == .single ? nil : pairs.mutablePointer
        let pass = RecurrentForwardPass(
            kernels: context.kernels, layout: layout, steps: steps, batch: batch, inputGroups: packs.inputGroups,
            precision: precision, x: x?.pointer, inputPanels: packs.input.pointer,
            recurrentPanels: packs.recurrent.pointer,
            bias: packs.bias.pointer, h0: h0.pointer, hiddenPairs: hiddenPairs, y: y.mutablePointer,
            gates: kept && kind != .rnn ? gates.mutablePointer : nil, cells: cells.mutablePointer, cellSlots: slots)
        let strassen =
            usesStrassen
            ? StrassenForwardPass(
                ordinary: pass,
                input: ids != nil
                    ? nil : .panels(PanelPacking(layout, inputs.weightIH, isInput: true, in: context), in: context),
                recurrent: .panels(PanelPacking(layout, inputs.weightHH, isInput: false, in: context), in: context))
            : nil
        func run(ids: UnsafePointer<Int32>?) {
            if let strassen { strassen.run(ids: ids, in: context) } else { pass.run(ids: ids, in: context) }
        }
        withExtendedLifetime((inputs, packs, h0, x, pairs)) {
            if let ids { ids.withUnsafeBufferPointer { run(ids: $0.baseAddress) } } else { run(ids: nil) }
        }
        var outputs = [y, state(y, slot: steps - 1)]
        if kind.hasCellState { outputs.append(state(cells, slot: steps % slots)) }
        return (outputs, Saved(inputs: inputs, h0: h0, y: y, gates: gates, cells: cells))
    }

    package func backward(_ gradients: [Tensor?], saved: Saved, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
    {
        require(keepsActivations, "the forward pass of this recurrent window kept no activations")
        return RecurrentBackwardPass(
            operation: self, saved: saved, dy: gradients[0], dh: gradients[1],
            dc: layout.kind.hasCellState ? gradients[2] : nil, wanted: wanted, context: context
        ).run()
    }

    /// One slot of [slots, G, N, 16] as a state [N, H].
    func state(_ slots: Tensor, slot: Int) -> Tensor {
        var state = Tensor(uninitialized: [batch, layout.hidden])
        withExtendedLifetime(slots) {
            ColumnGroups.ungroup(
                slots.pointer + slot * layout.groups * batch * 16, batch: batch, columns: layout.hidden,
                into: state.mutablePointer)
        }
        return state
    }
}
