/// One layer of a stack, as the command line writes it: `lstm:256`, or `rnn:256:128` with an output projection to 128
/// values after the cell (with bias, not fed back), as in the book.
package struct LayerSpecification: Hashable, Codable, Sendable, CustomStringConvertible {
    package enum Cell: String, CaseIterable, Codable, Sendable {
        case lstm, gru, rnn
        /// The GRU of the book and of the first version of Cho et al. 2014: the reset gate acts before the product.
        case gruResetBefore = "gru-reset-before"
    }

    package var cell: Cell
    package var hidden: Int
    package var projection: Int?

    package init(_ cell: Cell, hidden: Int, projection: Int? = nil) {
        self.cell = cell
        self.hidden = hidden
        self.projection = projection
    }

    /// Values that the next layer reads.
    package var outputs: Int { projection ?? hidden }

    package var description: String { "\(cell.rawValue):\(hidden)" + (projection.map { ":\($0)" } ?? "") }

    /// A stack as it is parsed: `lstm:512,gru:256`.
    @Sendable package static func text(_ stack: [LayerSpecification]) -> String {
        stack.map(\.description).joined(separator: ",")
    }

    /// The sizes that a hidden state or an output projection may have.
    static let sizes = 1...65_536
    static let largestCount = 64

    /// Parses `lstm:512,lstm:512`.
    /// - Throws: ``LanguageModelError/invalidStack(_:reason:)``
    package static func parse(_ text: String) throws(LanguageModelError) -> [LayerSpecification] {
        var layers: [LayerSpecification] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = part.split(separator: ":", omittingEmptySubsequences: false).map {
                $0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
            }.map(String.init)
            guard let cell = fields.first.flatMap({ Cell(rawValue: $0) }) else {
                let kinds = Cell.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalidStack(text, reason: "'\(fields.first ?? "")' is not a cell; cells are \(kinds)")
            }
            let sizes = fields.dropFirst().map { Int($0) ?? 0 }
            guard (1...2).contains(sizes.count), sizes.allSatisfy(Self.sizes.contains) else {
                throw .invalidStack(
                    text, reason: "'\(part)' needs one size from 1 to 65536, or two with an output projection")
            }
            layers.append(LayerSpecification(cell, hidden: sizes[0], projection: sizes.count > 1 ? sizes[1] : nil))
        }
        guard layers.count <= largestCount else {
            throw .invalidStack(text, reason: "\(layers.count) layers, and at most \(largestCount) can be stacked")
        }
        return layers
    }
}
