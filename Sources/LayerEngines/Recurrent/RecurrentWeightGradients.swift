import CKernels
import Kernels
import TensorCore

/// dW_ih, dW_hh and the bias gradients of a window, each one sum over all (t, n) in increasing order.
struct RecurrentWeightGradients {
    let layout: PanelLayout
    let steps: Int
    let batch: Int
    let precision: ProductPrecision
    let gates: UnsafePointer<Float>
    /// [T, D / 16, N, 16]
    let x: Tensor?
    let ids: [Int32]?
    /// [1, G, N, 16] and [T, G, N, 16]: h before a step is h0 or y of the step before.
    let h0, y: Tensor
    /// D
    let depth: Int
    let usesStrassen: Bool
    /// A buffer that is not needed any more.
    let spent: Tensor

    struct Result {
        var weightIH, weightHH, biasIH, biasHH: Tensor
    }

    func compute(in context: ComputeContext) -> Result {
        let hidden = layout.hidden, rows = layout.kind.gates * hidden, workspace = context.workspace
        var result = Result(
            weightIH: Tensor(uninitialized: [rows, depth], in: workspace),
            weightHH: Tensor(uninitialized: [rows, hidden], in: workspace),
            biasIH: Tensor(uninitialized: [rows], in: workspace), biasHH: Tensor(uninitialized: [rows], in: workspace))
        let table = ids == nil ? nil : result.weightIH.mutablePointer
        let bias = GateSums(
            layout: layout, batch: batch, depth: depth, biasIH: result.biasIH.mutablePointer,
            biasHH: result.biasHH.mutablePointer, weightIH: table)
        withExtendedLifetime((x, h0, y)) {
            product(
                before: h0.pointer, values: y.pointer, columns: hidden, into: result.weightHH.mutablePointer,
                sums: bias,
                in: context)
            if let x {
                product(
                    before: nil, values: x.pointer, columns: depth, into: result.weightIH.mutablePointer, sums: nil,
                    in: context)
            }
        }
        return result
    }

    /// The gradient of W_hh, with the sums beside it, or of W_ih.
    private func product(
        before: UnsafePointer<Float>?, values: UnsafePointer<Float>, columns: Int,
        into weight: UnsafeMutablePointer<Float>, sums: GateSums?, in context: ComputeContext
    ) {
        let workers = context.workers, groups = GroupedSequence.groups(of: columns)
        let plan = WeightGradientPlan(layout: layout, groups: groups, batch: batch, threads: workers.count)
        let pairs = usesStrassen && layout.count > 1 && steps > 1 ? groups / 2 : 0
        let preparedShape: Shape =
            precision == .single
            ? [4, pairs, steps / 2, batch * 16] : [steps, groups, WeightGradientPass.rowPairs(of: batch) * 16]
        let prepared =
            preparedShape.count <= spent.count ? spent : Tensor(uninitialized: preparedShape, in: context.workspace)
        let pass = WeightGradientPass(
            kernels: context.kernels, layout: layout, blocking: plan.blocking, steps: steps, batch: batch,
            precision: precision, gates: gates, before: before, values: values, columns: columns,
            prepared: UnsafeMutablePointer(mutating: prepared.pointer), pairs: pairs, weight: weight)
        let scratchSize = pass.scratchSize, gateScratchSize = sums?.scratchSize ?? 0
        var scratch = Tensor(uninitialized: [workers.count, scratchSize], in: context.workspace)
        var gateScratch = Tensor(uninitialized: [workers.count, gateScratchSize], in: context.workspace)
        let block = scratch.mutablePointer, gateBlock = gateScratch.mutablePointer
        func run(ids: UnsafePointer<Int32>?) {
            plan.parts.withUnsafeBufferPointer { parts in
                plan.boundaries.withUnsafeBufferPointer { boundaries in
                    workers.run { thread in
                        if pairs > 0 {
                            pass.makeSums(pairs: workers.share(of: pairs, thread: thread))
                            workers.barrier()
                        } else if precision != .single {
                            pass.pairValues(steps: workers.share(of: steps, thread: thread))
                            workers.barrier()
                        }
                        for index in boundaries[thread]..<boundaries[thread + 1] {
                            pass.compute(
                                parts[index], sums: sums, ids: ids, scratch: block + thread * scratchSize,
                                gateScratch: gateBlock + thread * gateScratchSize)
                        }
                    }
                }
            }
        }
        withExtendedLifetime((prepared, scratch, gateScratch)) {
            if let ids { ids.withUnsafeBufferPointer { run(ids: $0.baseAddress) } } else { run(ids: nil) }
        }
    }
}
