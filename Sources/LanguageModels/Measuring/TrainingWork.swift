import Autodiff
import Kernels
import TensorCore
import TextCorpora
import Training

/// Whole training steps of a language model on made-up text: forward pass, loss, backward pass, clipping, Adam.
struct TrainingWork: BenchmarkWork {
    let configuration: ModelConfiguration
    let lanes: Int
    let window: Int

    var name: String { "training \(configuration.title)" }

    /// Forward, and twice as much backward; two operations for a multiply-add.
    private var operationsPerUnit: Double { 6 * Double(configuration.multiplyAddsPerUnit) }

    func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
        // On a slow machine windows are shorter, then lanes fewer.
        let windows = Self.halves(of: window, downTo: 8).map { (lanes: lanes, window: $0) }
        let few = Self.halves(of: lanes, downTo: 8).map { (lanes: $0, window: windows[windows.count - 1].window) }
        let size = budget.fitting(windows + few) { operationsPerUnit * Double($0.lanes * $0.window) }
        let seconds = step(lanes: size.lanes, window: size.window, for: budget.seconds, in: context)
        return BenchmarkRow(
            task: "training", model: configuration.title, shape: "\(size.lanes) lanes of \(size.window)",
            unitsPerSecond: Double(size.lanes * size.window) / seconds, operationsPerUnit: operationsPerUnit)
    }

    /// Seconds of one step.
    private func step(lanes: Int, window: Int, for seconds: Double, in context: ComputeContext) -> Double {
        let model = LanguageModel(configuration, seed: 1, in: context)
        let trainer = TrainingStep(
            model: model, clipping: GradientClipping(maximumNorm: 5), seed: 1, context: context)
        var optimizer: any UpdateRule = OptimizerConfiguration(.adam).makeOptimizer()
        let batch = TokenBatch(
            steps: window, lanes: lanes, inputs: ids(lanes * window, stream: 1, in: context),
            targets: ids(lanes * window, stream: 2, in: context), resetsState: false)
        var state = ModelState(zerosFor: configuration, lanes: lanes), number = 0
        return RepeatedTiming(for: seconds) {
            let found = trainer.gradients(batch, state: state, step: number)
            optimizer.update(
                model.parameters, along: found.tensors, rate: 1e-3, scale: found.clip.scale, in: context)
            state = found.state
            number += 1
        }.median
    }

    private func ids(_ count: Int, stream: UInt64, in context: ComputeContext) -> [Int32] {
        RandomStream(seed: 1, stream: stream).uniform(count: count, in: context)
            .map { Int32($0 * Float(configuration.classes)) }
    }

    private static func halves(of size: Int, downTo least: Int) -> [Int] {
        Array(sequence(first: size) { $0 / 2 >= least ? $0 / 2 : nil })
    }
}

extension ModelConfiguration {
    /// "LSTM 2×512" where all layers are alike, otherwise as it is typed.
    var title: String {
        guard let first = stack.first, stack.allSatisfy({ $0 == first }), first.projection == nil else {
            return stack.map(\.description).joined(separator: ",")
        }
        return "\(first.cell.rawValue.uppercased()) \(stack.count)×\(first.hidden)"
    }
}
