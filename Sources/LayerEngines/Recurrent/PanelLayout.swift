import CKernels

/// How the rows of a cell's weights are laid side by side in panels of 64 accumulators.
///
///     LSTM   16 units:  i f g o       the input and the recurrent product both use all 64 columns
///     GRU    16 units:  n_x r z n_h   the input product uses columns 0 ..< 48, the recurrent one 16 ..< 64:
///                                     r and z share accumulators, the two parts of n stay apart
///     tanh   64 units
///
/// A cell is then local to one panel, and a panel is the unit of work. Units past H are zeros that stay zero.
package struct PanelLayout {
    let kind: CellKind
    /// H, hidden units.
    let hidden: Int

    package init(kind: CellKind, hidden: Int) {
        self.kind = kind
        self.hidden = hidden
    }

    var unitsPerPanel: Int { kind == .rnn ? 64 : 16 }
    /// P, panels.
    var count: Int { (hidden + unitsPerPanel - 1) / unitsPerPanel }
    /// Columns of a packed panel of weights.
    var width: Int { kind == .gru ? 48 : 64 }
    var blocks: Int { width / 16 }
    /// Where the recurrent product starts among a panel's 64 columns; the input product starts at 0.
    var hiddenOffset: Int { kind == .gru ? 16 : 0 }
    /// Panels of 64 hidden units, the columns of the backward product.
    var columnPanels: Int { (hidden + 63) / 64 }

    /// G, groups of 16 hidden units.
    var groups: Int { (hidden + 15) / 16 }
    /// The groups of panel `panel` that exist.
    func groups(_ panel: Int) -> Range<Int> {
        let perPanel = unitsPerPanel / 16
        return panel * perPanel..<min((panel + 1) * perPanel, groups)
    }

    /// Units of panel `panel` that exist.
    func units(_ panel: Int) -> Int { min(unitsPerPanel, hidden - panel * unitsPerPanel) }

    /// The rows of W_ih behind 16 columns of a panel: the first, and how many exist.
    func inputRows(_ panel: Int, _ block: Int) -> (first: Int, count: Int) {
        rows(panel, block, gate: kind == .gru ? (block + 2) % 3 : block)
    }

    /// The rows of W_hh behind 16 columns of a panel.
    func hiddenRows(_ panel: Int, _ block: Int) -> (first: Int, count: Int) { rows(panel, block, gate: block) }

    private func rows(_ panel: Int, _ block: Int, gate: Int) -> (first: Int, count: Int) {
        if kind == .rnn {
            let first = panel * 64 + block * 16
            return (min(first, hidden), max(0, min(16, hidden - first)))
        }
        return (gate * hidden + panel * 16, units(panel))
    }
}
