import Autodiff
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training

/// A thousand steps with every cell and every optimizer beside PyTorch's in double precision.
///
/// Rounding alone leads every trajectory in single precision away from that one, and by how much is a property of the
/// trajectory: the fixture holds how far PyTorch's own single precision gets. The engine may get as far as a few times
/// that; where both stay within 1e-5 nothing more is asked of it.
@Suite struct TrajectoryTests {
    static let cells: [LayerSpecification.Cell] = [.rnn, .gru, .gruResetBefore, .lstm]

    struct Trajectory {
        var losses: [Double] = []
        var after: [Int: [Double]] = [:]
    }

    static func run(
        _ fixture: Fixture, _ cell: LayerSpecification.Cell, _ kind: OptimizerKind, steps: Int
    ) throws -> Trajectory {
        let context = ComputeContext(threads: 1), name = cell.rawValue
        let classes = try fixture["\(name).head.bias"].shape[0], table = try fixture["\(name).embedding.weight"].shape
        let hidden = try fixture["\(name).head.weight"].shape[1]
        let model = LanguageModel(
            LanguageModelConfiguration(
                classes: classes, embedding: table[1], stack: [LayerSpecification(cell, hidden: hidden)], dropout: 0),
            seed: 1, in: context)
        for parameter in model.parameters {
            let stored = try fixture[
                "\(name).\(parameter.name.replacing("layers.0.cell.", with: ""))"]
            parameter.value = Tensor(stored.floats, shape: Shape(stored.shape))
        }
        let tokens = try fixture["tokens_256"], lanes = tokens.shape[1], window = 6
        let ids = tokens.values.map { Int32($0 * 256) }, windows = (tokens.shape[0] - 1) / window
        let trainer = LanguageModelStep(
            model: model, clipping: GradientClipping(maximumNorm: 1), seed: 1, context: context)
        let rate = Float(try fixture["\(kind.rawValue).learning_rate"].scalar)
        let coefficient = Float(try fixture["weight_decay"].scalar)
        let decay = kind == .adamw ? WeightDecay(coefficient, scope: .all) : nil
        var optimizer = OptimizerConfiguration(kind, weightDecay: decay).makeOptimizer()
        var state = LanguageModelState(zerosFor: model.configuration, lanes: lanes), found = Trajectory()
        for step in 0..<steps {
            let first = step % windows * window * lanes, count = window * lanes
            let batch = TokenBatch(
                steps: window, lanes: lanes, inputs: Array(ids[first..<first + count]),
                targets: Array(ids[first + lanes..<first + lanes + count]), resetsState: false)
            let gradients = trainer.gradients(batch, state: state, step: step)
            optimizer.update(
                model.parameters, along: gradients.tensors, rate: rate,
                scale: gradients.clip.scale, in: context)
            state = gradients.state
            found.losses.append(gradients.loss)
            if [10, 1000].contains(step + 1) {
                found.after[step + 1] = model.parameters.flatMap { $0.value.values.map(Double.init) }
            }
        }
        return found
    }

    /// The norm of the difference over the norm.
    static func distance(_ found: [Double], _ expected: [Double]) -> Double {
        func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        return found.count == expected.count ? norm(zip(found, expected).map { $0 - $1 }) / norm(expected) : .infinity
    }

    @Test(arguments: cells, OptimizerKind.allCases)
    func aThousandStepsBesidePyTorch(cell: LayerSpecification.Cell, kind: OptimizerKind) throws {
        let fixture = try Fixture.load("trajectories"), name = "\(cell.rawValue).\(kind.rawValue)"
        let found = try Self.run(fixture, cell, kind, steps: 1000)
        let places = try fixture["loss_steps"].integers, losses = try fixture["\(name).losses"].values
        let drift = try fixture["\(name).drift"].values
        for (steps, drift) in [(10, drift[0..<2]), (1000, drift[2..<4])] {
            let pairs = zip(places, losses).filter { $0.0 < steps }
            let loss = pairs.map { abs(found.losses[$0] - $1) / $1 }.max() ?? .infinity
            let weights = Self.distance(
                try #require(found.after[steps]), try fixture["\(name).after_\(steps)"].values)
            let limits = drift.map { max(steps == 10 ? 1e-6 : 1e-5, 4 * $0) }
            let what: Comment = "\(name), \(steps) steps: losses \(loss), weights \(weights), PyTorch \(Array(drift))"
            #expect(loss <= limits[0] && weights <= limits[1], what)
        }
    }
}
