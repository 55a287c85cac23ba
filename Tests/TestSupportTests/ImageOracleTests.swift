import TestSupport
import Testing

/// The oracles of layers on images against PyTorch.
@Suite struct ImageOracleTests {
    /// Values, and the gradients of what has one against central differences.
    func expect(
        _ fixture: Fixture, prefix: String = "", upstream: String, names: [String],
        _ oracle: @escaping ([String: ArrayND]) -> ArrayND
    ) throws {
        let arrays = try fixture.arrays(named: names), y = oracle(arrays), weights = try fixture[upstream]
        #expect(y.shape == weights.shape)
        expectMatch(
            y.values, try fixture[prefix + "output"].values, "\(fixture.name) \(prefix)output",
            tolerance: fixture.tolerance(of: prefix + "output"))
        let gradients = centralDifferences(at: arrays) { oracle($0).dot(weights) }
        for name in names {
            let key = "\(prefix)\(name).grad"
            expectMatch(
                gradients[name]!.values, try fixture[key].values, "\(fixture.name) \(key)",
                tolerance: fixture.tolerance(of: key))
        }
    }

    @Test func convolutions() throws {
        let settings = ConvolutionSettings(stride: (2, 1), padding: (1, 1), dilation: (1, 2))
        try expect(
            Fixture.load("convolution"), upstream: "weight_of_output", names: ["input", "weight", "bias"]
        ) { Oracle.convolution($0["input"]!, weight: $0["weight"]!, bias: $0["bias"]!, settings) }
        let transposed = ConvolutionSettings(
            stride: (2, 1), padding: (1, 1), dilation: (1, 2), outputPadding: (1, 0))
        try expect(
            Fixture.load("transposed_convolution"), upstream: "weight_of_output", names: ["input", "weight", "bias"]
        ) { Oracle.transposedConvolution($0["input"]!, weight: $0["weight"]!, bias: $0["bias"]!, transposed) }
    }

    @Test func batchNormalization() throws {
        let fixture = try Fixture.load("batch_normalization"), names = ["input", "weight", "bias"]
        let mean = try fixture["running_mean.after"].values, variance = try fixture["running_var.after"].values
        try expect(fixture, prefix: "training.", upstream: "weight_of_output", names: names) {
            Oracle.batchNormalization($0["input"]!, weight: $0["weight"]!, bias: $0["bias"]!, epsilon: 1e-5)
        }
        try expect(fixture, prefix: "inference.", upstream: "weight_of_output", names: names) {
            Oracle.batchNormalization(
                $0["input"]!, weight: $0["weight"]!, bias: $0["bias"]!, epsilon: 1e-5, mean: mean, variance: variance)
        }
    }

    @Test func groupNormalization() throws {
        try expect(
            Fixture.load("group_normalization"), upstream: "weight_of_output", names: ["input", "weight", "bias"]
        ) {
            Oracle.groupNormalization(
                $0["input"]!, groups: 3, weight: $0["weight"]!, bias: $0["bias"]!, epsilon: 1e-5)
        }
    }

    @Test func pooling() throws {
        typealias Pool = (ArrayND, (Int, Int), (Int, Int), (Int, Int)) -> ArrayND
        let fixture = try Fixture.load("pooling")
        for (kind, pool) in [("max", Oracle.maxPool as Pool), ("average", Oracle.averagePool as Pool)] {
            for (key, kernel, stride, padding) in [
                ("2", (2, 2), (2, 2), (0, 0)), ("3_2_1", (3, 3), (2, 2), (1, 1)), ("uneven", (2, 3), (1, 2), (1, 0)),
            ] {
                let prefix = "\(kind)_\(key)."
                try expect(fixture, prefix: prefix, upstream: "\(prefix)weight_of_output", names: ["input"]) {
                    pool($0["input"]!, kernel, stride, padding)
                }
            }
        }
    }

    @Test func resampling() throws {
        typealias Resample = (ArrayND, Int, Int) -> ArrayND
        let fixture = try Fixture.load("resampling")
        for (kind, resample) in [("nearest", Oracle.nearest as Resample), ("bilinear", Oracle.bilinear as Resample)] {
            for (key, height, width) in [("2", 8, 6), ("7x5", 7, 5), ("2x9", 2, 9)] {
                let prefix = "\(kind)_\(key)."
                try expect(fixture, prefix: prefix, upstream: "\(prefix)weight_of_output", names: ["input"]) {
                    resample($0["input"]!, height, width)
                }
            }
        }
    }
}
