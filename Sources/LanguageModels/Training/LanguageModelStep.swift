import Autodiff
package import Kernels
import Layers
package import TensorCore
package import TextCorpora
package import Training

/// The gradients of one window: forward, backward, clip. Who asks for them updates. No state of its own.
package struct LanguageModelStep {
    let model: LanguageModel
    let clipping: GradientClipping
    let precision: ProductPrecision
    let seed: UInt64
    let context: ComputeContext

    /// - Parameter precision: of the recurrent layers' products.
    package init(
        model: LanguageModel, clipping: GradientClipping, precision: ProductPrecision = .single, seed: UInt64,
        context: ComputeContext
    ) {
        (self.model, self.clipping, self.precision) = (model, clipping, precision)
        (self.seed, self.context) = (seed, context)
    }

    /// Gradients of a window, not yet applied.
    package struct Gradients {
        package var loss: Double
        package var tensors: NamedTensors
        package var clip: GradientClipping.Result
        package var state: LanguageModelState
    }

    /// - Parameter step: chooses the dropout masks.
    package func gradients(_ batch: TokenBatch, state: LanguageModelState, step: Int) -> Gradients {
        let tape = Tape(in: context), random = RandomStream(seed: seed, stream: 0, step: UInt64(step))
        let (logits, after) = model(batch.inputs, state: state, mode: .training(random), precision: precision, on: tape)
        let loss = logits.softmaxCrossEntropy(targets: batch.targets)
        var tensors = tape.backward(from: loss).named(model.parameters)
        let clip = clipping.apply(to: &tensors, in: context)
        return Gradients(loss: Double(loss.value.scalar), tensors: tensors, clip: clip, state: after)
    }
}
