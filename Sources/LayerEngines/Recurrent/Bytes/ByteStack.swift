import CKernels
import Kernels
import Requirements
package import TensorCore

/// The weights of recurrent layers with a dense layer on top, rounded to bytes once and used by any number of ``ByteStack``s.
package final class ByteWeights {
    let layers: [ByteLayer]
    let head: ByteHead
    /// Whether there is nothing among the weights but numbers.
    let areFinite: Bool

    /// - Precondition: each layer multiplies the states of the one before, but for the first, which gathers columns.
    package init(_ layers: [ByteLayer], head: ByteHead) {
        require(!layers.isEmpty && layers[0].input == nil, "\(layers.count) layers, the first of which gathers nothing")
        for (below, layer) in zip(layers, layers.dropFirst()) {
            require(
                layer.input != nil && layer.inputs == below.layout.hidden,
                "a layer of \(layer.inputs) inputs on one of \(below.layout.hidden) units")
        }
        let top = layers[layers.count - 1].layout.hidden
        require(head.inputs == top, "a dense layer of \(head.inputs) inputs on a layer of \(top) units")
        (self.layers, self.head) = (layers, head)
        areFinite = layers.allSatisfy(\.isFinite) && head.isFinite
    }
}

/// Recurrent layers with weights of bytes and a dense layer on top, advanced one time step at a time.
///
/// Sums of products are exact, so they do not depend on how many rows are advanced together, nor on the instruction set; all
/// else is in single precision, element by element. For one row a step reads every weight once, a quarter of what
/// ``SteppedStack`` reads.
///
/// Not for use from several threads.
package final class ByteStack: RecurrentStepper {
    package let batch: Int
    private let weights: ByteWeights
    private let context: ComputeContext
    private var states: [ByteState]
    /// Those of the steps that read one buffer of bytes and write the other, then of those that do the reverse.
    private let passes: UnsafeMutablePointer<BytePass>
    /// Which of a layer's two buffers of bytes holds the state: 0 or 1.
    private var parity = 0
    private var scratch: Tensor
    private let isWorthSharing: Bool
    private let sharesHead: Bool

    package init(_ weights: ByteWeights, batch: Int, in context: ComputeContext) {
        require(batch > 0, "\(batch) rows")
        (self.weights, self.batch, self.context) = (weights, batch, context)
        let layers = weights.layers
        states = layers.map { ByteState($0, batch: batch) }
        scratch = Tensor(uninitialized: [context.workers.count, BytePass.scratchSize(batch: batch)])
        passes = .allocate(capacity: 2 * layers.count)
        for parity in 0..<2 {
            for (index, layer) in layers.enumerated() {
                let below = index == 0 ? nil : states[index - 1].bytes[1 - parity]
                let pass = states[index].pass(layer, below: below, parity: parity, in: context)
                (passes + parity * layers.count + index).initialize(to: pass)
            }
        }
        let work = layers.reduce(weights.head.multiplyAdds) { $0 + $1.multiplyAdds }
        isWorthSharing = context.workers.count > 1 && work * batch >= 1_600_000
        // Threads meet once less if not: that takes as long as some hundred thousand multiply-adds.
        sharesHead = isWorthSharing && weights.head.multiplyAdds * batch >= 400_000
    }

    deinit {
        passes.deinitialize(count: 2 * weights.layers.count)
        passes.deallocate()
    }

    package func state(ofLayer index: Int) -> (h: Tensor, c: Tensor?) { states[index].rows }

    package func setState(ofLayer index: Int, h: Tensor, c: Tensor?) {
        states[index].set(h: h, c: c, parity: parity, in: context)
    }

    /// - Returns: [N, outputs]; no numbers where there are such among the weights.
    package func advance(_ ids: [Int32]) -> Tensor {
        require(ids.count == batch, "\(ids.count) ids for \(batch) rows")
        let limit = weights.layers[0].inputs
        require(ids.allSatisfy { $0 >= 0 && $0 < limit }, "ids outside of 0 ..< \(limit)")
        let count = weights.layers.count, passes = passes + parity * count, block = scratch.mutablePointer
        let scratchSize = BytePass.scratchSize(batch: batch), workers = context.workers, head = head
        let sharesHead = sharesHead
        var result = Tensor(uninitialized: [batch, weights.head.outputs], in: context.workspace)
        let logits = result.mutablePointer
        ids.withUnsafeBufferPointer { buffer in
            let ids = buffer.baseAddress
            guard isWorthSharing else {
                for index in 0..<count {
                    let pass = passes + index, panels = 0..<pass.pointee.layout.count
                    pass.pointee.advance(ids: ids, panels: panels, block)
                    pass.pointee.finish(panels: panels, block)
                }
                return head.run(panels: 0..<head.panels, block, into: logits)
            }
            workers.run { thread in
                let block = block + thread * scratchSize
                for index in 0..<count {
                    let pass = passes + index
                    let panels = workers.share(of: pass.pointee.layout.count, thread: thread)
                    pass.pointee.advance(ids: ids, panels: panels, block)
                    if pass.pointee.reset != nil {
                        workers.barrier()
                        pass.pointee.finish(panels: panels, block)
                    }
                    if index + 1 < count || sharesHead { workers.barrier() }
                }
                if sharesHead {
                    head.run(panels: workers.share(of: head.panels, thread: thread), block, into: logits)
                }
            }
            if !sharesHead { head.run(panels: 0..<head.panels, block, into: logits) }
        }
        parity = 1 - parity
        if !weights.areFinite { logits.update(repeating: .nan, count: result.count) }
        return result
    }

    private var head: ByteHeadPass {
        let head = weights.head
        return ByteHeadPass(
            kernels: context.kernels, batch: batch, outputs: head.outputs,
            operand: head.weight.operand(states[states.count - 1].bytes[1 - parity]),
            scales: head.scales.scales.pointer,
            bias: head.bias.pointer)
    }
}

/// What a layer carries from step to step.
private struct ByteState {
    private let layout: PanelLayout
    private let batch: Int
    /// [G, N, 16]
    private var h: Tensor
    /// [G, N, 16]; empty for cells without.
    private var c: Tensor
    /// h as bytes, twice: one is read while the other is written, as every unit of a step reads all of it.
    let bytes: [ByteStates]
    /// Of a GRU whose reset gate acts before the product.
    private var reset: (states: ByteStates, sums: Tensor)?

    init(_ layer: ByteLayer, batch: Int) {
        layout = layer.layout
        self.batch = batch
        let shape: Shape = [layout.groups, batch, 16]
        h = Tensor(zeros: shape)
        c = Tensor(zeros: layout.kind.hasCellState ? shape : [0])
        bytes = [ByteStates(batch: batch, units: layout.hidden), ByteStates(batch: batch, units: layout.hidden)]
        guard layer.resetsBefore else { return }
        reset = (
            ByteStates(batch: batch, units: layout.hidden), Tensor(uninitialized: [layout.count, batch, 64])
        )
    }

    /// The step that reads the bytes `parity` and writes the others.
    mutating func pass(_ layer: ByteLayer, below: ByteStates?, parity: Int, in context: ComputeContext) -> BytePass {
        var resetPass: BytePass.Reset?
        if let states = reset?.states, let sums = reset?.sums.mutablePointer {
            resetPass = BytePass.Reset(
                states: states.pointer, operand: layer.recurrent.operand(states), sums: sums)
        }
        return BytePass(
            kernels: context.kernels, layout: layout, batch: batch, input: below.flatMap { layer.input?.operand($0) },
            recurrent: layer.recurrent.operand(bytes[parity]), scales: layer.scales.scales.pointer,
            bias: layer.packs.bias.pointer, columns: layer.input == nil ? layer.packs.input.pointer : nil,
            columnsStep: layer.packs.inputGroups * 16 * layout.width, h: h.mutablePointer, c: c.mutablePointer,
            states: bytes[1 - parity].pointer, reset: resetPass)
    }

    var rows: (h: Tensor, c: Tensor?) { (rows(h), layout.kind.hasCellState ? rows(c) : nil) }

    /// In place: the passes hold pointers.
    mutating func set(h newH: Tensor, c newC: Tensor?, parity: Int, in context: ComputeContext) {
        let shape: Shape = [batch, layout.hidden]
        require(
            newH.shape == shape && (newC != nil) == layout.kind.hasCellState && (newC?.shape ?? shape) == shape,
            "a state of shapes \(newH.shape), \(newC.map { $0.shape.description } ?? "none") for \(layout.kind) \(shape)"
        )
        ColumnGroups.group(newH.pointer, batch: batch, columns: layout.hidden, into: h.mutablePointer)
        if let newC { ColumnGroups.group(newC.pointer, batch: batch, columns: layout.hidden, into: c.mutablePointer) }
        let target = bytes[parity].pointer, row = bytes[parity].row
        for group in 0..<layout.groups {
            context.kernels.byte_states(h.pointer + group * batch * 16, batch, target + group * 16, row)
        }
    }

    private func rows(_ groups: Tensor) -> Tensor {
        var result = Tensor(uninitialized: [batch, layout.hidden])
        ColumnGroups.ungroup(groups.pointer, batch: batch, columns: layout.hidden, into: result.mutablePointer)
        return result
    }
}
