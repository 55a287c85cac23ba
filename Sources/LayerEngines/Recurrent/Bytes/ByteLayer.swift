import CKernels
import Kernels
import Requirements
package import TensorCore

/// A recurrent layer with weights rounded to bytes. Each row of them, those of the input and of the state together, has a scale
/// of its own, but that the parts of a GRU's n which are added later have one each.
///
/// States are within -1...1 and need no scale that depends on them. Biases, and what is gathered for an id, stay in single
/// precision.
package struct ByteLayer {
    /// Where the input comes from, with its weights.
    package enum Input {
        /// [gates H, V]: a column is added for each id.
        case columns(of: Tensor)
        /// [gates H, D]: the hidden states of the layer below are multiplied.
        case states(Tensor)
    }

    let layout: PanelLayout
    /// Whether a GRU's reset gate acts before the product.
    let resetsBefore: Bool
    /// V, or D.
    let inputs: Int
    /// Nil where columns are gathered.
    let input: BytePanels?
    let recurrent: BytePanels
    let scales: ByteScales
    /// Biases, and the columns that are gathered.
    let packs: RecurrentPacks

    /// - Parameters:
    ///   - weightHH: [gates H, H].
    ///   - biasIH: [gates H].
    ///   - biasHH: [gates H]; zeros if nil.
    package init(
        kind: CellKind, resetsBefore: Bool = false, input: Input, weightHH: Tensor, biasIH: Tensor, biasHH: Tensor?,
        in context: ComputeContext
    ) {
        let layout = PanelLayout(kind: kind, hidden: weightHH.shape[1]), weightIH: Tensor, gathers: Bool
        switch input {
        case .columns(let weight): (weightIH, gathers) = (weight, true)
        case .states(let weight): (weightIH, gathers) = (weight, false)
        }
        let rows = kind.gates * layout.hidden
        require(
            weightIH.shape.rank == 2 && weightIH.shape[0] == rows && weightHH.shape == [rows, layout.hidden],
            "weights of shapes \(weightIH.shape) and \(weightHH.shape) for \(kind)")
        require(!resetsBefore || kind == .gru, "a reset gate of \(kind)")
        (self.layout, self.resetsBefore, inputs) = (layout, resetsBefore, weightIH.shape[1])
        packs = .forward(
            layout, weightIH: weightIH, weightHH: weightHH, biasIH: biasIH, biasHH: biasHH, gathersInput: gathers,
            withInput: gathers, withRecurrent: false, isKept: true, in: context)
        let scales = Self.scales(layout, weightIH: gathers ? nil : weightIH, weightHH: weightHH)
        self.scales = scales
        func panels(_ weight: Tensor, isInput: Bool) -> BytePanels {
            let packing = PanelPacking(layout, weight, isInput: isInput, in: context)
            return withExtendedLifetime(weight) {
                BytePanels(
                    panels: layout.count, rows: packing.groups * 16, width: layout.width,
                    factors: scales.factors.pointer + (isInput ? 0 : layout.hiddenOffset), factorsStep: 64, in: context
                ) {
                    packing.pack(panel: $0, groups: 0..<packing.groups, into: $1)
                }
            }
        }
        self.input = gathers ? nil : panels(weightIH, isInput: true)
        recurrent = panels(weightHH, isInput: false)
    }

    /// Of one row.
    var multiplyAdds: Int { layout.kind.gates * layout.hidden * (layout.hidden + (input == nil ? 0 : inputs)) }

    /// Whether there is nothing among the weights but numbers.
    var isFinite: Bool { scales.areFinite && packs.bias.isFinite && packs.input.isFinite }

    /// Columns that both products add to have the larger of two.
    private static func scales(_ layout: PanelLayout, weightIH: Tensor?, weightHH: Tensor) -> ByteScales {
        var largest = [Float](repeating: 0, count: layout.count * 64)
        func add(_ weight: Tensor, offset: Int, rows: (_ panel: Int, _ block: Int) -> (first: Int, count: Int)) {
            let ofRows = ByteScales.largestOfRows(weight)
            for panel in 0..<layout.count {
                for block in 0..<layout.blocks {
                    let (first, count) = rows(panel, block), place = panel * 64 + offset + block * 16
                    // What is no number is larger than any, and stays.
                    for j in 0..<count where ofRows[first + j].isNaN || ofRows[first + j] > largest[place + j] {
                        largest[place + j] = ofRows[first + j]
                    }
                }
            }
        }
        add(weightHH, offset: layout.hiddenOffset, rows: layout.hiddenRows)
        if let weightIH { add(weightIH, offset: 0, rows: layout.inputRows) }
        return ByteScales(largest: largest)
    }
}

/// A dense layer after such layers, with weights rounded to bytes, each row with a scale of its own.
package struct ByteHead {
    let inputs, outputs: Int
    let weight: BytePanels
    let scales: ByteScales
    /// [panel][64]
    let bias: Tensor

    /// - Parameters:
    ///   - weight: [outputs, inputs].
    ///   - bias: [outputs]; zeros if nil.
    package init(weight: Tensor, bias: Tensor?, in context: ComputeContext) {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1]), panels = (outputs + 63) / 64
        (self.inputs, self.outputs) = (inputs, outputs)
        var largest = ByteScales.largestOfRows(weight), biases = bias?.values ?? []
        largest += Array(repeating: 0, count: panels * 64 - outputs)
        biases += Array(repeating: 0, count: panels * 64 - biases.count)
        let scales = ByteScales(largest: largest)
        self.scales = scales
        self.bias = Tensor(biases, shape: [panels, 64])
        let packed = PackedMatrix(weight, transposed: true, in: context)
        self.weight = withExtendedLifetime(packed) {
            BytePanels(
                panels: panels, rows: inputs, width: 64, factors: scales.factors.pointer, factorsStep: 64, in: context
            ) {
                $1.update(from: packed.pointer + $0 * inputs * 64, count: inputs * 64)
            }
        }
    }

    var multiplyAdds: Int { outputs * inputs }
    var isFinite: Bool { scales.areFinite && bias.isFinite }
}
