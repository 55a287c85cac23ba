import TestSupport
import Testing

/// Elementwise functions, losses, dense layer and embedding against PyTorch, and matrix products against their sums.
@Suite struct FunctionOracleTests {
    static let functions: [(name: String, function: @Sendable (Double) -> Double)] = [
        ("tanh", Oracle.tanh), ("sigmoid", Oracle.sigmoid), ("relu", Oracle.relu),
        ("leaky_relu", { Oracle.leakyReLU($0, slope: 0.01) }), ("gelu", Oracle.gelu), ("gelu_tanh", Oracle.geluTanh),
    ]

    @Test func activationsElementByElement() throws {
        let fixture = try Fixture.load("activations")
        let (x, upstream) = (try fixture["input"].values, try fixture["weight_of_output"].values)
        for (name, function) in Self.functions {
            let expected = try fixture["\(name).output"].values
            let gradient = try fixture["\(name).input.grad"].values
            for index in x.indices {
                let y = function(x[index])
                // Relative for each element, because the tails are where a formula loses its digits; the stored numbers
                // have ten. The formula of GELU with tanh cancels on the left, hence the floor.
                let floor = name == "gelu_tanh" ? 1e-15 * abs(x[index]) : 0
                #expect(abs(y - expected[index]) <= 1e-9 * abs(expected[index]) + floor, "\(name)(\(x[index]))")
                let slope = centralDifferences(at: [x[index]]) { function($0[0]) * upstream[index] }
                #expect(abs(slope[0] - gradient[index]) <= 1e-10, "slope of \(name) at \(x[index])")
            }
        }
    }

    @Test func crossEntropy() throws {
        let fixture = try Fixture.load("cross_entropy")
        let (logits, targets) = (try fixture["logits"], try fixture["targets"].integers)
        expectMatch(Oracle.logSoftmax(logits).values, try fixture["log_softmax"].values, "log softmax")
        expectMatch([Oracle.crossEntropy(logits, targets: targets)], [try fixture["loss"].scalar], "loss")
        let gradient = centralDifferences(at: logits.values) {
            Oracle.crossEntropy(ArrayND(shape: logits.shape, values: $0), targets: targets)
        }
        expectMatch(gradient, try fixture.gradient(of: "logits").values, "gradient of logits")
    }

    @Test func meanSquaredError() throws {
        let fixture = try Fixture.load("mean_squared_error")
        let (prediction, target) = (try fixture["prediction"], try fixture["target"])
        expectMatch([Oracle.meanSquaredError(prediction, target)], [try fixture["loss"].scalar], "loss")
        let gradient = centralDifferences(at: prediction.values) {
            Oracle.meanSquaredError(ArrayND(shape: prediction.shape, values: $0), target)
        }
        expectMatch(gradient, try fixture.gradient(of: "prediction").values, "gradient of prediction")
    }

    @Test func meanAbsoluteError() throws {
        let fixture = try Fixture.load("mean_absolute_error")
        let (prediction, target) = (try fixture["prediction"], try fixture["target"])
        expectMatch([Oracle.meanAbsoluteError(prediction, target)], [try fixture["loss"].scalar], "loss")
        let gradient = centralDifferences(at: prediction.values) {
            Oracle.meanAbsoluteError(ArrayND(shape: prediction.shape, values: $0), target)
        }
        expectMatch(gradient, try fixture.gradient(of: "prediction").values, "gradient of prediction")
    }

    @Test func binaryCrossEntropy() throws {
        let fixture = try Fixture.load("binary_cross_entropy")
        let (logits, targets) = (try fixture["logits"], try fixture["targets"]), columns = Double(logits.shape[1])
        expectMatch([Oracle.binaryCrossEntropy(logits, targets) * columns], [try fixture["loss"].scalar], "loss")
        let gradient = centralDifferences(at: logits.values) {
            Oracle.binaryCrossEntropy(ArrayND(shape: logits.shape, values: $0), targets) * columns
        }
        expectMatch(gradient, try fixture.gradient(of: "logits").values, "gradient of logits")
    }

    @Test func gaussianDivergence() throws {
        let fixture = try Fixture.load("gaussian_divergence")
        func loss(_ arrays: [String: ArrayND]) -> Double {
            Oracle.gaussianDivergences(mean: arrays["mean"]!, logVariance: arrays["log_variance"]!).reduce(0, +)
        }
        expectMatch([loss(fixture.arrays)], [try fixture["loss"].scalar], "loss")
        let gradients = centralDifferences(at: fixture.arrays, names: ["log_variance", "mean"], of: loss)
        for name in gradients.keys.sorted() {
            expectMatch(gradients[name]!.values, try fixture.gradient(of: name).values, "gradient of \(name)")
        }
    }

    @Test func dense() throws {
        let fixture = try Fixture.load("dense")
        func output(_ arrays: [String: ArrayND]) -> ArrayND {
            Oracle.dense(arrays["input"]!, weight: arrays["weight"]!, bias: arrays["bias"])
        }
        #expect(try output(fixture.arrays).shape == fixture["output"].shape)
        expectMatch(output(fixture.arrays).values, try fixture["output"].values, "output")
        let names = ["bias", "input", "weight"]
        #expect(fixture.differentiated == names)
        let gradients = centralDifferences(at: fixture.arrays, names: names) {
            output($0).dot($0["weight_of_output"]!)
        }
        for name in names {
            expectMatch(gradients[name]!.values, try fixture.gradient(of: name).values, "gradient of \(name)")
        }
    }

    @Test func embeddingIsOneHotTimesTable() throws {
        let fixture = try Fixture.load("embedding")
        let (ids, weight) = (try fixture["ids"], try fixture["weight"])
        let output = Oracle.embedding(ids.integers, shape: ids.shape, weight: weight)
        #expect(try output == fixture["output"])
        let rows = Oracle.oneHot(ids.integers, classes: weight.shape[0])
        #expect(Oracle.matrixProduct(rows, weight).values == output.values)
        let gradient = centralDifferences(at: weight.values) {
            Oracle.embedding(ids.integers, shape: ids.shape, weight: ArrayND(shape: weight.shape, values: $0))
                .values.enumerated().reduce(0) {
                    $0 + $1.element * fixture.arrays["weight_of_output"]!.values[$1.offset]
                }
        }
        expectMatch(gradient, try fixture.gradient(of: "weight").values, "gradient of weight")
    }

    @Test func matrixProductInAllTransposeForms() {
        let a = ArrayND(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
        let b = ArrayND(shape: [3, 4], values: [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
        let product: [Double] = [74, 80, 86, 92, 173, 188, 203, 218]
        func transposed(_ x: ArrayND) -> ArrayND {
            let (rows, columns) = (x.shape[0], x.shape[1])
            return ArrayND(shape: [columns, rows], values: (0..<x.count).map { x[$0 % rows, $0 / rows] })
        }
        for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
            let result = Oracle.matrixProduct(
                transposeA ? transposed(a) : a, transposeB ? transposed(b) : b,
                transposeA: transposeA, transposeB: transposeB)
            #expect(result == ArrayND(shape: [2, 4], values: product))
        }
    }

    @Test func bothFormsOfDropoutKeepTheExpectation() {
        let x = ArrayND(shape: [2, 3], values: [1, 2, 3, -4, 5, 6])
        let mask = ArrayND(shape: [2, 3], values: [1, 0, 1, 1, 1, 0])
        #expect(Oracle.dropout(x, mask: mask, keepProbability: 0.5).values == [2, 0, 6, -8, 10, 0])
        #expect(Oracle.dropoutAtInference(x, keepProbability: 0.5) == x)
        let kept = Oracle.dropout(x, mask: mask, keepProbability: 0.5, form: .scaledAtInference)
        #expect(kept.values == [1, 0, 3, -4, 5, 0])
        let inference = Oracle.dropoutAtInference(x, keepProbability: 0.5, form: .scaledAtInference)
        #expect(inference.values == [0.5, 1, 1.5, -2, 2.5, 3])
    }
}
