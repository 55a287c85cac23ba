import Autodiff
import Kernels
import Requirements
import TensorCore
import TextCorpora
package import Training

extension LanguageModel {
    /// What `charnn bench` measures: training and sampling of models with a vocabulary of 65 and one-hot input, in the
    /// sizes that everybody else's figures are for.
    package static var benchmark: [any BenchmarkWork] {
        func model(_ cell: LayerSpecification.Cell, _ hidden: Int) -> LanguageModelConfiguration {
            let layer = LayerSpecification(cell, hidden: hidden)
            return LanguageModelConfiguration(classes: 65, embedding: 0, stack: [layer, layer], dropout: 0)
        }
        return [
            TrainingWork(configuration: model(.lstm, 128), lanes: 50, window: 50),
            TrainingWork(configuration: model(.lstm, 128), precision: .bfloat16, lanes: 50, window: 50),
            TrainingWork(configuration: model(.lstm, 512), lanes: 64, window: 64),
            TrainingWork(configuration: model(.lstm, 512), precision: .bfloat16, lanes: 64, window: 64),
            TrainingWork(configuration: model(.gru, 512), lanes: 64, window: 64),
            TrainingWork(configuration: model(.gru, 512), precision: .bfloat16, lanes: 64, window: 64),
            SamplingWork(configuration: model(.lstm, 128), precision: .single),
            SamplingWork(configuration: model(.lstm, 512), precision: .single),
            SamplingWork(configuration: model(.lstm, 512), precision: .int8),
        ]
    }
}

/// Whole training steps of a language model on made-up text: forward pass, loss, backward pass, clipping, Adam.
struct TrainingWork: BenchmarkWork {
    let configuration: LanguageModelConfiguration
    var precision = ProductPrecision.single
    let lanes: Int
    let window: Int

    var name: String { "training \(configuration.title)\(precision.note)" }

    func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
        // On a slow machine windows are shorter, then lanes fewer.
        let windows = Self.halves(of: window, downTo: 8).map { (lanes: lanes, window: $0) }
        let few = Self.halves(of: lanes, downTo: 8).map { (lanes: $0, window: windows[windows.count - 1].window) }
        let size = budget.fitting(windows + few, in: BenchmarkRow.Precision(precision)) {
            configuration.trainingOperationsPerUnit * Double($0.lanes * $0.window)
        }
        let seconds = step(lanes: size.lanes, window: size.window, for: budget.seconds, in: context)
        return BenchmarkRow(
            task: "training", model: configuration.title, precision: BenchmarkRow.Precision(precision),
            shape: "\(size.lanes) lanes of \(size.window)",
            unitsPerSecond: Double(size.lanes * size.window) / seconds,
            operationsPerUnit: configuration.trainingOperationsPerUnit)
    }

    /// Seconds of one step.
    private func step(lanes: Int, window: Int, for seconds: Double, in context: ComputeContext) -> Double {
        let model = LanguageModel(configuration, seed: 1, in: context)
        let trainer = LanguageModelStep(
            model: model, clipping: GradientClipping(maximumNorm: 5), precision: precision, seed: 1, context: context)
        var optimizer: any UpdateRule = OptimizerConfiguration(.adam).makeOptimizer()
        let batch = TokenBatch(
            steps: window, lanes: lanes, inputs: ids(lanes * window, stream: 1, in: context),
            targets: ids(lanes * window, stream: 2, in: context), resetsState: false)
        var state = LanguageModelState(zerosFor: configuration, lanes: lanes), number = 0
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

extension LanguageModelConfiguration {
    /// "LSTM 2×512" where all layers are alike, otherwise as it is typed.
    var title: String {
        guard let first = stack.first, stack.allSatisfy({ $0 == first }), first.projection == nil else {
            return stack.map(\.description).joined(separator: ",")
        }
        return "\(first.cell.rawValue.uppercased()) \(stack.count)×\(first.hidden)"
    }
}

/// A text that a language model writes, as `TextGenerator` does it, unit after unit: each reads all weights once.
struct SamplingWork: BenchmarkWork {
    let configuration: LanguageModelConfiguration
    let precision: WritingPrecision

    var name: String { "sampling \(configuration.title)\(precision.note)" }

    func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
        var model = LanguageModel(configuration, seed: 1, in: context)
        model.precision = precision
        var generator = TextGenerator(
            model: model, vocabulary: .letters(configuration.classes), options: SamplingOptions(length: .max), seed: 1,
            index: 0, in: context)
        // Of the one-hot input's weights one row is gathered: they are not read whole.
        let bytes = (precision == .single ? 4 : 1) * configuration.multiplyAddsPerUnit
        let piece = 32, forReading = max(0.03, budget.seconds / 20)
        func readRate() -> Double {
            context.workers.readRate(context.kernels, bytes: bytes, seconds: forReading)
        }
        let before = readRate()
        let timing = RepeatedTiming(for: budget.seconds - 2 * forReading) {
            for _ in 0..<piece { _ = generator.next() }
        }
        return BenchmarkRow(
            task: "sampling", model: configuration.title, precision: precision == .single ? .single : .int8,
            shape: "1 stream",
            unitsPerSecond: Double(piece) / timing.median,
            operationsPerUnit: 2 * Double(configuration.multiplyAddsPerUnit),
            reading: BenchmarkRow.Reading(bytesPerUnit: Double(bytes), peak: max(before, readRate())))
    }
}

extension Vocabulary {
    /// A vocabulary of `count` printable characters, at most 90.
    static func letters(_ count: Int) -> Vocabulary {
        require(count <= 90, "\(count) letters")
        var table = UnitTable()
        for letter in 0..<count { table.append([UInt8(32 + letter)]) }
        return Vocabulary(unit: .scalar, table: table, minimumCount: 1, hasReplacement: false, replacedInTraining: 0)
    }
}
