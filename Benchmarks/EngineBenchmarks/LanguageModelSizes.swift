import LanguageModels
import TensorCore

/// The sizes of a language model that is measured, as options say them.
struct LanguageModelSizes {
    let cell: LayerSpecification.Cell
    let layers: Int
    let hidden: Int
    let classes: Int
    let embedding: Int
    let dropout: Double

    static let options = ["cell", "layers", "hidden", "classes", "embedding", "dropout"]

    init(_ options: Options) {
        cell = options.choice("cell", default: .lstm)
        layers = options.value("layers", default: 2)
        hidden = options.value("hidden", default: 512)
        classes = options.value("classes", default: 65)
        embedding = options.value("embedding", default: 0)
        dropout = options.value("dropout", default: 0.0)
        guard layers > 0, hidden > 0, classes > 1, embedding >= 0, (0..<1).contains(dropout) else {
            Options.stop("sizes must be above 0, and dropout at least 0 and below 1")
        }
    }

    var configuration: LanguageModelConfiguration {
        LanguageModelConfiguration(
            classes: classes, embedding: embedding,
            stack: Array(repeating: LayerSpecification(cell, hidden: hidden), count: layers), dropout: dropout)
    }

    /// Floating-point operations a character that training cannot do without: three products for each of the forward
    /// pass. A one-hot input multiplies nothing; an embedding costs what is cheaper, a product of the whole table with
    /// the input weights once a step or of the gathered rows.
    func usefulOperations(lanes: Int, steps: Int) -> Double {
        var multiplyAdds = Double(configuration.multiplyAddsPerUnit)
        if embedding > 0 {
            let gates =
                switch cell {
                case .lstm: 4
                case .gru, .gruResetBefore: 3
                case .rnn: 1
                }
            let rows = Double(min(classes, lanes * steps)) / Double(lanes * steps)
            multiplyAdds += rows * Double(embedding * gates * hidden)
        }
        return 6 * multiplyAdds
    }

    /// Bytes of weights that writing one character reads: all but the columns and rows of other characters.
    var bytesReadPerCharacter: Int {
        let first = embedding == 0 ? 0 : embedding * hidden * 4
        return 4 * (configuration.multiplyAddsPerUnit + (cell == .lstm ? first : 0))
    }
}
