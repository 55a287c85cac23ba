import Autodiff
import CKernels
import Kernels
package import TensorCore

/// x [T, G, N, 16], W [J, K], b [J] to [T, N, J], step by step, as the sequence lies. The bits are those of rows.
package struct GroupedDense: Operation {
    let packs: DensePacks
    /// That of the weight.
    let version: Int
    /// K
    let inputs: Int

    package init(packs: DensePacks, version: Int, inputs: Int) {
        self.packs = packs
        self.version = version
        self.inputs = inputs
    }

    package static let mostOutputs = 512

    package func forward(_ tensors: [Tensor], in context: ComputeContext) -> (
        outputs: [Tensor], saved: (x: Tensor, w: Tensor)
    ) {
        let x = tensors[0], w = tensors[1], bias = tensors.count > 2 ? tensors[2] : Tensor(zeros: [w.shape[0]])
        let (steps, groups, batch, outputs) = (x.shape[0], x.shape[1], x.shape[2], w.shape[0])
        let packed = packs.transposed(w, version: version, in: context)
        var y = Tensor(uninitialized: [steps, batch, outputs], in: context.workspace)
        let pass = GroupedDenseProduct(
            kernels: context.kernels, batch: batch, inputs: inputs, outputs: outputs, weight: packed.pointer,
            bias: bias.pointer)
        let from = x.pointer, to = y.mutablePointer, workers = context.workers
        withExtendedLifetime((x, packed, bias)) {
            workers.run { thread in
                for step in workers.share(of: steps, thread: thread) {
                    pass.run(from + step * groups * batch * 16, to + step * batch * outputs, panels: 0..<pass.panels)
                }
            }
        }
        return ([y], (x, w))
    }

    /// dx = dy W, dW = dy^T x, db = column sums of dy.
    package func backward(
        _ gradients: [Tensor?], saved: (x: Tensor, w: Tensor), wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return wanted.map { _ in nil } }
        let dx = wanted[0] ? inputGradient(dy, saved.w, shape: saved.x.shape, in: context) : nil
        let dw = wanted[1] ? weightGradient(dy, saved.x, in: context) : nil
        guard wanted.count > 2 else { return [dx, dw] }
        return [dx, dw, wanted[2] ? context.columnSums(dy) : nil]
    }

    private func inputGradient(_ dy: Tensor, _ w: Tensor, shape: Shape, in context: ComputeContext) -> Tensor {
        let (steps, groups, batch, outputs) = (shape[0], shape[1], shape[2], w.shape[0])
        let packed = packs.plain(w, version: version, in: context), kernels = context.kernels, workers = context.workers
        var dx = Tensor(uninitialized: shape, in: context.workspace)
        let from = dy.pointer, to = dx.mutablePointer, weight = packed.pointer
        withExtendedLifetime((dy, packed)) {
            workers.run { thread in
                var product = PanelProduct(
                    kernels, left: .init(row: outputs, k: 1), right: .init(k: 64),
                    result: .init(row: 16, vector: batch * 16))
                for step in workers.share(of: steps, thread: thread) {
                    for first in stride(from: 0, to: groups, by: 4) {
                        product.multiply(
                            from + step * batch * outputs, weight + first / 4 * outputs * 64,
                            into: to + (step * groups + first) * batch * 16, from: .zero, groups: 1, inner: outputs,
                            rows: batch, columns: min(4, groups - first) * 16)
                    }
                }
            }
        }
        return dx
    }

    /// dy, transposed, times 64 columns of x, some 256 rows (t, n) at a time: whole vectors whatever the number of outputs.
    private func weightGradient(_ dy: Tensor, _ x: Tensor, in context: ComputeContext) -> Tensor {
        let (steps, groups, batch, outputs) = (x.shape[0], x.shape[1], x.shape[2], dy.shape.columns)
        let kernels = context.kernels, workers = context.workers, stepsAtOnce = max(1, 256 / batch), inputs = inputs
        var dw = Tensor(uninitialized: [outputs, inputs], in: context.workspace)
        let a = dy.pointer, b = x.pointer, c = dw.mutablePointer
        // A few units have too few columns for all threads.
        let panels = (groups + 3) / 4, splitsOutputs = panels < workers.count
        withExtendedLifetime((x, dy)) {
            workers.run { thread in
                let rows = splitsOutputs ? workers.share(of: outputs, thread: thread) : 0..<outputs
                let panels = splitsOutputs ? 0..<panels : workers.share(of: panels, thread: thread)
                if rows.isEmpty { return }
                var product = PanelProduct(
                    kernels, left: .init(row: 1, k: outputs, group: batch * outputs),
                    right: .init(k: 16, group: groups * batch * 16, vector: batch * 16), result: .init(row: inputs))
                for first in stride(from: 0, to: steps, by: stepsAtOnce) {
                    for panel in panels {
                        product.multiply(
                            a + first * batch * outputs + rows.lowerBound,
                            b + (first * groups + panel * 4) * batch * 16,
                            into: c + rows.lowerBound * inputs + panel * 64, from: first == 0 ? .zero : .result,
                            groups: min(stepsAtOnce, steps - first), inner: batch, rows: rows.count,
                            columns: min(64, inputs - panel * 64))
                    }
                }
            }
        }
        return dw
    }
}

/// One step of a dense layer that takes its input in groups of 16 columns, on plain pointers.
struct GroupedDenseProduct {
    let kernels: CKKernels
    let batch, inputs, outputs: Int
    /// W^T in panels of 64 outputs, and b.
    let weight, bias: UnsafePointer<Float>

    /// Panels of 64 outputs.
    var panels: Int { (outputs + 63) / 64 }

    /// - Parameters:
    ///   - input: [K / 16, N, 16]
    ///   - result: [N, J], of which some panels are written.
    func run(_ input: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, panels: Range<Int>) {
        var product = PanelProduct(
            kernels, left: .init(row: 16, k: 1, group: batch * 16), right: .init(k: 64, group: 16 * 64),
            result: .init(row: outputs))
        let whole = inputs / 16
        for panel in panels {
            let columns = min(64, outputs - panel * 64), weight = weight + panel * inputs * 64
            product.multiply(
                input, weight, into: result + panel * 64, from: .bias(bias + panel * 64), groups: whole, inner: 16,
                rows: batch, columns: columns)
            // The rest of the last group: the weights have no rows beyond the last input.
            guard inputs % 16 > 0 else { continue }
            product.multiply(
                input + whole * batch * 16, weight + whole * 16 * 64, into: result + panel * 64, from: .result,
                groups: 1,
                inner: inputs % 16, rows: batch, columns: columns)
        }
    }
}
