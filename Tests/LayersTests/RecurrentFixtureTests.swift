import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// The fused recurrent window against PyTorch's forward and backward pass: H below, at and off a multiple of 16 and of
/// 64, nonzero initial state, gradients from every output.
@Suite struct RecurrentFixtureTests {
    struct Case: CustomTestStringConvertible {
        let fixture: String
        let kind: CellKind
        var testDescription: String { fixture }
    }
    static let cases = [
        Case(fixture: "rnn", kind: .rnn), Case(fixture: "gru", kind: .gru), Case(fixture: "lstm", kind: .lstm),
        Case(fixture: "rnn_wide", kind: .rnn), Case(fixture: "gru_wide", kind: .gru),
        Case(fixture: "lstm_wide", kind: .lstm),
    ]

    @Test(arguments: cases, InstructionSet.available)
    func equalsPyTorch(_ testCase: Case, _ set: InstructionSet) throws {
        let fixture = try Fixture.load(testCase.fixture)
        for threads in [1, 3] {
            let context = ComputeContext(threads: threads, instructionSet: set)
            let run = try Run(fixture, kind: testCase.kind, in: context)
            for (name, values) in run.values {
                expectValuesMatch(
                    engine: values.values, oracle: try fixture[name].values, "\(name), \(threads) threads",
                    tolerance: 2e-6)
            }
            for (name, gradient) in run.gradients {
                expectGradientsMatch(
                    engine: gradient.values, oracle: try fixture.gradient(of: name).values,
                    "\(name), \(threads) threads")
            }
        }
    }

    /// One forward and backward pass over a fixture's data.
    struct Run {
        var values: [(String, Tensor)] = []
        var gradients: [(String, Tensor)] = []

        init(_ fixture: Fixture, kind: CellKind, in context: ComputeContext) throws {
            let input = try fixture["input"], hidden = try fixture["h0"].shape[2], batch = input.shape[1]
            let layer = RecurrentLayer(
                "cell", kind: kind, inputs: input.shape[2], hidden: hidden, stream: RandomStream(seed: 1), in: context)
            for parameter in layer.parameters {
                let stored = try fixture[String(parameter.name.dropFirst("cell.".count))]
                parameter.value = Tensor(stored.floats, shape: Shape(stored.shape))
            }
            let tape = Tape(in: context)
            let x = tape.variable(Tensor(input.floats, shape: Shape(input.shape)))
            func state(_ name: String) throws -> Variable {
                tape.variable(Tensor(try fixture[name].floats, shape: [batch, hidden]))
            }
            let start = RecurrentLayer.State(h: try state("h0"), c: kind.hasCellState ? try state("c0") : nil)
            let (y, end) = layer(.sequence(x), state: start)
            values = [("output", y.value), ("hn", end.h.value)]
            if let c = end.c { values.append(("cn", c.value)) }

            var seeds = try zip([y, end.h], ["output", "hn"]).map { variable, name in
                (variable: variable, weight: Tensor(try fixture["weight_of_\(name)"].floats, shape: variable.shape))
            }
            if let c = end.c { seeds.append((c, Tensor(try fixture["weight_of_cn"].floats, shape: c.shape))) }
            let found = tape.backward(from: seeds)
            for parameter in layer.parameters {
                gradients.append((String(parameter.name.dropFirst("cell.".count)), try #require(found[parameter])))
            }
            gradients.append(("input", try #require(found[x])))
            gradients.append(("h0", try #require(found[start.h])))
            if let c = start.c { gradients.append(("c0", try #require(found[c]))) }
        }
    }
}
