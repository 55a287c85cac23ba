import Autodiff
import Kernels
import LanguageModels
import Layers
import TensorCore
import Training

/// Whole training steps of a language model: forward, mean cross-entropy, backward, clipping by norm 5, Adam at 0.002.
/// Eight windows of random characters take turns; the state is carried on.
struct TrainingStepRate: Encodable {
    let benchmark = "steps"
    let cell: String
    let layers, hidden, lanes, steps, classes, embedding: Int
    let dropout: Double
    let precision: String
    let threads: Int
    let instructionSet: String
    let stepCount: Int
    let seconds, processorSeconds: Double
    let charactersPerSecond: Double
    let usefulGigaflops: Double
    /// Of the same threads, instruction set and precision, a quarter of a second each.
    let peakGigaflopsBefore, peakGigaflopsAfter: Double
    let shareOfPeak: Double
    let peakMemoryBytes: Int

    static let options = LanguageModelSizes.options + ["lanes", "steps", "seconds", "precision"]

    init(_ options: Options, in context: ComputeContext) {
        let sizes = LanguageModelSizes(options)
        (lanes, steps) = (options.value("lanes", default: 64), options.value("steps", default: 64))
        guard lanes > 0, steps > 0 else { Options.stop("lanes and steps must be above 0") }
        (cell, layers, hidden) = (sizes.cell.rawValue, sizes.layers, sizes.hidden)
        (classes, embedding, dropout) = (sizes.classes, sizes.embedding, sizes.dropout)
        let precision = options.choice("precision", default: ProductPrecision.single)
        self.precision = precision.rawValue
        (threads, instructionSet) = (context.workers.count, context.instructionSet.rawValue)

        peakGigaflopsBefore = sustainedPeakGigaflops(context, precision)
        let run = Self.measure(
            sizes, precision, lanes: lanes, steps: steps, seconds: options.value("seconds", default: 5), in: context)
        peakGigaflopsAfter = sustainedPeakGigaflops(context, precision)
        (stepCount, seconds, processorSeconds) = (run.count, run.seconds, run.processorSeconds)
        charactersPerSecond = run.perSecond * Double(lanes * steps)
        usefulGigaflops = sizes.usefulOperations(lanes: lanes, steps: steps) * charactersPerSecond * 1e-9
        shareOfPeak = usefulGigaflops / ((peakGigaflopsBefore + peakGigaflopsAfter) / 2)
        peakMemoryBytes = ProcessMemory.peak
    }

    private static func measure(
        _ sizes: LanguageModelSizes, _ precision: ProductPrecision, lanes: Int, steps: Int, seconds: Double,
        in context: ComputeContext
    ) -> Run {
        let configuration = sizes.configuration
        let model = LanguageModel(configuration, seed: 1, in: context)
        var optimizer: any UpdateRule = OptimizerConfiguration(.adam).makeOptimizer()
        let clipping = GradientClipping(maximumNorm: 5)
        let windows = (0..<9).map { number in
            RandomStream(seed: UInt64(number)).uniform(count: lanes * steps, in: context)
                .map { min(Int32($0 * Float(sizes.classes)), Int32(sizes.classes - 1)) }
        }
        var state = LanguageModelState(zerosFor: configuration, lanes: lanes)
        return sustained(seconds: seconds) { number in
            let tape = Tape(in: context), random = RandomStream(seed: 1, stream: 0, step: UInt64(number))
            let (logits, after) = model(
                windows[number % 8], state: state, mode: .training(random), precision: precision, on: tape)
            let loss = logits.softmaxCrossEntropy(targets: windows[number % 8 + 1])
            var gradients = tape.backward(from: loss).named(model.parameters)
            let clip = clipping.apply(to: &gradients, in: context)
            optimizer.update(model.parameters, along: gradients, rate: 2e-3, scale: clip.scale, in: context)
            state = after
        }
    }
}
