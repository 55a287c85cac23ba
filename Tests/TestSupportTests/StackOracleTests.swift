import TestSupport
import Testing

/// rnn with projection, gru, lstm and a dense head, with given dropout masks: the oracle's stack against PyTorch.
@Suite struct StackOracleTests {
    static func loss(_ arrays: [String: ArrayND]) -> (Double, output: ArrayND) {
        let keep = arrays["keep"]!.scalar
        func layer(_ index: Int, _ kind: Oracle.RecurrentKind) -> Oracle.RecurrentLayer {
            let weights = Oracle.RecurrentWeights(arrays, prefix: "layers.\(index).cell.")
            return Oracle.RecurrentLayer(kind, weights, dropout: (arrays["mask_\(index)"]!, keep))
        }
        var layers = [layer(0, .rnn), layer(1, .gru), layer(2, .lstm)]
        layers[0].projection = (arrays["layers.0.projection.weight"]!, arrays["layers.0.projection.bias"]!)
        let initial = (0..<3).map {
            Oracle.RecurrentState(h: arrays["h0_l\($0)"]!.part(0), c: arrays["c0_l\($0)"]?.part(0))
        }
        let (top, final) = Oracle.stack(arrays["input"]!, initial, layers)
        let output = Oracle.dense(top, weight: arrays["head.weight"]!, bias: arrays["head.bias"])
        var loss = output.dot(arrays["weight_of_output"]!)
        for (index, state) in final.enumerated() {
            loss += state.h.dot(arrays["weight_of_hn_l\(index)"]!.part(0))
        }
        loss += final[2].c!.dot(arrays["weight_of_cn_l2"]!.part(0))
        return (loss, output)
    }

    @Test func forward() throws {
        let fixture = try Fixture.load("stack")
        let (loss, output) = Self.loss(fixture.arrays)
        expectMatch(output.values, try fixture["output"].values, "output")
        expectMatch([loss], [try fixture["loss"].scalar], "loss")
    }

    @Test func gradients() throws {
        let fixture = try Fixture.load("stack")
        let names = fixture.differentiated
        #expect(names.count == 19)
        let gradients = centralDifferences(at: fixture.arrays, names: names) { Self.loss($0).0 }
        for name in names {
            expectMatch(gradients[name]!.values, try fixture.gradient(of: name).values, "gradient of \(name)")
        }
    }
}
