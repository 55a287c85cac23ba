import LanguageModels
import TextCorpora
import Training
import TrainingRuns

/// What to fix before a ``TextModel`` is trained. Whatever is left nil follows from the length of the text.
public struct TextOptions: Sendable, Equatable {
    /// The recurrent cell.
    public enum Cell: String, Sendable, CaseIterable {
        /// h' = tanh(W x + U h + b), Elman 1990.
        case rnn
        /// The gated recurrent unit, Cho et al. 2014.
        case gru
        /// Long short-term memory, Hochreiter & Schmidhuber 1997.
        case lstm

        var layerCell: LayerSpecification.Cell {
            switch self {
            case .rnn: .rnn
            case .gru: .gru
            case .lstm: .lstm
            }
        }
    }

    /// LSTM unless another is named.
    public var cell: Cell?
    /// Hidden units of each layer, 1 to 65,536.
    public var hidden: Int?
    /// Recurrent layers, one on top of the other.
    public var layers: Int?
    /// Share of each layer's outputs that is dropped while training, 0 up to but not including 1.
    public var dropout: Double?
    /// Of the recurrent layers' products in training: single unless another is named. Whatever uses the model later computes in
    /// single precision, unless it asks for `int8`.
    public var precision: TrainingPrecision?
    /// The highest learning rate of AdamW's schedule.
    public var learningRate: Double?
    /// Passes over the training part.
    public var epochs: Double?
    /// Time that training may take, all in all; the number of steps then follows from the machine's speed, up to the most
    /// that are of use to a text of this length, and sizes that are not given are those of a model that can learn something
    /// in so long. With `epochs` besides, training ends with whichever comes first, with the best weights so far.
    public var timeLimit: Duration?
    /// Name of the text's encoding, `gb18030` for instance; nil: UTF-8, and any other text is an error that names likely
    /// encodings. A byte-order mark in a file wins over either.
    public var encoding: String?
    /// Seed of all random numbers: same build, text, options and seed give the same model, bit for bit.
    public var seed: UInt64 = 1

    /// Everything follows from the text.
    public init() {}

    var planned: LanguageModelOptions {
        var options = LanguageModelOptions()
        options.cell = cell?.layerCell
        options.hidden = hidden
        options.layers = layers
        options.dropout = dropout
        options.precision = precision?.ofProducts
        options.learningRate = learningRate
        options.epochs = epochs
        options.timeLimit = timeLimit.map { $0 / .seconds(1) }
        options.seed = seed
        return options
    }
}
