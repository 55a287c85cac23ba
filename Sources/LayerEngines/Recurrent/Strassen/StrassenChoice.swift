/// Which products of a recurrent window go through Strassen's algorithm: a question of shapes alone, as bits depend on it.
struct StrassenChoice {
    let layout: PanelLayout
    let batch: Int
    /// Groups of 16 inputs that are multiplied, 0 for one-hot input.
    let inputGroups: Int

    /// Below 1,024 columns, what the sums cost is as much as what they save.
    private var isWide: Bool { layout.kind.gates * layout.hidden >= 1024 && batch >= 32 }

    /// The products of each step, forward and backward. They read the weights 7/4 times, for half of the rows: where
    /// these exceed 20 MB they come from memory, and that takes longer than what is saved.
    var steps: Bool {
        isWide && batch % 2 == 0 && (layout.groups + inputGroups) * 16 * layout.count * layout.width <= 5 << 20
    }

    /// The gradients of the weights.
    var weightGradients: Bool { isWide }

    /// Whether panels or groups are left over for ordinary products in the forward pass …
    var leavesPanels: Bool { layout.count % 2 == 1 || layout.groups % 2 == 1 || inputGroups % 2 == 1 }

    /// … and panels or columns in the backward pass.
    var leavesColumns: Bool { layout.count % 2 == 1 || layout.groups % 8 > 0 || inputGroups % 8 > 0 }
}
