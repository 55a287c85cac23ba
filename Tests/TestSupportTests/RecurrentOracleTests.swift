import TestSupport
import Testing

/// The recurrent oracles against PyTorch's modules: outputs, final states, loss, and every gradient.
@Suite struct RecurrentOracleTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let fixture: String
        let kind: Oracle.RecurrentKind
        var layers = 1
        var testDescription: String { fixture }
    }

    static let small = [
        Case(fixture: "rnn", kind: .rnn), Case(fixture: "rnn_2_layers", kind: .rnn, layers: 2),
        Case(fixture: "gru", kind: .gru), Case(fixture: "gru_2_layers", kind: .gru, layers: 2),
        Case(fixture: "gru_reset_before", kind: .gruResetBefore),
        Case(fixture: "lstm", kind: .lstm), Case(fixture: "lstm_2_layers", kind: .lstm, layers: 2),
    ]
    static let wide = [
        Case(fixture: "rnn_wide", kind: .rnn), Case(fixture: "gru_wide", kind: .gru),
        Case(fixture: "lstm_wide", kind: .lstm),
    ]

    static func run(_ test: Case, _ arrays: [String: ArrayND]) -> (output: ArrayND, final: [Oracle.RecurrentState]) {
        let initial = (0..<test.layers).map {
            Oracle.RecurrentState(h: arrays["h0"]!.part($0), c: arrays["c0"]?.part($0))
        }
        let layers = (0..<test.layers).map {
            Oracle.RecurrentLayer(test.kind, Oracle.RecurrentWeights(arrays, layer: $0))
        }
        return Oracle.stack(arrays["input"]!, initial, layers)
    }

    static func loss(_ test: Case, _ arrays: [String: ArrayND]) -> Double {
        let (output, final) = run(test, arrays)
        var loss = output.dot(arrays["weight_of_output"]!)
        loss += ArrayND.stack(final.map(\.h)).dot(arrays["weight_of_hn"]!)
        if test.kind == .lstm { loss += ArrayND.stack(final.map { $0.c! }).dot(arrays["weight_of_cn"]!) }
        return loss
    }

    @Test(arguments: small + wide)
    func forward(_ test: Case) throws {
        let fixture = try Fixture.load(test.fixture)
        let (output, final) = Self.run(test, fixture.arrays)
        #expect(try output.shape == fixture["output"].shape)
        expectMatch(output.values, try fixture["output"].values, "output", tolerance: fixture.tolerance(of: "output"))
        func expectState(_ states: [ArrayND], _ name: String) throws {
            expectMatch(
                ArrayND.stack(states).values, try fixture[name].values, name, tolerance: fixture.tolerance(of: name))
        }
        try expectState(final.map(\.h), "hn")
        if test.kind == .lstm { try expectState(final.map { $0.c! }, "cn") }
        expectMatch([Self.loss(test, fixture.arrays)], [try fixture["loss"].scalar], "loss")
    }

    @Test(arguments: small)
    func gradients(_ test: Case) throws {
        let fixture = try Fixture.load(test.fixture)
        let names = fixture.differentiated
        #expect(
            names.count == (test.kind == .lstm ? 3 : 2) + test.layers
                * ([.gru, .gruResetBefore].contains(test.kind) ? 4 : 3))
        let gradients = centralDifferences(at: fixture.arrays, names: names) { Self.loss(test, $0) }
        for name in names {
            expectMatch(gradients[name]!.values, try fixture.gradient(of: name).values, "gradient of \(name)")
        }
    }

    /// All elements would take minutes; about forty of each tensor, spread evenly, reach every gate.
    @Test(arguments: wide)
    func sampledGradients(_ test: Case) throws {
        let fixture = try Fixture.load(test.fixture)
        for name in fixture.differentiated {
            var arrays = fixture.arrays
            let (point, expected) = (try fixture[name], try fixture.gradient(of: name).values)
            let indices = Array(stride(from: 3, to: point.count, by: max(7, point.count / 40)))
            let sampled = centralDifferences(at: point.values, indices: indices) {
                arrays[name] = ArrayND(shape: point.shape, values: $0)
                return Self.loss(test, arrays)
            }
            expectMatch(sampled, indices.map { expected[$0] }, "gradient of \(name)", tolerance: 2e-7)
        }
    }

    @Test(arguments: small)
    func twoWindowsWithCarriedStateAreOneLongWindow(_ test: Case) throws {
        let arrays = try Fixture.load(test.fixture).arrays
        let whole = Self.run(test, arrays)
        var (first, second) = (arrays, arrays)
        first["input"] = arrays["input"]!.parts(0..<2)
        second["input"] = arrays["input"]!.parts(2..<arrays["input"]!.shape[0])
        let start = Self.run(test, first)
        second["h0"] = .stack(start.final.map(\.h))
        if test.kind == .lstm { second["c0"] = .stack(start.final.map { $0.c! }) }
        let end = Self.run(test, second)
        #expect(start.output.values + end.output.values == whole.output.values)
        #expect(end.final.map(\.h) == whole.final.map(\.h))
    }
}
