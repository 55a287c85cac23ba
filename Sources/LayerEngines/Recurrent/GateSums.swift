import CKernels

/// Sums of dgates that are no products: the gradients of the biases and, for one-hot input, of the rows of W_ih.
struct GateSums {
    let layout: PanelLayout
    let batch: Int
    /// D
    let depth: Int
    let biasIH, biasHH: UnsafeMutablePointer<Float>
    /// Nil where the input is not one-hot.
    let weightIH: UnsafeMutablePointer<Float>?

    private var panelSize: Int { 64 * (1 + (weightIH == nil ? 0 : depth)) }
    /// Floats for two panels.
    var scratchSize: Int { 2 * panelSize }

    func clear(_ scratch: UnsafeMutablePointer<Float>) { scratch.update(repeating: 0, count: scratchSize) }

    /// Adds one step of the panel at `place` in the scratch: gates [N, 64].
    func add(
        _ gates: UnsafePointer<Float>, place: Int, ids: UnsafePointer<Int32>?, _ scratch: UnsafeMutablePointer<Float>,
        _ kernels: CKKernels
    ) {
        let bias = scratch + place * panelSize
        kernels.sum_and_scatter(gates, batch, bias, weightIH == nil ? nil : bias + 64, 64, layout.width, ids)
    }

    func write(_ panel: Int, place: Int, _ scratch: UnsafePointer<Float>, _ kernels: CKKernels) {
        let bias = scratch + place * panelSize
        for block in 0..<layout.blocks {
            let input = layout.inputRows(panel, block), recurrent = layout.hiddenRows(panel, block), column = block * 16
            if let weightIH {
                kernels.transpose(bias + 64 + column, 64, depth, input.count, weightIH + input.first * depth, depth)
            }
            for j in 0..<input.count {
                biasIH[input.first + j] = bias[column + j]
                biasHH[recurrent.first + j] = bias[layout.hiddenOffset + column + j]
            }
        }
    }
}
