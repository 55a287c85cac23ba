import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing
import Training

/// Every optimizer against the textbook in Double, with several tensors, a gradient scale and weight decay that spares
/// vectors; and the same bits whatever computes them.
@Suite struct OptimizerOracleTests {
    static func oracle(_ kind: OptimizerKind, decay: Double) -> (any Oracle.Optimizer, coupledDecay: Double) {
        switch kind {
        case .sgd: (Oracle.SGD(weightDecay: decay), 0)
        case .momentum: (Oracle.SGD(momentum: Double(Float(0.9)), weightDecay: decay), 0)
        case .nesterov: (Oracle.SGD(momentum: Double(Float(0.9)), nesterov: true, weightDecay: decay), 0)
        case .adagrad: (Oracle.AdaGrad(), decay)
        case .rmsprop: (Oracle.RMSprop(), decay)
        case .adam: (Oracle.Adam(weightDecay: decay), 0)
        case .adamw: (Oracle.Adam.adamW(weightDecay: decay), 0)
        }
    }

    @Test(arguments: OptimizerKind.allCases) func equalsTextbook(_ kind: OptimizerKind) {
        let context = ComputeContext(threads: 2), problem = Problem(in: context), steps = 7
        let starts = problem.values
        var optimizer = OptimizerConfiguration(kind, weightDecay: 0.03).makeOptimizer()
        problem.run(&optimizer, steps: 0..<steps)
        for (index, parameter) in problem.parameters.enumerated() {
            let decay = parameter.value.shape.rank >= 2 ? Double(Float(0.03)) : 0
            var (oracle, coupled) = Self.oracle(kind, decay: decay)
            var expected = starts[index].values.map(Double.init)
            for step in 0..<steps {
                let gradient = problem.gradients(at: step)[parameter.name]?.values ?? []
                oracle.step(
                    &expected, gradient: zip(gradient, expected).map { Double($0) * 0.5 + coupled * $1 },
                    learningRate: Double(0.02 / Float(step + 1)))
            }
            expectValuesMatch(
                engine: parameter.value.values, oracle: expected, "\(kind) \(parameter.name)", tolerance: 1e-6)
        }
    }

    @Test(arguments: Problem.configurations) func sameBitsEverywhere(_ configuration: OptimizerConfiguration) {
        var reference: [Tensor]?
        for set in InstructionSet.available {
            for threads in [1, 2, 3] {
                let problem = Problem(in: ComputeContext(threads: threads, instructionSet: set))
                var optimizer = configuration.makeOptimizer()
                problem.run(&optimizer, steps: 0..<3)
                let found = problem.values + optimizer.slots.map(\.tensor)
                if let reference {
                    #expect(found == reference, "\(configuration.kind), \(set), \(threads) threads")
                }
                reference = reference ?? found
            }
        }
    }

    @Test(arguments: OptimizerKind.allCases) func findsTheBottomOfABowl(_ kind: OptimizerKind) {
        let context = ComputeContext(threads: 1)
        let target: [Float] = [1, -2, 0.5, 3, -0.25], slopes: [Float] = [1, 0.5, 2, 0.25, 4]
        let parameter = Parameter("p", Tensor(zeros: [5]))
        var optimizer = OptimizerConfiguration(kind, weightDecay: 0).makeOptimizer()
        let base = kind == .adagrad ? 0.5 : 0.05
        let schedule = LearningRateSchedule(base: base, shape: .cosine(finalFraction: 0), steps: 1500)
        for step in 0..<1500 {
            let gradient = zip(zip(parameter.value.values, target), slopes).map { ($0.0 - $0.1) * $1 }
            optimizer.update(
                [parameter], along: NamedTensors([(name: "p", tensor: Tensor(gradient, shape: [5]))]),
                rate: Float(schedule.rate(at: step)), scale: 1, in: context)
        }
        for (found, wanted) in zip(parameter.value.values, target) { #expect(abs(found - wanted) < 2e-3, "\(kind)") }
    }
}
