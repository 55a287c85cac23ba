import Autoencoders
import Checkpoints
import CommandLineSupport
import TensorCore

/// `--run`, `--checkpoint`, `--threads`, `--store`.
typealias ModelArguments = RunArguments

extension ModelArguments {
    /// The model that `--run` and `--checkpoint` choose.
    func load(in context: ComputeContext) throws -> SavedAutoencoder {
        try load { try SavedAutoencoder.load($0, checkpoint: $1, from: $2, in: context) }
    }
}

extension SavedAutoencoder {
    /// Which model this is, for a line of its own: "run 'digits-1', step 1,400".
    var title: String { "run '\(run.name)', step \(NumberText.grouped(step))" }
}
