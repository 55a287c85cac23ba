import CommandLineSupport
import LanguageModels
import TensorCore

extension RunArguments {
    /// The model that `--run` and `--checkpoint` choose.
    func load(in context: ComputeContext) throws -> SavedModel {
        try load { try SavedModel.load($0, checkpoint: $1, from: $2, in: context) }
    }
}
