import Autodiff
import Foundation
import TensorCore
import TestSupport
import Testing
import Training

/// What a checkpoint needs of an optimizer: its configuration as JSON and its slots; and that a step copies nothing.
@Suite struct OptimizerStateTests {
    @Test(arguments: Problem.configurations) func restoredGoesOnBitForBit(_ configuration: OptimizerConfiguration)
        throws
    {
        let whole = Problem(in: ComputeContext(threads: 1))
        var optimizer = configuration.makeOptimizer()
        whole.run(&optimizer, steps: 0..<9)

        let first = Problem(in: ComputeContext(threads: 2))
        var before = configuration.makeOptimizer()
        first.run(&before, steps: 0..<4)
        // Through copies of all numbers, in another order, and JSON.
        let stored = NamedTensors(
            before.slots.reversed().map { (name: $0.name, tensor: Tensor($0.tensor.values, shape: $0.tensor.shape)) })
        let json = try JSONEncoder().encode(configuration)
        let second = Problem(in: ComputeContext(threads: 3))
        for (parameter, value) in zip(second.parameters, first.values) { parameter.value = value }
        var after = try JSONDecoder().decode(OptimizerConfiguration.self, from: json)
            .makeOptimizer(step: before.step, slots: stored, for: second.parameters)
        second.run(&after, steps: 4..<9)

        #expect(second.values == whole.values)
        #expect(after.slots == optimizer.slots)
        #expect(after.step == 9)
        #expect(after.slots.count == type(of: after).slotNames.count * second.parameters.count)
    }

    @Test func slotsHaveNames() {
        let problem = Problem(in: ComputeContext(threads: 1))
        var optimizer = OptimizerConfiguration(.adamw).makeOptimizer()
        #expect(optimizer.slots.count == 0)
        problem.run(&optimizer, steps: 0..<1)
        #expect(
            optimizer.slots.names == Problem.shapes.flatMap { ["\($0.0)/exp_avg", "\($0.0)/exp_avg_sq"] })
    }

    /// A parameter of 16 MB and both slots stay where they are: nothing is copied or allocated anew.
    @Test func writesInPlace() {
        let context = ComputeContext(threads: 2), shape: Shape = [1000, 4000]
        let parameter = Parameter("large", Tensor(zeros: shape))
        let gradients = NamedTensors([(name: "large", tensor: Tensor(repeating: 0.5, shape: shape))])
        var optimizer = OptimizerConfiguration(.adamw).makeOptimizer()
        func addresses() -> [UnsafePointer<Float>?] {
            [parameter.value, optimizer.slots["large/exp_avg"], optimizer.slots["large/exp_avg_sq"]].map {
                $0?.withUnsafePointer { $0 }
            }
        }
        optimizer.update([parameter], along: gradients, rate: 0.1, scale: 1, in: context)
        let before = addresses(), version = parameter.version
        #expect(!before.contains(nil))
        // After each step: a copied buffer may come back to where it was.
        for _ in 0..<3 {
            optimizer.update([parameter], along: gradients, rate: 0.1, scale: 1, in: context)
            #expect(addresses() == before)
        }
        #expect(parameter.version == version + 3)
    }

    /// Whoever holds the slots or the value (a checkpoint being written) keeps what it has.
    @Test func copiesHeldElsewhereStay() {
        let problem = Problem(in: ComputeContext(threads: 2))
        var optimizer = OptimizerConfiguration(.adam).makeOptimizer()
        problem.run(&optimizer, steps: 0..<2)
        let heldSlots = optimizer.slots, heldValues = problem.values
        let slots = heldSlots.map(\.tensor.values), values = heldValues.map(\.values)
        problem.run(&optimizer, steps: 2..<3)
        #expect(heldSlots.map(\.tensor.values) == slots)
        #expect(heldValues.map(\.values) == values)
        #expect(optimizer.slots != heldSlots)
    }

    @Test(arguments: OptimizerKind.allCases) func configurationIsReadable(_ kind: OptimizerKind) throws {
        let configuration = OptimizerConfiguration(kind)
        #expect(configuration.kind == kind)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = try encoder.encode(configuration)
        #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: json) == configuration)
        if kind == .adamw {
            #expect(
                String(decoding: json, as: UTF8.self)
                    == #"{"beta1":0.9,"beta2":0.999,"epsilon":1e-08,"kind":"adamw","weight_decay":0.01,"#
                    + #""weight_decay_scope":"matrices"}"#)
        }
    }

    @Test(arguments: [
        #"{"kind":"adam","beta1":1,"beta2":0.999,"epsilon":1e-8,"weight_decay":0,"weight_decay_scope":"all"}"#,
        #"{"kind":"adam","beta1":0.9,"beta2":0.999,"epsilon":0,"weight_decay":0,"weight_decay_scope":"all"}"#,
        #"{"kind":"momentum","momentum":-0.1,"weight_decay":0,"weight_decay_scope":"all"}"#,
        #"{"kind":"momentum","weight_decay":0,"weight_decay_scope":"all"}"#,
        #"{"kind":"sgd","weight_decay":-1,"weight_decay_scope":"all"}"#,
        #"{"kind":"lion","weight_decay":0,"weight_decay_scope":"all"}"#,
    ]) func refusesBadConfigurations(_ json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(OptimizerConfiguration.self, from: Data(json.utf8))
        }
    }

    @Test func refusesForeignSlots() throws {
        let problem = Problem(in: ComputeContext(threads: 1)), configuration = OptimizerConfiguration(.adam)
        var optimizer = configuration.makeOptimizer()
        problem.run(&optimizer, steps: 0..<1)
        func restore(step: Int = 1, kind: OptimizerKind = .adam, _ change: (inout NamedTensors) -> Void) throws {
            var slots = optimizer.slots
            change(&slots)
            _ = try OptimizerConfiguration(kind).makeOptimizer(step: step, slots: slots, for: problem.parameters)
        }
        try restore { _ in }
        #expect(throws: OptimizerStateError.missing(slot: "bias/exp_avg_sq", kind: .adam)) {
            try restore { $0["bias/exp_avg_sq"] = nil }
        }
        #expect(throws: OptimizerStateError.shape(slot: "bias/exp_avg", found: [36], expected: [37])) {
            try restore { $0["bias/exp_avg"] = Tensor(zeros: [36]) }
        }
        #expect(throws: OptimizerStateError.unknown(slot: "other/exp_avg", kind: .adam)) {
            try restore { $0["other/exp_avg"] = Tensor(zeros: [2]) }
        }
        #expect(throws: OptimizerStateError.unknown(slot: "weight/exp_avg", kind: .sgd)) {
            try restore(kind: .sgd) { _ in }
        }
        #expect(throws: OptimizerStateError.negativeStep(-1)) { try restore(step: -1) { _ in } }
        let message = "\(OptimizerStateError.shape(slot: "bias/exp_avg", found: [36], expected: [37]))"
        #expect(message.contains("bias/exp_avg") && message.contains("[36]") && message.contains("[37]"))
    }

    @Test func decaySparesVectorsUnlessAsked() {
        let context = ComputeContext(threads: 1)
        for (scope, vectorDecays) in [(WeightDecay.Scope.matrices, false), (.all, true)] {
            for kind in OptimizerKind.allCases {
                let parameters = [
                    Parameter("w", Tensor(repeating: 1, shape: [2, 3])),
                    Parameter("b", Tensor(repeating: 1, shape: [5])),
                ]
                let gradients = NamedTensors(parameters.map { (name: $0.name, tensor: Tensor(zeros: $0.value.shape)) })
                var optimizer = OptimizerConfiguration(kind, weightDecay: WeightDecay(0.1, scope: scope))
                    .makeOptimizer()
                optimizer.update(parameters, along: gradients, rate: 0.5, scale: 1, in: context)
                #expect(parameters[0].value.values.allSatisfy { $0 < 0.99 }, "\(kind)")
                #expect(
                    parameters[1].value.values.allSatisfy { vectorDecays ? $0 < 0.99 : $0 == 1 }, "\(kind) \(scope)")
            }
        }
    }

    /// A loop of one's own does what the rule does with the same gradients, and leaves out what is not to move.
    @Test func aLoopOfOnesOwnMovesItsParameters() throws {
        let context = ComputeContext(threads: 2), start: [Float] = [0.5, -1, 2], other = Parameter("fixed", Tensor([3]))
        let moved = Parameter("moved", Tensor(start))
        var state = OptimizerState(.adagrad(rate: 0.1, epsilon: 1e-7), for: [moved])
        // L = Σ p² fixed, so that the gradient is 2 p fixed; by hand in Double beside it.
        var expected = start.map(Double.init), squares = [0.0, 0, 0], norms: [Double] = []
        for step in 0..<4 {
            let rate = step == 2 ? 0.02 : 0.1, tape = Tape(in: context)
            let loss = (tape(moved).squared() * tape(other).broadcast(to: [3])).sum()
            norms.append(state.update(along: tape.backward(from: loss), rate: step == 2 ? 0.02 : nil))
            let gradients = expected.map { 6 * $0 }
            #expect(abs(norms[step] - gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-5)
            for i in 0..<3 {
                squares[i] += gradients[i] * gradients[i]
                expected[i] -= rate * gradients[i] / (squares[i].squareRoot() + 1e-7)
                #expect(abs(Double(moved.value[i]) - expected[i]) < 1e-5)
            }
        }
        #expect(state.step == 4 && other.value == Tensor([3]))
    }

    /// Bare parameters have no name, and two models the same ones: each has its own gradient and memory all the same.
    @Test func parametersThatShareANameMoveEachByItself() {
        let context = ComputeContext(threads: 1), starts = [Tensor([0.5, -1]), Tensor([2, 3])]
        func values(_ optimizer: Optimizer, _ parameters: [Parameter]) -> [Tensor] {
            var state = OptimizerState(optimizer, for: parameters, clipNorm: 2, clipValue: 1.5)
            for _ in 0..<4 {
                let tape = Tape(in: context)
                let loss = (tape(parameters[0]).squared() + tape(parameters[1]) * 3).sum()
                state.update(along: tape.backward(from: loss))
            }
            #expect(state.step == 4)
            return parameters.map(\.value)
        }
        let optimizers: [Optimizer] = [
            .sgd(rate: 0.1), .momentum(rate: 0.1), .adagrad(rate: 0.1), .rmsprop(rate: 0.1), .adam(rate: 0.1),
        ]
        for optimizer in optimizers {
            let apart = values(optimizer, [Parameter("a", starts[0]), Parameter("b", starts[1])])
            #expect(apart[0] != starts[0] && apart[1] != starts[1])
            #expect(values(optimizer, starts.map { Parameter($0) }) == apart)
            #expect(values(optimizer, starts.map { Parameter("0.weight", $0) }) == apart)
        }
    }

    @Test func aParameterTwiceStopsTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let parameter = Parameter("0.weight", Tensor([1]))
            _ = OptimizerState(.sgd(rate: 1), for: [parameter, Parameter(Tensor([1])), parameter])
        }
        expectMessage("the parameter '0.weight' of shape [1] stands twice", from: result)
    }

    @Test func aRateThatIsNoNumberStopsTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let parameter = Parameter("p", Tensor([1])), tape = Tape(in: ComputeContext(threads: 1))
            var state = OptimizerState(.sgd(rate: 1), for: [parameter])
            state.update(along: tape.backward(from: tape(parameter).sum()), rate: .nan)
        }
        expectMessage("the learning rate of a step is 0 or more, not nan", from: result)
    }

    /// Steps are in single precision: training would come to its end and have changed nothing, or have no number left.
    @Test func aRateThatSinglePrecisionHasNotStopsTheProgram() async {
        let tooLow = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Optimizer.adam(rate: 1e-50)
        }
        expectMessage("a learning rate is a number above 0, also in single precision, not 1e-50", from: tooLow)
        let tooHigh = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Optimizer.sgd(rate: 1e39)
        }
        expectMessage("a learning rate is a number above 0, also in single precision, not 1e+39", from: tooHigh)
    }

    @Test func aNormThatSinglePrecisionHasNotStopsTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = OptimizerState(.sgd(rate: 1), for: [Parameter("p", Tensor([1]))], clipNorm: 1e-300)
        }
        expectMessage("a gradient norm is limited to a number above 0, also in single precision", from: result)
    }

    @Test func aLoopOfOnesOwnClips() {
        let context = ComputeContext(threads: 1), parameter = Parameter("p", Tensor([3, -0.5, 4]))
        func step(_ state: inout OptimizerState, _ factor: Float = 1) -> Double {
            let tape = Tape(in: context)
            return state.update(along: tape.backward(from: (tape(parameter).squared() * 0.5).sum() * factor))
        }
        var byValue = OptimizerState(.sgd(rate: 1), for: [parameter], clipValue: 2)
        #expect(abs(step(&byValue) - 25.25.squareRoot()) < 1e-5)
        #expect(parameter.value == Tensor([1, 0, 2]))
        parameter.value = Tensor([3, 0, 4])
        var byNorm = OptimizerState(.sgd(rate: 1), for: [parameter], clipNorm: 1)
        _ = step(&byNorm)
        #expect(abs(parameter.value[0] - 2.4) < 1e-5 && abs(parameter.value[2] - 3.2) < 1e-5)
        // What is no number changes nothing.
        let before = parameter.value
        #expect(!step(&byNorm, .infinity).isFinite)
        #expect(parameter.value == before && byNorm.step == 1)
    }
}
