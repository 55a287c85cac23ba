import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing
import Training

/// Ten steps of every optimizer against PyTorch, with its gradients and a rate that changes on the way.
@Suite struct OptimizerFixtureTests {
    static let decay = WeightDecay(0.0625, scope: .all)
    static let cases: [(String, OptimizerConfiguration)] = [
        ("sgd", .sgd()), ("sgd_weight_decay", .sgd(weightDecay: decay)),
        ("momentum", .momentum(0.875)), ("momentum_weight_decay", .momentum(0.875, weightDecay: decay)),
        ("nesterov", .nesterov(0.875)), ("adagrad", .adagrad()), ("rmsprop", .rmsprop()), ("adam", .adam()),
        ("adam_weight_decay", .adam(weightDecay: decay)), ("adamw", .adamw(weightDecay: decay)),
    ]

    @Test(arguments: InstructionSet.available) func equalsPyTorch(_ set: InstructionSet) throws {
        let fixture = try Fixture.load("optimizers")
        let context = ComputeContext(threads: 1, instructionSet: set)
        let rates = try fixture["learning_rates"].values
        for (name, configuration) in Self.cases {
            let parameter = Parameter("p", Tensor(try fixture["start"].floats, shape: [5]))
            var optimizer = configuration.makeOptimizer()
            for (step, rate) in rates.enumerated() {
                let gradient = Tensor(try fixture["\(name).gradients"].part(step).floats, shape: [5])
                optimizer.update(
                    [parameter], along: NamedTensors([(name: "p", tensor: gradient)]), rate: Float(rate), scale: 1,
                    in: context)
                // 1 - 0.99 in single precision is 0.01 to within 1e-6 only; the first step is as long as all of p.
                let tolerance = name == "rmsprop" ? 2e-6 : 1e-6
                expectValuesMatch(
                    engine: parameter.value.values, oracle: try fixture["\(name).parameters"].part(step).values,
                    "\(name), step \(step)", tolerance: tolerance)
            }
            #expect(optimizer.step == rates.count)
        }
    }
}
