import Foundation
import Jacquard

/// The classifier of the README, on digits in the format of MNIST: fit with a validation after each pass, and evaluation.
/// `Benchmarks/comparison/pytorch/classifier.py` trains the same from the same first weights on the same batches.
struct ClassifierRun: Encodable {
    static let options = ["epochs", "export"]

    let seconds: Double
    let loss: Double
    let accuracy: Double
    let bestEpoch: Int
    let threads: Int

    private static let batch = 60, heldOut = 1_000, seed: UInt64 = 1

    /// - Parameter options: `epochs`; `export`, a folder into which the first weights and the order of the examples go.
    init(images: String, labels: String, _ options: Options, in context: ComputeContext) throws {
        let epochs = options.value("epochs", default: 25), export = options.value("export", default: "")
        let digits = try Dataset(idxImages: images, labels: labels)
        let (training, heldOut) = digits.split(heldOut: Self.heldOut)
        let model = Sequential(seed: Self.seed, in: context) {
            Dense(784, 89)
            Activation.tanh
            Dropout(0.2)
            Dense(89, 10)
        }
        if !export.isEmpty { try Self.export(model, examples: digits.count, epochs: epochs, to: export) }
        let trainer = Trainer(
            model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: 0.1, momentum: 0.9), metrics: [.accuracy],
            seed: Self.seed, in: context)
        let clock = ContinuousClock()
        var report: FitReport?
        let duration = try clock.measure {
            report = try trainer.fit(training, batch: Self.batch, epochs: epochs, validation: heldOut)
        }
        let found = try trainer.evaluate(heldOut)
        seconds = duration / .seconds(1)
        (loss, accuracy) = (found.loss, found[.accuracy] ?? .nan)
        bestEpoch = (report?.bestStep ?? 0) / ((training.count + Self.batch - 1) / Self.batch)
        threads = context.threadCount
    }

    /// Weights as they lie in memory, and 32-bit numbers of the held-out examples and of those of each pass.
    private static func export(_ model: Sequential, examples: Int, epochs: Int, to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, tensor) in model.weights {
            try Data(tensor.values.withUnsafeBytes(Array.init)).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        // Examples that are their own numbers show where a split and a batch take them from.
        let numbers = Dataset(
            inputs: Tensor((0..<examples).map(Float.init), shape: [examples, 1]),
            labels: [Int](repeating: 0, count: examples))
        let (training, heldOut) = numbers.split(heldOut: Self.heldOut)
        var order = try heldOut.batch(0..<heldOut.count).inputs.values.map(Int32.init)
        for epoch in 0..<epochs {
            let positions = training.batches(of: batch, seed: seed, epoch: epoch).flatMap { $0 }
            order += try training.batch(positions).inputs.values.map(Int32.init)
        }
        try Data(order.withUnsafeBytes(Array.init)).write(to: URL(fileURLWithPath: "\(folder)/order"))
    }
}
