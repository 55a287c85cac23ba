import CommandLineSupport
import Kernels
import LanguageModels
import TensorCore

extension RunArguments {
    /// The model that `--run` and `--checkpoint` choose.
    func load(
        _ precision: WritingPrecision, in context: ComputeContext
    ) throws -> SavedLanguageModel {
        try load { try SavedLanguageModel.load($0, checkpoint: $1, from: $2, precision: precision, in: context) }
    }
}
