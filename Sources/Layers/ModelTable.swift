import Autodiff
public import TensorCore

/// How a layer shows in the table of a model.
package protocol TableLayer {
    /// As it is written: `Dense(784, 89)`.
    var title: String { get }
    /// The sizes of its result, the batch first, after an input of these sizes. Nil stands for what is not known.
    func sizes(after x: [Int?]?) -> [Int?]?
}

extension Sequential: CustomStringConvertible {
    /// A table of the layers: number, layer, shape of the result as far as it is known without an input, parameters.
    ///
    ///     0  Dense(784, 89)   [N, 89]  69,865
    ///     1  Activation.tanh  [N, 89]       0
    ///     2  Dense(89, 10)    [N, 10]     900
    ///        70,765 parameters
    public var description: String { table(after: nil) }

    /// The same table with the shapes that an input leads to.
    /// - Parameter input: the shape of one example: `[1, 28, 28]`.
    /// - Precondition: the first layer takes it.
    public func summary(input: Shape) -> String { table(after: [nil] + input.dimensions) }

    private func table(after input: [Int?]?) -> String {
        var rows: [[String]] = [], sizes = input
        addRows(to: &rows, at: "", after: &sizes)
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let padded = zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 3 ? space + cell.0 : cell.0 + space
            }
            return padded.joined(separator: "  ")
        }
        let total = String(repeating: " ", count: widths[0] + 2) + "\(Self.grouped(parameterCount)) parameters"
        return (lines + [total]).joined(separator: "\n")
    }

    /// A row for each layer; those of a `Sequential` inside under their own numbers.
    private func addRows(to rows: inout [[String]], at path: String, after sizes: inout [Int?]?) {
        for (index, layer) in layers.enumerated() {
            if let inner = layer as? Sequential {
                inner.addRows(to: &rows, at: "\(path)\(index).", after: &sizes)
                continue
            }
            let known = layer as? any TableLayer
            sizes = known?.sizes(after: sizes)
            rows.append([
                "\(path)\(index)", known?.title ?? "\(type(of: layer))", Self.text(sizes),
                Self.grouped(layer.parameterCount),
            ])
        }
    }

    /// `[N, 16, ?, ?]`.
    private static func text(_ sizes: [Int?]?) -> String {
        guard let sizes else { return "?" }
        let parts = sizes.enumerated().map { index, size in size.map(String.init) ?? (index == 0 ? "N" : "?") }
        return "[\(parts.joined(separator: ", "))]"
    }

    /// With a comma for thousands.
    private static func grouped(_ number: Int) -> String {
        var text = String(number)
        for position in stride(from: text.count - 3, to: 0, by: -3) {
            text.insert(",", at: text.index(text.startIndex, offsetBy: position))
        }
        return text
    }
}

extension Dense: TableLayer {
    package var title: String { "Dense(\(weight.shape[1]), \(weight.shape[0])\(bias == nil ? ", bias: false" : ""))" }
    package func sizes(after x: [Int?]?) -> [Int?]? { (x?.dropLast() ?? [nil]) + [weight.shape[0]] }
}

extension Activation: TableLayer {
    package var title: String { "Activation.\(self)" }
    package func sizes(after x: [Int?]?) -> [Int?]? { x }
}

extension Dropout: TableLayer {
    package var title: String { "Dropout(\(rate))" }
    package func sizes(after x: [Int?]?) -> [Int?]? { x }
}
