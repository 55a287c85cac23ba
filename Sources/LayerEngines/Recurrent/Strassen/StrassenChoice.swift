import Kernels

/// Which products of a recurrent window go through Strassen's algorithm: a question of shapes alone, as bits depend on it.
struct StrassenChoice {
    let layout: PanelLayout
    let batch: Int
    /// Groups of 16 inputs that are multiplied, 0 for one-hot input.
    let inputGroups: Int
    /// In half precision products are made directly: rounding sums of blocks would be another rounding.
    let precision: ProductPrecision

    /// Columns of the gates below which the sums of blocks cost as much as the products they save.
    private static let leastColumns = 1024
    /// Rows of the batch below which half of them no longer fill the tiles of the product.
    private static let leastBatch = 32
    /// Weights of a layer, 20 MB of them, above which they no longer stay in the third-level cache. Strassen's algorithm
    /// reads its sums of weights, 7/4 times as much, for half of the rows in each product; from memory that takes longer
    /// than the products it saves (15 % longer steps for the upper layers of LSTM 3x1024).
    private static let mostWeights = 5 << 20

    private var isWide: Bool {
        precision == .single && layout.kind.gates * layout.hidden >= Self.leastColumns && batch >= Self.leastBatch
    }

    /// The products of each step, forward and backward: two halves of the batch are the rows of blocks.
    var steps: Bool {
        let weights = (layout.groups + inputGroups) * 16 * layout.count * layout.width
        return isWide && batch % 2 == 0 && weights <= Self.mostWeights
    }

    /// The gradients of the weights.
    var weightGradients: Bool { isWide }

    /// Whether panels or groups are left over for ordinary products in the forward pass.
    var leavesPanels: Bool { layout.count % 2 == 1 || layout.groups % 2 == 1 || inputGroups % 2 == 1 }

    /// Whether panels or columns are left over for ordinary products in the backward pass.
    var leavesColumns: Bool { layout.count % 2 == 1 || layout.groups % 8 > 0 || inputGroups % 8 > 0 }
}
