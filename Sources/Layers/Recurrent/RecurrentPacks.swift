import CKernels
import TensorCore

/// A recurrent layer's weights in the order the products read them, made from the canonical tensors:
/// `input` [panel][D][width] and `recurrent` [panel][H][width] for the forward pass, D and H filled up with zeros to
/// whole groups of 16; their transposes [64 columns][panel, k][64] for the backward pass; and the bias [panel][64].
struct RecurrentPacks {
    let input: Tensor
    let recurrent: Tensor
    let bias: Tensor

    /// Groups of 16 inputs.
    var inputGroups: Int { input.shape[1] / 16 }

    static func forward(
        _ layout: PanelLayout, weightIH: Tensor, weightHH: Tensor, biasIH: Tensor, biasHH: Tensor?,
        in context: ComputeContext
    ) -> RecurrentPacks {
        let kernels = context.kernels, workers = context.workers, width = layout.width
        let depth = weightIH.shape.columns, hidden = layout.hidden
        let inputRows = GroupedSequence.groups(of: depth) * 16, hiddenRows = layout.groups * 16
        var input = Tensor(uninitialized: [layout.count, inputRows, width], in: context.workspace)
        var recurrent = Tensor(uninitialized: [layout.count, hiddenRows, width], in: context.workspace)
        let x = input.mutablePointer, h = recurrent.mutablePointer, wx = weightIH.pointer, wh = weightHH.pointer
        withExtendedLifetime((weightIH, weightHH)) {
            workers.run { thread in
                for panel in workers.share(of: layout.count, thread: thread) {
                    let xPanel = x + panel * inputRows * width, hPanel = h + panel * hiddenRows * width
                    (xPanel + depth * width).update(repeating: 0, count: (inputRows - depth) * width)
                    (hPanel + hidden * width).update(repeating: 0, count: (hiddenRows - hidden) * width)
                    for block in 0..<layout.blocks {
                        let (xRow, count) = layout.inputRows(panel, block), hRow = layout.hiddenRows(panel, block).first
                        let xTarget = xPanel + block * 16, hTarget = hPanel + block * 16
                        if count < 16 {
                            for k in 0..<depth { (xTarget + k * width).update(repeating: 0, count: 16) }
                            for k in 0..<hidden { (hTarget + k * width).update(repeating: 0, count: 16) }
                        }
                        kernels.transpose(wx + xRow * depth, depth, count, depth, xTarget, width)
                        kernels.transpose(wh + hRow * hidden, hidden, count, hidden, hTarget, width)
                    }
                }
            }
        }
        return RecurrentPacks(
            input: input, recurrent: recurrent, bias: packedBias(layout, biasIH, biasHH, in: context))
    }

    /// [column panel][panel, k][64]: row (panel, block, j) is 64 columns of one row of the weight.
    static func transposed(
        _ layout: PanelLayout, _ weight: Tensor, isInput: Bool, in context: ComputeContext
    ) -> Tensor {
        let workers = context.workers, width = layout.width, columns = weight.shape.columns
        let columnPanels = (columns + 63) / 64
        var result = Tensor(uninitialized: [columnPanels, layout.count * width, 64], in: context.workspace)
        let target = result.mutablePointer, source = weight.pointer
        withExtendedLifetime(weight) {
            workers.run { thread in
                for panel in workers.share(of: layout.count, thread: thread) {
                    for block in 0..<layout.blocks {
                        let rows = isInput ? layout.inputRows(panel, block) : layout.hiddenRows(panel, block)
                        for q in 0..<columnPanels {
                            let used = min(64, columns - q * 64)
                            for j in 0..<16 {
                                let row = target + ((q * layout.count + panel) * width + block * 16 + j) * 64
                                if j < rows.count {
                                    row.update(from: source + (rows.first + j) * columns + q * 64, count: used)
                                }
                                let filled = j < rows.count ? used : 0
                                if filled < 64 { (row + filled).update(repeating: 0, count: 64 - filled) }
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    private static func packedBias(
        _ layout: PanelLayout, _ biasIH: Tensor, _ biasHH: Tensor?, in context: ComputeContext
    ) -> Tensor {
        var packed = Tensor(zeros: [layout.count, 64], in: context.workspace)
        let target = packed.mutablePointer
        for panel in 0..<layout.count {
            for block in 0..<layout.blocks {
                let x = layout.inputRows(panel, block), h = layout.hiddenRows(panel, block)
                for j in 0..<x.count {
                    target[panel * 64 + block * 16 + j] += biasIH.pointer[x.first + j]
                    if let biasHH {
                        target[panel * 64 + layout.hiddenOffset + block * 16 + j] += biasHH.pointer[h.first + j]
                    }
                }
            }
        }
        return packed
    }
}

/// The packs of one layer, made again only when a parameter has been written to.
final class RecurrentPackCache {
    private var versions: [Int] = []
    private var packs: RecurrentPacks?

    func clear() { packs = nil }

    func packs(for versions: [Int], make: () -> RecurrentPacks) -> RecurrentPacks {
        if let packs, self.versions == versions { return packs }
        clear()  // its buffers go back to the workspace first
        let made = make()
        packs = made
        self.versions = versions
        return made
    }
}
