import CKernels
package import Kernels
package import TensorCore

/// A recurrent layer's weights in the order the products of the forward pass read them, made from the canonical tensors.
package struct RecurrentPacks {
    /// [panel][D][width] and [panel][H][width], D and H filled up with zeros to whole groups of 16; empty if left out. In
    /// half precision pairs, [panel][D / 2][width] and [panel][H / 2][width], but for an input whose rows are gathered.
    let input: Tensor
    let recurrent: Tensor
    /// [panel][64]
    let bias: Tensor
    /// Groups of 16 inputs.
    let inputGroups: Int

    /// - Parameters:
    ///   - gathersInput: rows of the input's weights are added, not multiplied.
    ///   - isKept: whether they serve until a parameter changes, and not only one window.
    package static func forward(
        _ layout: PanelLayout, weightIH: Tensor, weightHH: Tensor, biasIH: Tensor, biasHH: Tensor?,
        precision: ProductPrecision = .single, gathersInput: Bool = false, withInput: Bool = true,
        withRecurrent: Bool = true, isKept: Bool, in context: ComputeContext
    ) -> RecurrentPacks {
        let input = PanelPacking(layout, weightIH, isInput: true, in: context)
        let recurrent = PanelPacking(layout, weightHH, isInput: false, in: context)
        return withExtendedLifetime((weightIH, weightHH)) {
            RecurrentPacks(
                input: withInput
                    ? input.panels(gathersInput ? .single : precision, isKept: isKept, in: context)
                    : Tensor(zeros: [0]),
                recurrent: withRecurrent
                    ? recurrent.panels(precision, isKept: isKept, in: context) : Tensor(zeros: [0]),
                bias: packedBias(layout, biasIH, biasHH, in: context), inputGroups: input.groups)
        }
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
package typealias RecurrentPackCache = LatestValue<RecurrentPackKey, RecurrentPacks>

/// What a layer's packs depend on.
package struct RecurrentPackKey: Equatable {
    let versions: [Int]
    let precision: ProductPrecision

    /// - Parameter versions: of the layer's parameters.
    package init(versions: [Int], precision: ProductPrecision = .single) {
        (self.versions, self.precision) = (versions, precision)
    }
}
