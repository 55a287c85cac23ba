import CKernels
import Kernels
import Requirements
package import TensorCore

/// Recurrent layers with a dense layer on top, advanced one time step at a time: what writing text needs.
///
/// The same sums in the same order as over a window on a tape, so the same bits; but without a tape, with every buffer in
/// place beforehand, and with one parallel region a step instead of some per operation. For one row a step reads every
/// weight once and does little else: the rate of reading memory is its limit.
///
/// Weights are taken as they are when the stack is made. Not for use from several threads.
package final class SteppedStack: RecurrentStepper {
    /// Where the bottom layer's input comes from.
    package enum Source {
        /// For each text a row of the bottom layer's input weights is gathered.
        case oneHot
        /// [V, D]: rows of a table are the bottom layer's input.
        case rows(of: Tensor)
    }

    package let batch: Int
    private let context: ComputeContext
    private let table: Tensor?
    /// [D / 16, N, 16], what the ids' rows of the table are put into.
    private var rows: Tensor
    private var layers: [SteppedLayer]
    private var head: SteppedHead
    private let passes: UnsafeMutablePointer<RecurrentForwardPass>
    private var scratch: Tensor
    private let scratchSize: Int
    /// Which of a layer's two buffers holds the state: 0 or 1.
    private var parity = 0
    private let isWorthSharing: Bool

    package init(
        _ stack: [SteppedLayer], source: Source, head: SteppedHead, batch: Int, in context: ComputeContext
    ) {
        require(!stack.isEmpty && batch > 0, "\(stack.count) layers for \(batch) rows")
        for (below, layer) in zip(stack, stack.dropFirst()) {
            require(
                layer.inputs == below.hidden, "a layer of \(layer.inputs) inputs on one of \(below.hidden) units")
        }
        require(
            head.inputs == stack[stack.count - 1].hidden,
            "a dense layer of shape [\(head.outputs), \(head.inputs)] on a layer of \(stack[stack.count - 1].hidden) units"
        )
        self.batch = batch
        self.context = context
        switch source {
        case .oneHot: table = nil
        case .rows(let values):
            require(
                values.shape.rank == 2 && values.shape[1] == stack[0].inputs,
                "a table of shape \(values.shape) for \(stack[0].inputs) inputs")
            table = values
        }
        rows = Tensor(zeros: [GroupedSequence.groups(of: table == nil ? 0 : stack[0].inputs), batch, 16])
        layers = stack
        self.head = head
        scratchSize = RecurrentForwardPass.panelGroup * batch * 64
        scratch = Tensor(uninitialized: [context.workers.count, scratchSize])
        passes = .allocate(capacity: 2 * stack.count)
        for parity in 0..<2 {
            var input = table == nil ? nil : UnsafePointer(rows.mutablePointer)
            for index in layers.indices {
                let pass = layers[index].pass(input: input, parity: parity, in: context)
                (passes + parity * stack.count + index).initialize(to: pass)
                input = UnsafePointer(pass.y)
            }
        }
        let work = layers.reduce(0) { $0 + $1.multiplyAdds } + self.head.multiplyAdds
        isWorthSharing = context.workers.count > 1 && work * batch >= 400_000
    }

    deinit {
        passes.deinitialize(count: 2 * layers.count)
        passes.deallocate()
    }

    package func state(ofLayer index: Int) -> (h: Tensor, c: Tensor?) { layers[index].state(parity: parity) }

    package func setState(ofLayer index: Int, h: Tensor, c: Tensor?) {
        layers[index].setState(h: h, c: c, parity: parity)
    }

    package func advance(_ ids: [Int32]) -> Tensor {
        require(ids.count == batch, "\(ids.count) ids for \(batch) rows")
        let limit = table.map { $0.shape[0] } ?? layers[0].inputs
        require(ids.allSatisfy { $0 >= 0 && $0 < limit }, "ids outside of 0 ..< \(limit)")
        if let table { gather(ids, from: table) }
        let count = layers.count, current = passes + parity * count, block = scratch.mutablePointer
        let scratchSize = scratchSize, batch = batch, workers = context.workers
        let isOneHot = table == nil
        var result = Tensor(uninitialized: [batch, head.outputs], in: context.workspace)
        let top = UnsafePointer(current[count - 1].y), head = head.product(in: context), logits = result.mutablePointer
        ids.withUnsafeBufferPointer { buffer in
            let ids = buffer.baseAddress
            guard isWorthSharing else {
                for index in 0..<count {
                    let pass = current + index
                    pass.pointee.advance(
                        0, ids: isOneHot && index == 0 ? ids : nil, rows: 0..<batch,
                        panels: 0..<pass.pointee.layout.count, block)
                }
                return head.run(top, logits, panels: 0..<head.panels)
            }
            workers.run { thread in
                for index in 0..<count {
                    let pass = current + index
                    pass.pointee.advance(
                        0, ids: isOneHot && index == 0 ? ids : nil, rows: 0..<batch,
                        panels: workers.share(of: pass.pointee.layout.count, thread: thread),
                        block + thread * scratchSize)
                    workers.barrier()
                }
                head.run(top, logits, panels: workers.share(of: head.panels, thread: thread))
            }
        }
        parity = 1 - parity
        return result
    }

    private func gather(_ ids: [Int32], from table: Tensor) {
        let size = table.shape[1], target = rows.mutablePointer
        table.withUnsafePointer { source in
            for (place, id) in ids.enumerated() {
                for column in stride(from: 0, to: size, by: 16) {
                    (target + (column / 16 * batch + place) * 16)
                        .update(from: source + Int(id) * size + column, count: min(16, size - column))
                }
            }
        }
    }
}
