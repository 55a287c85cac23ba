import Autodiff
import Images
import Kernels
import Layers
import TensorCore
package import Training
package import TrainingRuns

/// Training or encoding with the network, batch and optimizer that a plan has when nothing is said, on made-up pictures.
struct AutoencoderWork: BenchmarkWork {
    enum Task: String { case training, encoding }

    let task: Task
    let plan: AutoencoderPlan

    /// - Parameter format: of the pictures, of which there are 10,000.
    /// - Throws: nothing that can happen: the options are the usual ones.
    init(_ task: Task, _ format: PictureFormat, _ precision: ProductPrecision = .single) throws(RunError) {
        self.task = task
        var options = AutoencoderOptions()
        options.precision = precision
        plan = try .plan(for: PictureSummary(format: format, training: 9_000, validation: 1_000), options: options)
    }

    var name: String { "\(task.rawValue) \(plan.model.format)\(plan.precisionNote)" }

    private var operationsPerPicture: Double {
        2 * Double(task == .training ? plan.model.trainingMultiplyAdds : plan.model.encodingMultiplyAdds)
    }

    func measure(_ budget: BenchmarkBudget, in context: ComputeContext) -> BenchmarkRow {
        // On a slow machine batches are smaller, in whole blocks of the 16 that are computed together.
        let sizes = sequence(first: plan.batch) { $0 / 2 >= 16 ? $0 / 2 : nil }
        let batch = budget.fitting(Array(sizes), in: BenchmarkRow.Precision(plan.precision)) {
            operationsPerPicture * Double($0)
        }
        let format = plan.model.format
        let pictures = RandomStream(seed: 1).uniform(
            [batch, format.channels, format.height, format.width], low: 0, high: 1, in: context)
        let model = Autoencoder(plan.model, seed: 1, in: context)
        let timing =
            task == .training
            ? steps(model, pictures, for: budget.seconds, in: context)
            : encodings(model, pictures, for: budget.seconds, in: context)
        let levels = plan.model.channels.map(String.init).joined(separator: ",")
        return BenchmarkRow(
            task: task.rawValue, model: "\(format), \(levels)", precision: BenchmarkRow.Precision(plan.precision),
            shape: "batch \(batch)",
            unitsPerSecond: Double(batch) / timing.median, operationsPerUnit: operationsPerPicture)
    }

    private func steps(
        _ model: Autoencoder, _ pictures: Tensor, for seconds: Double, in context: ComputeContext
    ) -> RepeatedTiming {
        let loss = AutoencoderLoss(configuration: plan.model), parameters = model.parameters
        var optimizer = plan.optimizer.makeOptimizer(), step: UInt64 = 0
        return RepeatedTiming(for: seconds) {
            let tape = Tape(in: context, precision: plan.precision), random = RandomStream(seed: 1, step: step)
            let value = loss.training(
                model, pictures, random: random, divergenceWeight: 1, on: tape)
            var gradients = tape.backward(from: value).named(parameters)
            let clip = plan.clipping.apply(to: &gradients, in: context)
            optimizer.update(parameters, along: gradients, rate: 1e-3, scale: clip.scale, in: context)
            step += 1
        }
    }

    private func encodings(
        _ model: Autoencoder, _ pictures: Tensor, for seconds: Double, in context: ComputeContext
    ) -> RepeatedTiming {
        return RepeatedTiming(for: seconds) {
            let tape = Tape(in: context, recording: false)
            _ = model.encode(tape.constant(pictures), mode: .inference)
        }
    }
}

extension Autoencoder {
    /// What `ae bench` measures: the networks that `ae train` chooses for pictures of these formats, as it trains them and
    /// as `ae encode` uses them; without reading files.
    /// - Throws: ``RunError/invalidOption(_:reason:)``, if the usual options were not valid.
    package static func benchmark() throws(RunError) -> [any BenchmarkWork] {
        let gray = PictureFormat(width: 28, height: 28, channels: 1)
        let color = PictureFormat(width: 64, height: 64, channels: 3)
        return [
            try AutoencoderWork(.training, gray), try AutoencoderWork(.training, gray, .bfloat16),
            try AutoencoderWork(.encoding, gray), try AutoencoderWork(.training, color),
            try AutoencoderWork(.training, color, .bfloat16), try AutoencoderWork(.encoding, color),
        ]
    }
}
